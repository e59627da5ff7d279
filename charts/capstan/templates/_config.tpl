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
{{- $known := dict
  "server" (dict "host" "0.0.0.0" "httpPort" 8080 "grpcPort" 9090)
  "paperExchange" (dict
    "address" (printf "%s-paper-exchange:9090" $fullname)
    "journal" "/var/lib/capstan/paper-exchange/journal.jsonl")
  "gateway" (dict "services" $services)
-}}
{{- toYaml (mustMergeOverwrite $config $known) -}}
{{- end -}}

{{/* "true" while nothing says what is traded. Takes the root. */}}
{{- define "capstan.isDemo" -}}
{{- $config := .Values.config -}}
{{- not (or $config.feeds $config.accounts $config.bots) -}}
{{- end -}}
