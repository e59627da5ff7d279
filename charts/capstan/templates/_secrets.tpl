{{/* The Secrets that the values name, as a JSON list of value (the path of what names it), name and keys. Takes the root. */}}
{{- define "capstan.secrets.named" -}}
{{- $named := list -}}
{{- $database := .Values.externalDatabase -}}
{{- $nats := .Values.externalNats -}}
{{- if .Values.postgresql.enabled -}}
{{- $named = append $named (dict "value" "postgresql.existingSecret" "name" .Values.postgresql.existingSecret "keys" (list .Values.postgresql.passwordKey)) -}}
{{- else -}}
{{- $key := ternary $database.passwordKey $database.secretKey (ne $database.url "") -}}
{{- $named = append $named (dict "value" "externalDatabase.existingSecret" "name" $database.existingSecret "keys" (list $key)) -}}
{{- end -}}
{{- if .Values.nats.enabled -}}
{{- $named = append $named (dict "value" "nats.existingSecret" "name" .Values.nats.existingSecret "keys" (include "capstan.nats.users" . | fromJsonArray)) -}}
{{- else if ne $nats.auth "none" -}}
{{- $ending := ternary ".creds" "" (eq $nats.auth "credentials") -}}
{{- $keys := list -}}
{{- range without (append (include "capstan.serviceNames" . | fromJsonArray) "setup") "backtest-desk" }}{{ $keys = append $keys (printf "%s%s" . $ending) }}{{ end -}}
{{- $named = append $named (dict "value" "externalNats.existingSecret" "name" $nats.existingSecret "keys" $keys) -}}
{{- end -}}
{{- range $server, $value := dict "nats" "externalNats" "postgresql" "externalDatabase" -}}
{{- with include "capstan.dependencies.tls" (dict "root" $ "server" $server) | fromJson -}}
{{- $named = append $named (dict "value" (printf "%s.tls.existingSecret" $value) "name" .existingSecret "keys" (without (list .caKey .certKey .keyKey) "")) -}}
{{- end -}}
{{- end -}}
{{- range $name, $one := .Values.credentials -}}
{{- $named = append $named (dict "value" (printf "credentials.%s.existingSecret" $name) "name" $one.existingSecret "keys" (values $one.variables | uniq | sortAlpha)) -}}
{{- end -}}
{{- range .Values.tokens -}}
{{- $named = append $named (dict "value" "tokens" "name" .existingSecret "keys" (list (.key | default "token"))) -}}
{{- end -}}
{{- toJson $named -}}
{{- end -}}

{{/* Which of them, or of their keys, the cluster does not have, one a line; none where there is no cluster to look at. Takes the root. */}}
{{- define "capstan.secrets.missing" -}}
{{- if .Capabilities.APIVersions.Has "v1/Secret" }}
{{- range include "capstan.secrets.named" . | fromJsonArray }}
{{- if .name }}
{{- $data := (lookup "v1" "Secret" $.Release.Namespace .name).data | default dict }}
{{- $keys := list }}
{{- range .keys }}{{ if not (hasKey $data .) }}{{ $keys = append $keys . }}{{ end }}{{ end }}
{{- if $keys }}
Secret {{ .name }} ({{ .value }}) has no {{ join ", " $keys }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}
