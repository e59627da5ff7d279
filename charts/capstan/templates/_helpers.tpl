{{/* The chart's name, for labels. */}}
{{- define "capstan.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* What every object's name begins with: volumes and passwords go by it, so that it never changes. It leaves room for `-backtest-worker`. */}}
{{- define "capstan.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "capstan.name" . -}}
{{- ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* Labels that select the pods of a component; they never change. Takes root and component. */}}
{{- define "capstan.selector" -}}
app.kubernetes.io/name: {{ include "capstan.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{/* Labels of every object. Takes root and component. */}}
{{- define "capstan.labels" -}}
{{ include "capstan.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: capstan
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Labels of pods: nothing in them changes with the chart's version, so that an upgrade rolls only what differs. Takes root and component. */}}
{{- define "capstan.podLabels" -}}
{{ include "capstan.selector" . }}
app.kubernetes.io/part-of: capstan
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/*
An image's full name. Takes root, name (such as capstan-risk), and image: repository, tag, digest; each may be empty.
*/}}
{{- define "capstan.image" -}}
{{- $image := .image | default dict -}}
{{- $registry := $image.registry | default .root.Values.global.registry -}}
{{- $repository := $image.repository | default .name -}}
{{- $path := ternary $repository (printf "%s/%s" (trimSuffix "/" (toString $registry)) $repository) (empty $registry) -}}
{{- if $image.digest -}}
{{- printf "%s@%s" $path $image.digest -}}
{{- else -}}
{{- printf "%s:%s" $path ($image.tag | default .root.Values.global.tag | default .root.Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{/* The name of the ServiceAccount of the services. */}}
{{- define "capstan.serviceAccountName" -}}
{{- .Values.serviceAccount.name | default (include "capstan.fullname" .) -}}
{{- end -}}

{{/* The secrets by which images are pulled, as a pod's field. */}}
{{- define "capstan.imagePullSecrets" -}}
{{- with concat .Values.global.imagePullSecrets .Values.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ if kindIs "map" . }}{{ .name }}{{ else }}{{ . }}{{ end }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* Where pods that are no service's may run, as fields of a pod. Takes the root. */}}
{{- define "capstan.placement" -}}
{{- with .Values.defaults.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.defaults.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* What a pod may do, by the restricted Pod Security standard. Takes the user's number. */}}
{{- define "capstan.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: {{ . }}
runAsGroup: {{ . }}
fsGroup: {{ . }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{/* What a container may do, by the restricted Pod Security standard. */}}
{{- define "capstan.containerSecurityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
privileged: false
capabilities:
  drop: [ALL]
{{- end -}}
