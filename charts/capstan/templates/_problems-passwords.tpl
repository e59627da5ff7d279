{{/* Addresses that hold a password where everyone reads it, one a line; none is told. Takes the root. */}}
{{- define "capstan.problems.passwords" -}}
{{- $instead := "leave it out there, and name a Secret that holds it" -}}
{{- if or (include "capstan.holdsPassword" .Values.externalDatabase.url) (regexMatch "[?&](ssl)?password=" .Values.externalDatabase.url) }}
externalDatabase.url holds a password: {{ $instead }} by externalDatabase.existingSecret.
{{- end }}
{{- if regexMatch "//[^/]*@" .Values.externalNats.url }}
externalNats.url holds what services prove themselves with: {{ $instead }} by externalNats.existingSecret, and say how by externalNats.auth.
{{- end }}
{{- range include "capstan.passwordPaths" (dict "path" "config" "value" .Values.config) | splitList "\n" }}
{{- with trim . }}
{{ . }} holds a password, and would stand in a ConfigMap: {{ $instead }} by services.<service>.env with valueFrom.secretKeyRef.
{{- end }}
{{- end }}
{{- range $name, $service := include "capstan.services" . | fromJson }}
{{- range $key := list "env" "args" "command" }}
{{- range include "capstan.passwordPaths" (dict "path" (printf "services.%s.%s" $name $key) "value" (get $service $key)) | splitList "\n" }}
{{- with trim . }}
{{ . }} holds a password in the open: {{ $instead }} by services.{{ $name }}.env with valueFrom.secretKeyRef.
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/* "true" where a text is an address with a password in it, such as https://user:password@host. */}}
{{- define "capstan.holdsPassword" -}}
{{- if regexMatch "[a-z]://[^/@\\s]*:[^/@\\s]+@" (toString .) }}true{{ end -}}
{{- end -}}

{{/* The paths of such texts below a value, one a line. Takes path and value. */}}
{{- define "capstan.passwordPaths" -}}
{{- $path := .path -}}
{{- if kindIs "map" .value }}
{{- range $key, $value := .value }}
{{ include "capstan.passwordPaths" (dict "path" (printf "%s.%s" $path $key) "value" $value) }}
{{- end }}
{{- else if kindIs "slice" .value }}
{{- range $index, $value := .value }}
{{ include "capstan.passwordPaths" (dict "path" (printf "%s[%d]" $path $index) "value" $value) }}
{{- end }}
{{- else if include "capstan.holdsPassword" .value }}
{{ $path }}
{{- end }}
{{- end -}}
