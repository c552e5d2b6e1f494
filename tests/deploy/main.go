// What is in the folder deploy. The chart as Helm sees it: linted, rendered with many values, and every object read by
// Kubernetes' own types, which know no field that is not theirs. The compose file as processes: the same commands with
// the same variables. Exit status 0 only if nothing failed.
package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/lint"
	"helm.sh/helm/v3/pkg/lint/support"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	"sigs.k8s.io/yaml"

	apps "k8s.io/api/apps/v1"
	autoscaling "k8s.io/api/autoscaling/v2"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
)

// objects are what a release consists of, by kind.
type objects map[string][]runtime.Object

type release struct {
	objects objects
	notes   string
}

type test struct {
	name   string
	values string
	// refused is part of what Helm says; empty when the values are good.
	refused string
	check   func(release) error
}

var failed, passed int

func main() {
	if len(os.Args) != 3 {
		fmt.Println("usage: suite REPOSITORY PROGRAM")
		os.Exit(2)
	}
	root, program := os.Args[1], os.Args[2]
	folder := filepath.Join(root, "deploy/helm/burgee")
	settings, err := os.ReadFile(filepath.Join(root, "docs/settings.md"))
	if err != nil {
		fmt.Println(err)
		os.Exit(2)
	}
	for _, one := range tests() {
		report(one.name, run(folder, string(settings), one))
	}
	report("the version is that of the program", version(folder))
	report("the compose file makes two nodes that share flags", compose(filepath.Join(root, "deploy/compose.yaml"), program, string(settings)))
	fmt.Printf("%d passed, %d failed\n", passed, failed)
	if failed > 0 || passed == 0 {
		os.Exit(1)
	}
}

func report(name string, err error) {
	if err != nil {
		failed++
		fmt.Printf("FAILED %s: %v\n", name, err)
		return
	}
	passed++
	fmt.Printf("ok     %s\n", name)
}

func run(folder, settings string, one test) error {
	values := map[string]interface{}{}
	if err := yaml.Unmarshal([]byte(one.values), &values); err != nil {
		return err
	}
	made, err := render(folder, values)
	if one.refused != "" {
		if err == nil || !strings.Contains(err.Error(), one.refused) {
			return fmt.Errorf("not refused with %q: %v", one.refused, err)
		}
		return nil
	}
	if err != nil {
		return err
	}
	if err := linted(folder, values); err != nil {
		return err
	}
	if err := known(made, settings); err != nil {
		return err
	}
	return one.check(made)
}

// linted is what `helm lint --strict` says.
func linted(folder string, values map[string]interface{}) error {
	linter := lint.All(folder, values, "flags", true)
	for _, message := range linter.Messages {
		// A chart need not have a picture.
		if message.Severity >= support.WarningSev {
			return fmt.Errorf("lint: %s", message)
		}
	}
	return nil
}

func render(folder string, values map[string]interface{}) (release, error) {
	made := release{objects: objects{}}
	it, err := loader.Load(folder)
	if err != nil {
		return made, err
	}
	options := chartutil.ReleaseOptions{Name: "flags", Namespace: "flags", IsInstall: true}
	all, err := chartutil.ToRenderValues(it, values, options, chartutil.DefaultCapabilities)
	if err != nil {
		return made, err
	}
	files, err := engine.Render(it, all)
	if err != nil {
		return made, err
	}
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		if strings.HasSuffix(name, "NOTES.txt") {
			made.notes = files[name]
			continue
		}
		for _, text := range regexp.MustCompile(`(?m)^---\s*$`).Split(files[name], -1) {
			if err := made.objects.add(name, text); err != nil {
				return made, err
			}
		}
	}
	return made, nil
}

var decoder = newDecoder()

func newDecoder() runtime.Decoder {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		apps.AddToScheme, autoscaling.AddToScheme, core.AddToScheme, networking.AddToScheme, policy.AddToScheme,
		addMonitors,
	} {
		if err := add(scheme); err != nil {
			panic(err)
		}
	}
	options := json.SerializerOptions{Yaml: true, Strict: true}
	return json.NewSerializerWithOptions(json.DefaultMetaFactory, scheme, scheme, options)
}

func (o objects) add(name, text string) error {
	if len(bytes.TrimSpace([]byte(text))) == 0 {
		return nil
	}
	var kind *schema.GroupVersionKind
	object, kind, err := decoder.Decode([]byte(text), nil, nil)
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", filepath.Base(name), err, text)
	}
	o[kind.Kind] = append(o[kind.Kind], object)
	return nil
}

// known checks that every variable of ours is a setting of ours.
func known(made release, settings string) error {
	for _, variable := range made.pod().Containers[0].Env {
		if strings.HasPrefix(variable.Name, "BURGEE_") && !strings.Contains(settings, "`"+variable.Name+"`") {
			return fmt.Errorf("there is no setting %s", variable.Name)
		}
	}
	return nil
}

func (r release) deployment() *apps.Deployment {
	return r.objects["Deployment"][0].(*apps.Deployment)
}

func (r release) pod() core.PodSpec {
	return r.deployment().Spec.Template.Spec
}

func (r release) env(name string) *core.EnvVar {
	for _, variable := range r.pod().Containers[0].Env {
		if variable.Name == name {
			return &variable
		}
	}
	return nil
}

// kinds are the names of what there is, sorted.
func (r release) kinds() string {
	var kinds []string
	for kind, all := range r.objects {
		for range all {
			kinds = append(kinds, kind)
		}
	}
	sort.Strings(kinds)
	return strings.Join(kinds, " ")
}

// version compares with the Rust package, whose manifest is two folders above the chart's folder.
func version(folder string) error {
	it, err := loader.Load(folder)
	if err != nil {
		return err
	}
	manifest, err := os.ReadFile(filepath.Join(folder, "../../../Cargo.toml"))
	if err != nil {
		return err
	}
	return sameVersion(it, string(manifest))
}

func sameVersion(it *chart.Chart, manifest string) error {
	if !strings.Contains(manifest, fmt.Sprintf("\nversion = %q\n", it.Metadata.AppVersion)) {
		return fmt.Errorf("appVersion %s is not the package's", it.Metadata.AppVersion)
	}
	return nil
}
