{{/*
The configuration that the services read: the values' own, or the demonstration's while nothing says what is traded; then what the chart
knows: addresses and ports. Takes the root.
*/}}
{{- define "capstan.config" -}}
{{- $config := deepCopy .Values.config -}}
{{- if eq (include "capstan.isDemo" .) "true" -}}
{{- $config = mustMergeOverwrite (.Files.Get "files/demo.yaml" | fromYaml) $config -}}
{{- end -}}
{{- /* As long as the startup probe: servers of a first installation come when their images are there. */ -}}
{{- $config = mustMergeOverwrite (dict "log" (dict "format" "json") "nats" (dict "waitSeconds" 150)) $config -}}
{{- $fullname := include "capstan.fullname" . -}}
{{- $services := dict -}}
{{- range $name, $service := include "capstan.services" . | fromJson -}}
{{- if and (ne $name "gateway") (not $service.scaled) -}}
{{- $_ := set $services $name (printf "http://%s-%s:8080" $fullname $name) -}}
{{- end -}}
{{- end -}}
{{- $config = mustMergeOverwrite (dict "server" (dict "host" "0.0.0.0")) $config -}}
{{- $known := dict
  "server" (dict "httpPort" 8080 "grpcPort" 9090)
  "paperExchange" (dict
    "address" (printf "%s-paper-exchange:9090" $fullname)
    "journal" "/var/lib/capstan/paper-exchange/journal.jsonl")
  "gateway" (dict "services" $services)
-}}
{{- with dig "gateway" "auth" "hosts" list $config -}}
{{- $_ := set $known.gateway "auth" (dict "hosts" (concat . (include "capstan.gatewayHosts" $ | fromJsonArray) | uniq)) -}}
{{- end -}}
{{- toYaml (mustMergeOverwrite $config $known) -}}
{{- end -}}

{{/*
The names under which the gateway is asked for beside those of the configuration, as JSON: those of its Service, by which `helm test`
comes, of the Ingress and of the route. Takes the root.
*/}}
{{- define "capstan.gatewayHosts" -}}
{{- $service := printf "%s-gateway" (include "capstan.fullname" .) -}}
{{- $namespaced := printf "%s.%s" $service .Release.Namespace -}}
{{- $hosts := list $service $namespaced (printf "%s.svc" $namespaced) -}}
{{- if .Values.ingress.enabled }}{{ $hosts = concat $hosts .Values.ingress.hosts }}{{ end -}}
{{- if .Values.httpRoute.enabled }}{{ $hosts = concat $hosts .Values.httpRoute.hostnames }}{{ end -}}
{{- toJson $hosts -}}
{{- end -}}

{{/* "true" while nothing says what is traded. Takes the root. */}}
{{- define "capstan.isDemo" -}}
{{- $config := .Values.config -}}
{{- not (or $config.feeds $config.accounts $config.bots) -}}
{{- end -}}
