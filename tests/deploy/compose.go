package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"sigs.k8s.io/yaml"
)

// project is what our compose file uses of the format; anything else in it is an error.
type project struct {
	Name        string             `json:"name"`
	Services    map[string]service `json:"services"`
	Secrets     map[string]source  `json:"secrets"`
	Volumes     map[string]*volume `json:"volumes"`
	Burgee      json.RawMessage    `json:"x-burgee"`
	Environment json.RawMessage    `json:"x-environment"`
}

type source struct {
	File string `json:"file"`
}

type volume struct{}

type service struct {
	Image           string               `json:"image"`
	Command         []string             `json:"command"`
	Restart         string               `json:"restart"`
	ReadOnly        bool                 `json:"read_only"`
	DependsOn       map[string]condition `json:"depends_on"`
	Secrets         []string             `json:"secrets"`
	StopGracePeriod string               `json:"stop_grace_period"`
	Environment     map[string]string    `json:"environment"`
	Ports           []string             `json:"ports"`
	Volumes         []string             `json:"volumes"`
	Healthcheck     *healthcheck         `json:"healthcheck"`
}

type condition struct {
	Condition string `json:"condition"`
}

type healthcheck struct {
	Test     []string `json:"test"`
	Interval string   `json:"interval"`
	Timeout  string   `json:"timeout"`
	Retries  int      `json:"retries"`
}

const (
	adminToken = "*:*.test-admin-token"
	patience   = 30 * time.Second
)

// compose starts what the file describes as processes on the loopback address: the same commands, the same variables.
// Only names of hosts, ports and folders are others.
func compose(file, program, settings string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var it project
	if err := yaml.UnmarshalStrict(text, &it); err != nil {
		return err
	}
	if err := it.consistent(filepath.Dir(file), settings); err != nil {
		return err
	}
	watched, err := scraped(filepath.Join(filepath.Dir(file), "prometheus.yaml"), it)
	if err != nil {
		return err
	}
	return it.run(program, watched)
}

