{{/*
All services that there are, by name, as JSON: each one's block laid over defaults. What cannot be mixed, such as two strategies, is
taken whole. Takes the root.
*/}}
{{- define "capstan.services" -}}
{{- $services := dict -}}
{{- $workers := .Values.workers -}}
{{- $canBeEmpty := and (eq $workers.mode "keda") (eq (int $workers.minReplicas) 0) -}}
{{- range $name, $block := .Values.services -}}
{{- $own := $block | default dict -}}
{{- $service := mustMergeOverwrite (deepCopy $.Values.defaults) (deepCopy $own) -}}
{{- range $key := list "strategy" "affinity" -}}
{{- with index $own $key }}{{ $_ := set $service $key . }}{{ end -}}
{{- end -}}
{{- range $probe := $service.probes -}}
{{- if or $probe.exec $probe.grpc $probe.tcpSocket }}{{ $_ := unset $probe "httpGet" }}{{ end -}}
{{- end -}}
{{- if eq $name "backtest-worker" -}}
{{- $_ := set $service "replicas" (int $workers.replicas) -}}
{{- $_ := set $service "scaled" (ne $workers.mode "fixed") -}}
{{- end -}}
{{- if $service.single }}{{ $_ := set $service "strategy" (dict "type" "Recreate") }}{{ end -}}
{{- if and $service.enabled (or $canBeEmpty (ne $name "backtest-desk")) }}{{ $_ := set $services $name $service }}{{ end -}}
{{- end -}}
{{- toJson $services -}}
{{- end -}}

{{/* Their names, as JSON. Takes the root. */}}
{{- define "capstan.serviceNames" -}}
{{- include "capstan.services" . | fromJson | keys | sortAlpha | toJson -}}
{{- end -}}

{{/* The ServiceAccount of a service: the release's, unless it has one of its own. Takes root, name and service. */}}
{{- define "capstan.service.account" -}}
{{- $shared := include "capstan.serviceAccountName" .root -}}
{{- $own := ternary (printf "%s-%s" (include "capstan.fullname" .root) .name) $shared .service.serviceAccount.token -}}
{{- .service.serviceAccount.name | default $own -}}
{{- end -}}

{{/* The most seconds that a service's own way to its end takes: drain, then servers and telemetry. Takes the root. */}}
{{- define "capstan.drainSeconds" -}}
{{- $config := include "capstan.config" . | fromYaml -}}
{{- $drainMs := dig "server" "drainDeadlineMs" 20000 $config -}}
{{- ceil (divf $drainMs 1000) | int -}}
{{- end -}}

{{/* The least grace period: the drain, what comes before it, and room for the end of servers and telemetry. Takes drainSeconds and service. */}}
{{- define "capstan.graceSeconds" -}}
{{- add (int .drainSeconds) (int .service.preStopSeconds) 10 -}}
{{- end -}}

{{/* A service's environment, as a list. Takes root, name, service and config. */}}
{{- define "capstan.env" -}}
- name: CAPSTAN_CONFIG
  value: /etc/capstan/config.yaml
# The image says json, and all addresses of IPv4.
- name: CAPSTAN_LOG__FORMAT
  value: {{ .config.log.format }}
- name: CAPSTAN_SERVER__HOST
  value: {{ .config.server.host | quote }}
- name: POD_NAME
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
- name: OTEL_SERVICE_NAME
  value: capstan-{{ .name }}
- name: OTEL_RESOURCE_ATTRIBUTES
  value: service.version={{ .root.Chart.AppVersion }},k8s.namespace.name={{ .root.Release.Namespace }},k8s.pod.name=$(POD_NAME)
{{- with include "capstan.dependencies.env" (dict "root" .root "service" .name "needs" .service.needs) | trim }}
{{ . }}
{{- end }}
{{- range $name, $value := .service.env }}
- name: {{ $name }}
  {{- if kindIs "map" $value }}
  {{- toYaml $value | nindent 2 }}
  {{- else }}
  value: {{ $value | toString | quote }}
  {{- end }}
{{- end }}
{{- end -}}

{{/*
Rules by which pods are spread: the values', else over nodes where that is possible; each over the service's own pods unless it says over
which. Takes root, name and service.
*/}}
{{- define "capstan.spread" -}}
{{- $own := dict "matchLabels" (include "capstan.selector" (dict "root" .root "component" .name) | fromYaml) -}}
{{- $overNodes := dict "maxSkew" 1 "topologyKey" "kubernetes.io/hostname" "whenUnsatisfiable" "ScheduleAnyway" -}}
{{- $rules := list -}}
{{- range .service.topologySpreadConstraints | default (list $overNodes) -}}
{{- $rules = append $rules (merge (dict) . (dict "labelSelector" $own)) -}}
{{- end -}}
{{- toYaml $rules -}}
{{- end -}}
