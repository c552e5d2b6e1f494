package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	apps "k8s.io/api/apps/v1"
	autoscaling "k8s.io/api/autoscaling/v2"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
)

// want is an error unless what was found is what is wanted.
func want(what string, found, wanted interface{}) error {
	if fmt.Sprint(found) != fmt.Sprint(wanted) {
		return fmt.Errorf("%s: %v, not %v", what, found, wanted)
	}
	return nil
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// carriedOver is a values file as somebody who runs Unleash has it, with Redis added.
func carriedOver() string {
	values, err := os.ReadFile(filepath.Join("testdata", "carried-over.yaml"))
	if err != nil {
		panic(err)
	}
	return string(values)
}

func tests() []test {
	return []test{
		{name: "one pod keeps flags in a volume", check: single},
		{name: "a volume that is there is used", values: "persistence: {existingClaim: mine}", check: func(r release) error {
			claim := r.pod().Volumes[0].PersistentVolumeClaim
			return first(want("kinds", r.kinds(), "Deployment Service ServiceAccount"), want("claim", claim.ClaimName, "mine"))
		}},
		{name: "without a volume it says that flags are lost", values: "persistence: {enabled: false}", check: func(r release) error {
			if !contains(r.notes, "FLAGS ARE LOST") {
				return fmt.Errorf("the notes do not say so: %s", r.notes)
			}
			return want("emptyDir", r.pod().Volumes[0].EmptyDir != nil, true)
		}},
		{name: "several pods need a Redis", values: "replicaCount: 2", refused: "several pods need a Redis"},
		{name: "scaling needs a Redis", values: "autoscaling: {enabled: true}", refused: "several pods need a Redis"},
		{name: "one place for the address", values: "redis: {url: 'redis://a', existingSecret: {name: b}}", refused: "give one of them"},
		{name: "several pods share a Redis", values: "{replicaCount: 3, redis: {url: 'redis://redis:6379'}}", check: shared},
		{name: "the address comes from a secret, the certificate too", values: secretRedis, check: withSecrets},
		{name: "values of the chart of Unleash are carried over", values: carriedOver(), check: unleash},
		{name: "pods are scaled and not all taken at once", values: scaled, check: scales},
		{name: "Prometheus finds the numbers", values: "serviceMonitor: {enabled: true, extraLabels: {team: platform}}", check: monitored},
		{name: "the budget of the chart of Edge", values: "pdb: {enabled: true, minAvailable: 1}", check: func(r release) error {
			budget := r.objects["PodDisruptionBudget"][0].(*policy.PodDisruptionBudget)
			return first(want("minAvailable", budget.Spec.MinAvailable, 1), want("maxUnavailable", budget.Spec.MaxUnavailable == nil, true))
		}},
		{name: "names are kept short and can be chosen", values: "{fullnameOverride: a-name-that-is-much-longer-than-the-sixty-three-letters-kubernetes-takes, service: {type: NodePort, nodePort: 30042}}", check: func(r release) error {
			service := r.objects["Service"][0].(*core.Service)
			return first(want("length", len(service.Name) <= 63, true), want("node port", service.Spec.Ports[0].NodePort, 30042))
		}},
	}
}

func single(r release) error {
	spec := r.deployment().Spec
	container := r.pod().Containers[0]
	service := r.objects["Service"][0].(*core.Service)
	return first(
		want("kinds", r.kinds(), "Deployment PersistentVolumeClaim Service ServiceAccount"),
		want("replicas", *spec.Replicas, 1),
		want("strategy", spec.Strategy.Type, apps.RecreateDeploymentStrategyType),
		want("image", container.Image, "burgee:0.1.0"),
		want("port", container.Ports[0].ContainerPort, 4242),
		want("folder", r.env("BURGEE_DATA_DIR").Value, "/data"),
		want("read-only", *container.SecurityContext.ReadOnlyRootFilesystem, true),
		want("not root", *r.pod().SecurityContext.RunAsNonRoot, true),
		want("liveness", container.LivenessProbe.HTTPGet.Path, "/health"),
		want("readiness", container.ReadinessProbe.HTTPGet.Path, "/ready"),
		want("start", container.StartupProbe.FailureThreshold, 60),
		want("service", service.Spec.Ports[0].Port, 4242),
		want("selector", service.Spec.Selector, spec.Selector.MatchLabels),
		want("claim", r.objects["PersistentVolumeClaim"][0].(*core.PersistentVolumeClaim).Name, r.pod().Volumes[0].PersistentVolumeClaim.ClaimName),
		want("notes", contains(r.notes, "prints an admin token"), true),
		want("notes", contains(r.notes, "mean nothing here"), false),
	)
}

func shared(r release) error {
	spec := r.deployment().Spec
	return first(
		want("kinds", r.kinds(), "Deployment Service ServiceAccount"),
		want("replicas", *spec.Replicas, 3),
		want("strategy", spec.Strategy.Type, apps.RollingUpdateDeploymentStrategyType),
		want("address", r.env("BURGEE_REDIS_URL").Value, "redis://redis:6379"),
		want("namespace", r.env("BURGEE_REDIS_NAMESPACE").Value, "burgee"),
		want("copy", r.env("BURGEE_SNAPSHOT_DIR").Value, "/data/snapshot"),
		want("folder", r.env("BURGEE_DATA_DIR") == nil, true),
		want("emptyDir", r.pod().Volumes[0].EmptyDir != nil, true),
	)
}

const secretRedis = `
redis:
  existingSecret: {name: redis, key: address}
  namespace: shop
  requireDurable: true
  waitReplicas: 1
  caSecret: {name: redis-ca}
`

func withSecrets(r release) error {
	key := r.env("BURGEE_REDIS_URL").ValueFrom.SecretKeyRef
	mounts := r.pod().Containers[0].VolumeMounts
	return first(
		want("secret", key.Name+"/"+key.Key, "redis/address"),
		want("namespace", r.env("BURGEE_REDIS_NAMESPACE").Value, "shop"),
		want("durable", r.env("BURGEE_REQUIRE_DURABLE").Value, "true"),
		want("replicas", r.env("BURGEE_REDIS_WAIT_REPLICAS").Value, "1"),
		want("certificate", r.env("BURGEE_REDIS_CA_FILE").Value, mounts[1].MountPath+"/ca.crt"),
		want("its volume", r.pod().Volumes[1].Secret.SecretName, "redis-ca"),
	)
}

func unleash(r release) error {
	container := r.pod().Containers[0]
	ingress := r.objects["Ingress"][0].(*networking.Ingress)
	secret := r.objects["Secret"][0].(*core.Secret)
	rule := ingress.Spec.Rules[0]
	return first(
		want("kinds", r.kinds(), "ConfigMap Deployment Ingress PodDisruptionBudget PodDisruptionBudget Secret Service ServiceAccount"),
		want("replicas", *r.deployment().Spec.Replicas, 2),
		want("image", container.Image, "registry.example.com/burgee:1.2.3"),
		want("port", r.env("BURGEE_PORT").Value, "8080"),
		want("env", r.env("UNLEASH_URL").Value, "https://flags.example.com"),
		want("existingSecrets", r.env("INIT_CLIENT_API_TOKENS").ValueFrom.SecretKeyRef.Name, "flags-tokens"),
		want("secrets", r.env("INIT_ADMIN_API_TOKENS").ValueFrom.SecretKeyRef.Name, secret.Name),
		want("the secret", secret.StringData["INIT_ADMIN_API_TOKENS"], "*:*.964a287e"),
		want("database", r.env("DATABASE_HOST") == nil, true),
		want("liveness", container.LivenessProbe.InitialDelaySeconds, 30),
		want("readiness", container.ReadinessProbe.SuccessThreshold, 5),
		want("host", rule.Host, "flags.example.com"),
		want("path", rule.HTTP.Paths[0].Backend.Service.Port.Name, "http"),
		want("tls", ingress.Spec.TLS[0].SecretName, "flags-tls"),
		want("class", *ingress.Spec.IngressClassName, "nginx"),
		want("account", r.pod().ServiceAccountName, "flags"),
		want("memory", container.Resources.Limits.Memory().String(), "256Mi"),
		want("zone", r.pod().TopologySpreadConstraints[0].TopologyKey, "topology.kubernetes.io/zone"),
		want("extra object", r.objects["ConfigMap"][0].(*core.ConfigMap).Data["release"], "flags"),
		want("notes", contains(r.notes, "ignored: dbConfig, databaseSecrets, cloudsql, vpa, configMaps, namespace"), true),
	)
}

const scaled = `
redis: {url: "rediss://redis:6380"}
autoscaling: {enabled: true, minReplicas: 2, maxReplicas: 4, targetMemoryUtilizationPercentage: 80}
podDisruptionBudget: {enabled: true}
`

func scales(r release) error {
	scaler := r.objects["HorizontalPodAutoscaler"][0].(*autoscaling.HorizontalPodAutoscaler)
	budget := r.objects["PodDisruptionBudget"][0].(*policy.PodDisruptionBudget)
	return first(
		want("replicas", r.deployment().Spec.Replicas == nil, true),
		want("target", scaler.Spec.ScaleTargetRef.Name, r.deployment().Name),
		want("most", scaler.Spec.MaxReplicas, 4),
		want("metrics", len(scaler.Spec.Metrics), 2),
		want("budget", budget.Spec.MaxUnavailable, 1),
		want("selector", budget.Spec.Selector.MatchLabels, r.deployment().Spec.Selector.MatchLabels),
	)
}

func monitored(r release) error {
	monitor := r.objects["ServiceMonitor"][0].(*serviceMonitor)
	service := r.objects["Service"][0].(*core.Service)
	endpoint := monitor.Spec.Endpoints[0]
	return first(
		want("label", monitor.Labels["team"], "platform"),
		want("selector", monitor.Spec.Selector.MatchLabels["app.kubernetes.io/instance"], service.Labels["app.kubernetes.io/instance"]),
		want("port", endpoint.Port, service.Spec.Ports[0].Name),
		want("path", endpoint.Path, "/internal-backstage/prometheus"),
	)
}

func contains(text, part string) bool {
	return strings.Contains(text, part)
}