// scraped is the path that Prometheus asks for, of targets that are our nodes.
func scraped(file string, p project) (string, error) {
	var config struct {
		Global struct {
			Interval string `json:"scrape_interval"`
		} `json:"global"`
		Jobs []struct {
			Name    string `json:"job_name"`
			Path    string `json:"metrics_path"`
			Configs []struct {
				Targets []string `json:"targets"`
			} `json:"static_configs"`
		} `json:"scrape_configs"`
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	if err := yaml.UnmarshalStrict(text, &config); err != nil {
		return "", err
	}
	job := config.Jobs[0]
	for _, target := range job.Configs[0].Targets {
		name, port, _ := strings.Cut(target, ":")
		if _, known := p.Services[name]; !known || port != "4242" {
			return "", fmt.Errorf("%s is no node", target)
		}
	}
	return job.Path, want("targets", len(job.Configs[0].Targets), 2)
}

// consistent checks that everything that is named is there, and every variable of ours a setting of ours.
func (p project) consistent(folder, settings string) error {
	for name, one := range p.Services {
		for other, when := range one.DependsOn {
			if p.Services[other].Healthcheck == nil || when.Condition != "service_healthy" {
				return fmt.Errorf("%s depends on %s, which does not say when it is healthy", name, other)
			}
		}
		for _, secret := range one.Secrets {
			if p.Secrets[secret].File == "" {
				return fmt.Errorf("there is no secret %s", secret)
			}
		}
		for _, mount := range one.Volumes {
			from := strings.Split(mount, ":")[0]
			if _, known := p.Volumes[from]; known {
				continue
			}
			if _, err := os.Stat(filepath.Join(folder, from)); !strings.HasPrefix(from, "./") || err != nil {
				return fmt.Errorf("there is no volume and no file %s", mount)
			}
		}
		for variable := range one.Environment {
			if !strings.Contains(settings, "`"+strings.TrimSuffix(variable, "_FILE")+"`") {
				return fmt.Errorf("there is no setting %s", variable)
			}
		}
	}
	return nil
}

// processes are stopped in the end, whatever happened.
type processes struct {
	all    []*exec.Cmd
	output bytes.Buffer
}

func (p *processes) start(folder string, environment []string, name string, arguments ...string) error {
	command := exec.Command(name, arguments...)
	command.Dir = folder
	command.Env = environment
	command.Stdout, command.Stderr = io.Discard, io.Discard
	log, err := os.Create(filepath.Join(folder, fmt.Sprintf("%d.log", len(p.all))))
	if err == nil {
		command.Stdout, command.Stderr = log, log
	}
	if err := command.Start(); err != nil {
		return err
	}
	p.all = append(p.all, command)
	return nil
}

func (p *processes) stop() {
	for _, command := range p.all {
		_ = command.Process.Signal(syscall.SIGTERM)
	}
	for _, command := range p.all {
		ended := time.AfterFunc(10*time.Second, func() { _ = command.Process.Kill() })
		_ = command.Wait()
		ended.Stop()
	}
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

func (p project) run(program, watched string) (err error) {
	folder, err := os.MkdirTemp("", "compose-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	running := &processes{}
	defer func() {
		running.stop()
		if err != nil {
			err = fmt.Errorf("%w\n%s", err, logs(folder))
		}
	}()
	redis, err := freePort()
	if err != nil {
		return err
	}
	if err := p.startRedis(running, folder, redis); err != nil {
		return err
	}
	token := filepath.Join(folder, "admin-token")
	if err := os.WriteFile(token, []byte(adminToken+"\n"), 0o600); err != nil {
		return err
	}
	var nodes []string
	for _, name := range []string{"node-1", "node-2"} {
		url, err := p.startNode(running, name, program, folder, redis)
		if err != nil {
			return err
		}
		nodes = append(nodes, url)
	}
	for _, node := range nodes {
		numbers, err := ask("GET", node+watched, nil, 200)
		if err != nil {
			return err
		}
		if !strings.Contains(numbers, "# TYPE ") {
			return fmt.Errorf("%s%s answers no numbers: %s", node, watched, numbers)
		}
	}
	return served(nodes)
}

func (p project) startRedis(running *processes, folder string, port int) error {
	command := p.Services["redis"].Command
	if len(command) == 0 {
		return fmt.Errorf("redis has no command")
	}
	own := []string{"--port", fmt.Sprint(port), "--bind", "127.0.0.1", "--dir", folder}
	if err := running.start(folder, os.Environ(), command[0], append(command[1:], own...)...); err != nil {
		return err
	}
	check := p.Services["redis"].Healthcheck.Test[1:]
	check = append([]string{check[0], "-p", fmt.Sprint(port)}, check[1:]...)
	return eventually("redis is healthy", func() error {
		said, err := exec.Command(check[0], check[1:]...).Output()
		if err == nil && !strings.Contains(string(said), "PONG") {
			return fmt.Errorf("it says %s", said)
		}
		return err
	})
}

func (p project) startNode(running *processes, name, program, folder string, redis int) (string, error) {
	port, err := freePort()
	if err != nil {
		return "", err
	}
	data := filepath.Join(folder, name)
	if err := os.Mkdir(data, 0o700); err != nil {
		return "", err
	}
	here := strings.NewReplacer(
		"redis:6379", fmt.Sprintf("127.0.0.1:%d", redis), "/run/secrets/", folder+"/", "/data", data,
	)
	environment := []string{"BURGEE_HOST=127.0.0.1", fmt.Sprintf("BURGEE_PORT=%d", port)}
	for variable, value := range p.Services[name].Environment {
		environment = append(environment, variable+"="+here.Replace(value))
	}
	if err := running.start(data, environment, program); err != nil {
		return "", err
	}
	url := fmt.Sprintf("http://127.0.0.1:%d", port)
	return url, eventually(name+" is healthy", func() error {
		return exec.Command(program, "healthcheck", "--url", url).Run()
	})
}

// served is an error unless what is changed on one node is seen on the other.
func served(nodes []string) error {
	for index, node := range nodes {
		name := fmt.Sprintf("flag-%d", index)
		body := strings.NewReader(fmt.Sprintf(`{"name":%q}`, name))
		if _, err := ask("POST", node+"/api/admin/projects/default/features", body, 201); err != nil {
			return err
		}
		for _, other := range nodes {
			seen := func() error {
				_, err := ask("GET", other+"/api/admin/projects/default/features/"+name, nil, 200)
				return err
			}
			if err := eventually("both nodes know "+name, seen); err != nil {
				return err
			}
		}
	}
	return nil
}

func ask(method, url string, body io.Reader, wanted int) (string, error) {
	end, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	request, err := http.NewRequestWithContext(end, method, url, body)
	if err != nil {
		return "", err
	}
	request.Header.Set("Authorization", adminToken)
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	said, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != wanted {
		err = fmt.Errorf("%s %s: %d %s", method, url, answer.StatusCode, said)
	}
	return string(said), err
}

func eventually(what string, check func() error) error {
	end := time.Now().Add(patience)
	for {
		err := check()
		if err == nil {
			return nil
		}
		if time.Now().After(end) {
			return fmt.Errorf("not true within %s: %s: %w", patience, what, err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func logs(folder string) string {
	var all strings.Builder
	files, _ := filepath.Glob(filepath.Join(folder, "*.log"))
	more, _ := filepath.Glob(filepath.Join(folder, "*", "*.log"))
	for _, file := range append(files, more...) {
		text, _ := os.ReadFile(file)
		fmt.Fprintf(&all, "%s:\n%s\n", filepath.Base(file), text)
	}
	return all.String()
}
