// Adapter for the Go SDK; protocol: ../README.md, "Adapters".
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	unleash "github.com/Unleash/unleash-go-sdk/v6"
	"github.com/Unleash/unleash-go-sdk/v6/api"
	"github.com/Unleash/unleash-go-sdk/v6/context"
)

const sdkModule = "github.com/Unleash/unleash-go-sdk/v6"

type payload struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

type variant struct {
	Name    string   `json:"name"`
	Enabled bool     `json:"enabled"`
	Payload *payload `json:"payload"`
}

type batch struct {
	Context        contextFields `json:"context"`
	Flags          []string      `json:"flags"`
	Only           string        `json:"only"`
	Default        *bool         `json:"default"`
	DefaultVariant *variant      `json:"defaultVariant"`
}

type contextFields struct {
	UserID        string            `json:"userId"`
	SessionID     string            `json:"sessionId"`
	RemoteAddress string            `json:"remoteAddress"`
	CurrentTime   string            `json:"currentTime"`
	Properties    map[string]string `json:"properties"`
}

type request struct {
	Cmd         string  `json:"cmd"`
	URL         string  `json:"url"`
	Token       string  `json:"token"`
	AppName     string  `json:"appName"`
	InstanceID  string  `json:"instanceId"`
	Environment string  `json:"environment"`
	RefreshMs   int     `json:"refreshMs"`
	MetricsMs   int     `json:"metricsMs"`
	ReadyMs     int     `json:"readyMs"`
	WorkDir     string  `json:"workDir"`
	Mode        string  `json:"mode"`
	Batches     []batch `json:"batches"`
}

type answer struct {
	Enabled *bool    `json:"enabled,omitempty"`
	Variant *variant `json:"variant,omitempty"`
}

type impression struct {
	Flag string `json:"flag"`
	Type string `json:"type"`
}

// listener collects what the SDK tells its user.
type listener struct {
	unleash.NoopListener
	mu          sync.Mutex
	errors      []string
	impressions []impression
	isReady     bool
	ready       chan struct{}
}

func (l *listener) OnError(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.errors = append(l.errors, err.Error())
}

func (l *listener) OnWarning(err error) { l.OnError(err) }

func (l *listener) OnReady() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.isReady {
		l.isReady = true
		close(l.ready)
	}
}

func (l *listener) OnImpression(event unleash.ImpressionEvent) {
	l.mu.Lock()
	defer l.mu.Unlock()
	kind := "isEnabled"
	if event.EventType == unleash.ImpressionEventTypeGetVariant {
		kind = "getVariant"
	}
	l.impressions = append(l.impressions, impression{event.FeatureName, kind})
}

type adapter struct {
	client   *unleash.Client
	listener *listener
}

func (a *adapter) hello(request) (map[string]any, error) {
	version := "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, dep := range info.Deps {
			if dep.Path == sdkModule {
				version = strings.TrimPrefix(dep.Version, "v")
			}
		}
	}
	return map[string]any{"sdk": "unleash-go-sdk/v6", "version": version, "runtime": runtime.Version()}, nil
}

func (a *adapter) init(r request) (map[string]any, error) {
	a.listener = &listener{ready: make(chan struct{})}
	options := []unleash.ConfigOption{
		unleash.WithUrl(r.URL + "/"),
		unleash.WithAppName(r.AppName),
		unleash.WithInstanceId(r.InstanceID),
		unleash.WithEnvironment(r.Environment),
		unleash.WithCustomHeaders(http.Header{"Authorization": {r.Token}}),
		unleash.WithRefreshInterval(time.Duration(r.RefreshMs) * time.Millisecond),
		unleash.WithMetricsInterval(time.Duration(r.MetricsMs) * time.Millisecond),
		unleash.WithBackupPath(r.WorkDir),
		unleash.WithListener(a.listener),
	}
	if r.Mode != "" {
		options = append(options, unleash.WithExperimentalMode(map[string]string{"type": r.Mode}))
	}
	client, err := unleash.NewClient(options...)
	if err != nil {
		return nil, err
	}
	a.client = client
	select {
	case <-a.listener.ready:
	case <-time.After(time.Duration(r.ReadyMs) * time.Millisecond):
	}
	a.listener.mu.Lock()
	defer a.listener.mu.Unlock()
	return map[string]any{"ready": a.listener.isReady}, nil
}

