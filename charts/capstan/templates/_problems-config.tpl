{{/* What has no place in the configuration, one a line. Takes the root. */}}
{{- define "capstan.problems.configuration" -}}
{{- $config := .Values.config -}}
{{- range .Files.Get "files/secret-keys.json" | fromJsonArray }}
{{- $at := include "capstan.at" (dict "values" $config "path" .) }}
{{- if $at }}
config.{{ . }} is a secret, and would stand in a ConfigMap: leave it out; {{ ternary "externalDatabase.existingSecret names a Secret that holds it" "give it by services.<service>.env with valueFrom.secretKeyRef" (eq . "postgres.url") }}.
{{- end }}
{{- end }}
{{- range $path, $instead := dict
  "nats.url" "externalNats.url says where NATS is"
  "server.httpPort" "it is 8080 in a cluster"
  "server.grpcPort" "it is 9090 in a cluster"
  "paperExchange.address" "it is that of the service"
  "paperExchange.journal" "services.paper-exchange.persistence says where it is kept"
  "gateway.services" "the services are known"
  "supervisor" "it is of capstan up"
}}
{{- if include "capstan.at" (dict "values" $config "path" $path) }}
config.{{ $path }} is set by the chart: leave it out; {{ $instead }}.
{{- end }}
{{- end }}
{{- end -}}

{{/* "true" where there is a value at a path of keys with dots between. Takes values and path. */}}
{{- define "capstan.at" -}}
{{- $at := .values -}}
{{- range splitList "." .path -}}
{{- $at = ternary (index ($at | default dict) .) nil (kindIs "map" $at) -}}
{{- end -}}
{{- if not (kindIs "invalid" $at) }}true{{ end -}}
{{- end -}}
