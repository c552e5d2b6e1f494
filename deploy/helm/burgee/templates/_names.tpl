{{- define "burgee.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "burgee.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* What a pod of this release is known by. Never changes, because a Deployment's selector cannot. */}}
{{- define "burgee.selector" -}}
app.kubernetes.io/name: {{ include "burgee.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "burgee.labels" -}}
{{ include "burgee.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "burgee.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "burgee.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{/* Not empty when pods share a Redis. */}}
{{- define "burgee.shared" -}}
{{- if or .Values.redis.url .Values.redis.existingSecret.name -}}yes{{- end -}}
{{- end -}}

{{/* Refuses values that would lose flags or serve different ones. */}}
{{- define "burgee.check" -}}
{{- if not (include "burgee.shared" .) -}}
{{- if gt (int .Values.replicaCount) 1 -}}
{{- fail "replicaCount is greater than 1: several pods need a Redis to share (redis.url or redis.existingSecret.name)" -}}
{{- end -}}
{{- if .Values.autoscaling.enabled -}}
{{- fail "autoscaling.enabled: several pods need a Redis to share (redis.url or redis.existingSecret.name)" -}}
{{- end -}}
{{- end -}}
{{- if and .Values.redis.url .Values.redis.existingSecret.name -}}
{{- fail "redis.url and redis.existingSecret.name: give one of them" -}}
{{- end -}}
{{- end -}}

{{/* A probe over HTTP, from its values. */}}
{{- define "burgee.probe" -}}
httpGet:
  path: {{ .path }}
  port: http
{{- range $name := list "initialDelaySeconds" "timeoutSeconds" "periodSeconds" "successThreshold" "failureThreshold" }}
{{- with get $.probe $name }}
{{ $name }}: {{ . }}
{{- end }}
{{- end }}
{{- end -}}