func (a *adapter) evaluate(r request) (map[string]any, error) {
	results := make([][]answer, 0, len(r.Batches))
	for _, b := range r.Batches {
		row := make([]answer, 0, len(b.Flags))
		for _, flag := range b.Flags {
			row = append(row, a.evaluateOne(flag, b))
		}
		results = append(results, row)
	}
	return map[string]any{"results": results}, nil
}

func (a *adapter) evaluateOne(flag string, b batch) answer {
	ctx := context.Context{
		UserId:        b.Context.UserID,
		SessionId:     b.Context.SessionID,
		RemoteAddress: b.Context.RemoteAddress,
		CurrentTime:   b.Context.CurrentTime,
		Properties:    b.Context.Properties,
	}
	var result answer
	if b.Only != "variant" {
		enabled := a.client.IsEnabled(flag, unleash.FeatureOptions{Ctx: ctx, Fallback: b.Default})
		result.Enabled = &enabled
	}
	if b.Only != "enabled" {
		options := unleash.VariantOptions{Ctx: ctx}
		if b.DefaultVariant != nil {
			options.VariantFallback = &api.Variant{Name: b.DefaultVariant.Name, Enabled: b.DefaultVariant.Enabled}
		}
		got := a.client.GetVariant(flag, options)
		result.Variant = &variant{Name: got.Name, Enabled: got.Enabled}
		if got.Payload.Type != "" {
			result.Variant.Payload = &payload{got.Payload.Type, got.Payload.Value}
		}
	}
	return result
}

func (a *adapter) state(request) (map[string]any, error) {
	a.listener.mu.Lock()
	defer a.listener.mu.Unlock()
	reply := map[string]any{
		"ready":       a.listener.isReady,
		"errors":      append([]string{}, a.listener.errors...),
		"impressions": append([]impression{}, a.listener.impressions...),
	}
	a.listener.errors, a.listener.impressions = nil, nil
	return reply, nil
}

func (a *adapter) close(request) (map[string]any, error) {
	if a.client == nil {
		return map[string]any{}, nil
	}
	done := make(chan error, 1)
	go func() { done <- a.client.Close() }()
	select {
	case err := <-done:
		return map[string]any{}, err
	case <-time.After(3 * time.Second):
		return map[string]any{"note": "Close did not return within 3 s"}, nil
	}
}

func main() {
	a := &adapter{}
	commands := map[string]func(request) (map[string]any, error){
		"hello": a.hello, "init": a.init, "evaluate": a.evaluate, "state": a.state, "close": a.close,
	}
	input := bufio.NewReader(os.Stdin)
	output := json.NewEncoder(os.Stdout)
	output.SetEscapeHTML(false)
	for {
		line, err := input.ReadBytes('\n')
		if err != nil {
			return
		}
		var r request
		reply := map[string]any{}
		if err := json.Unmarshal(line, &r); err != nil {
			reply = map[string]any{"ok": false, "error": err.Error()}
		} else if command, known := commands[r.Cmd]; !known {
			reply = map[string]any{"ok": false, "error": fmt.Sprintf("unknown command %q", r.Cmd)}
		} else if fields, err := command(r); err != nil {
			reply = map[string]any{"ok": false, "error": err.Error()}
		} else {
			reply = fields
			reply["ok"] = true
		}
		if err := output.Encode(reply); err != nil {
			return
		}
		if r.Cmd == "close" {
			return
		}
	}
}
