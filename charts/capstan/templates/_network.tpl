{{/* The names of those services that call a service's port, as JSON. Takes services, name and port. */}}
{{- define "capstan.network.callers" -}}
{{- $callers := list -}}
{{- range $caller, $service := .services -}}
{{- $called := index $service.calls $.port | default list -}}
{{- if and (ne $caller $.name) (or (has "*" $called) (has $.name $called)) }}{{ $callers = append $callers $caller }}{{ end -}}
{{- end -}}
{{- toJson $callers -}}
{{- end -}}

{{/* A peer: these components of this release. Takes root and components. */}}
{{- define "capstan.network.peer" -}}
- podSelector:
    matchLabels:
      app.kubernetes.io/name: {{ include "capstan.name" .root }}
      app.kubernetes.io/instance: {{ .root.Release.Name }}
    {{- with .components }}
    matchExpressions:
      - key: app.kubernetes.io/component
        operator: In
        values: {{ toJson . }}
    {{- end }}
{{- end -}}

{{/* Who may call a service. Takes root, name, service, services. */}}
{{- define "capstan.network.ingress" -}}
{{- $policy := .root.Values.networkPolicy -}}
{{- $isGateway := eq .name "gateway" -}}
- ports:
    - { port: http, protocol: TCP }
  {{- if and $isGateway $policy.gatewayFrom }}
  from:
    {{- include "capstan.network.peer" (dict "root" .root) | nindent 4 }}
    {{- toYaml (concat $policy.gatewayFrom $policy.metricsFrom) | nindent 4 }}
  {{- else if and (not $isGateway) $policy.metricsFrom }}
  from:
    {{- with include "capstan.network.callers" (dict "services" .services "name" .name "port" "http") | fromJsonArray }}
    {{- include "capstan.network.peer" (dict "root" $.root "components" .) | nindent 4 }}
    {{- end }}
    {{- toYaml $policy.metricsFrom | nindent 4 }}
  {{- end }}
{{- $callers := include "capstan.network.callers" (dict "services" .services "name" .name "port" "grpc") | fromJsonArray }}
{{- $people := ternary $policy.killFrom list (eq .name "execution") }}
{{- if and .service.ports.grpc (or $callers $people) }}
- ports:
    - { port: grpc, protocol: TCP }
  from:
    {{- with $callers }}
    {{- include "capstan.network.peer" (dict "root" $.root "components" .) | nindent 4 }}
    {{- end }}
    {{- with $people }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end }}
{{- with .service.networkPolicy.extraIngress }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Whom a service may call, beside names. Takes root, name, service, needs, services, config. */}}
{{- define "capstan.network.egress" -}}
{{- with include "capstan.dependencies.egress" (dict "root" .root "service" .name "needs" .needs) | trim }}
{{ . }}
{{- end }}
{{- range $port, $number := dict "grpc" 9090 "http" 8080 }}
{{- $called := index $.service.calls $port | default list }}
{{- if has "*" $called }}{{ $called = without (keys $.services | sortAlpha) $.name }}{{ end }}
{{- with $called }}
- ports:
    - { port: {{ $number }}, protocol: TCP }
  to:
    {{- include "capstan.network.peer" (dict "root" $.root "components" .) | nindent 4 }}
{{- end }}
{{- end }}
{{- with include "capstan.network.internetPorts" . | fromJsonArray }}
- ports:
    {{- range . }}
    - { port: {{ . }}, protocol: TCP }
    {{- end }}
  to:
    {{- range $.root.Values.networkPolicy.internet }}
    - ipBlock:
        {{- toYaml . | nindent 8 }}
    {{- end }}
{{- end }}
{{- if .service.serviceAccount.token }}
# The API of Kubernetes, whose address no chart knows.
- ports:
    - { port: 443, protocol: TCP }
    - { port: 6443, protocol: TCP }
{{- end }}
{{- with dig "telemetry" "otlpEndpoint" "" .config }}
- ports:
    - { port: {{ include "capstan.network.urlPort" . }}, protocol: TCP }
{{- end }}
{{- with .service.networkPolicy.extraEgress }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* The ports on the internet that a service calls, by what the configuration uses, as JSON. Takes service and config. */}}
{{- define "capstan.network.internetPorts" -}}
{{- $ports := list -}}
{{- range .config.feeds }}{{ if and $.service.vendors (eq .kind "venue") }}{{ $ports = append $ports 443 }}{{ end }}{{ end -}}
{{- range .config.accounts }}{{ if and $.service.vendors (ne (.venue | default "paper") "paper") }}{{ $ports = append $ports 443 }}{{ end }}{{ end -}}
{{- if .service.alerts -}}
{{- range dig "alerts" "channels" list .config -}}
{{- if eq .kind "email" -}}
{{- $byTls := dict "starttls" 587 "implicit" 465 "none" 25 -}}
{{- $ports = append $ports (.port | default (index $byTls (.tls | default "starttls")) | int) -}}
{{- else -}}
{{- $ports = append $ports 443 -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $ports | uniq | toJson -}}
{{- end -}}

{{/* The port of a URL. */}}
{{- define "capstan.network.urlPort" -}}
{{- $url := urlParse . -}}
{{- $port := regexFind "[0-9]+$" (regexFind ":[0-9]+$" $url.host) -}}
{{- $port | default (ternary "443" "80" (eq $url.scheme "https")) -}}
{{- end -}}

{{/*
What the gateway serves to people and programs. Its /metrics and /health, which ask for no token, are for those in the cluster: no way leads
to them from outside, nor to what may come beside them.
*/}}
{{- define "capstan.gateway.paths" -}}
[{"path": "/", "exact": true}, {"path": "/favicon.svg", "exact": true}, {"path": "/assets"}, {"path": "/api"}]
{{- end -}}
