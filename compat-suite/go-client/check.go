package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"sort"
)

// Counts what went well and what did not.
type report struct {
	passed, failed int
}

func (r *report) check(what string, good bool, details string) bool {
	if good {
		r.passed++
		return true
	}
	r.failed++
	fmt.Printf("FAILED %s: %s\n", what, details)
	return false
}

// The answer to a call must have this status, and the client must have understood it.
func (r *report) answered(what string, status int, answer *http.Response, err error) bool {
	if err != nil {
		return r.check(what, false, err.Error())
	}
	if answer == nil {
		return r.check(what, false, "no answer")
	}
	return r.check(what, answer.StatusCode == status, fmt.Sprintf("status %d instead of %d", answer.StatusCode, status))
}

// Something that is gone must be told so: the client calls that an error.
func (r *report) gone(what string, answer *http.Response) {
	status := 0
	if answer != nil {
		status = answer.StatusCode
	}
	r.check(what+" is gone", status == 404, fmt.Sprintf("status %d instead of 404", status))
}

// Everything written must be read back: members the server adds are passed over, lists are compared as sets.
func (r *report) same(what string, written, read any) {
	w, r1 := plain(written), plain(read)
	if difference := missing(w, r1, ""); difference != "" {
		r.check(what+" is read back", false, difference)
		return
	}
	r.check(what+" is read back", true, "")
}

func plain(value any) any {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	var result any
	if err := json.Unmarshal(text, &result); err != nil {
		panic(err)
	}
	return result
}

func missing(written, read any, place string) string {
	switch w := written.(type) {
	case map[string]any:
		r, ok := read.(map[string]any)
		if !ok {
			return fmt.Sprintf("%s: written %v, read %v", place, written, read)
		}
		for name, value := range w {
			if difference := missing(value, r[name], place+"."+name); difference != "" {
				return difference
			}
		}
		return ""
	case []any:
		r, ok := read.([]any)
		if !ok || len(r) != len(w) {
			return fmt.Sprintf("%s: written %v, read %v", place, written, read)
		}
		w, r = sorted(w), sorted(r)
		for i := range w {
			if difference := missing(w[i], r[i], fmt.Sprintf("%s[%d]", place, i)); difference != "" {
				return difference
			}
		}
		return ""
	default:
		if reflect.DeepEqual(written, read) {
			return ""
		}
		return fmt.Sprintf("%s: written %v, read %v", place, written, read)
	}
}

// By name or number where elements have one, else by their text.
func sorted(list []any) []any {
	key := func(element any) string {
		if members, ok := element.(map[string]any); ok {
			for _, name := range []string{"name", "value", "id"} {
				if value, ok := members[name]; ok {
					return fmt.Sprint(value, members["environment"])
				}
			}
		}
		return fmt.Sprint(element)
	}
	copied := append([]any(nil), list...)
	sort.SliceStable(copied, func(i, j int) bool { return key(copied[i]) < key(copied[j]) })
	return copied
}

// A call the generated client does not have. The answer is decoded into `into` unless that is nil.
func raw(method, url, token string, body, into any) (int, error) {
	var reader io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return 0, err
		}
		reader = bytes.NewReader(text)
	}
	request, err := http.NewRequest(method, url, reader)
	if err != nil {
		return 0, err
	}
	request.Header.Set("authorization", token)
	request.Header.Set("content-type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, err
	}
	if into != nil && answer.StatusCode < 300 {
		err = json.Unmarshal(text, into)
	}
	return answer.StatusCode, err
}
