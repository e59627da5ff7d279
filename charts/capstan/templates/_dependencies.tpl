{{/*
What pods need of PostgreSQL, NATS and secrets. Most take root, name (or service: a service's name) and needs, which says which of `nats` and
`postgresql` it is connected to. Secrets come as files of one volume, which programs read anew, so that they may be rotated.
*/}}

{{/* Where the secrets are mounted. */}}
{{- define "capstan.secretsPath" -}}/run/secrets/capstan{{- end -}}

{{/* The Secret that holds PostgreSQL's password or URL. Takes the root. */}}
{{- define "capstan.postgresql.secret" -}}
{{- if .Values.postgresql.enabled -}}
{{- .Values.postgresql.existingSecret | default (printf "%s-postgresql" (include "capstan.fullname" .)) -}}
{{- else -}}
{{- .Values.externalDatabase.existingSecret -}}
{{- end -}}
{{- end -}}

{{/* The key of PostgreSQL's password in its Secret; empty where the Secret holds the whole URL. Takes the root. */}}
{{- define "capstan.postgresql.passwordKey" -}}
{{- if .Values.postgresql.enabled -}}
{{- .Values.postgresql.passwordKey -}}
{{- else if .Values.externalDatabase.url -}}
{{- .Values.externalDatabase.passwordKey -}}
{{- end -}}
{{- end -}}

{{/* PostgreSQL's URL without a password; empty where a Secret holds it whole. Takes the root. */}}
{{- define "capstan.postgresql.url" -}}
{{- if .Values.postgresql.enabled -}}
postgresql://capstan@{{ include "capstan.fullname" . }}-postgresql:5432/capstan
{{- else -}}
{{- .Values.externalDatabase.url -}}
{{- end -}}
{{- end -}}

{{/* NATS's URL. Takes the root. */}}
{{- define "capstan.nats.url" -}}
{{- if .Values.nats.enabled -}}
nats://{{ include "capstan.fullname" . }}-nats:4222
{{- else -}}
{{- .Values.externalNats.url -}}
{{- end -}}
{{- end -}}

{{/* How services prove themselves to NATS: users, credentials or none. Takes the root. */}}
{{- define "capstan.nats.auth" -}}
{{- ternary "users" .Values.externalNats.auth .Values.nats.enabled -}}
{{- end -}}

{{/* The Secret that holds what services prove themselves with to NATS. Takes the root. */}}
{{- define "capstan.nats.secret" -}}
{{- if .Values.nats.enabled -}}
{{- .Values.nats.existingSecret | default (printf "%s-nats" (include "capstan.fullname" .)) -}}
{{- else -}}
{{- .Values.externalNats.existingSecret -}}
{{- end -}}
{{- end -}}

{{/* The names of NATS's users, as JSON: those of the block that is written from the code. Takes the root. */}}
{{- define "capstan.nats.users" -}}
{{- $users := list -}}
{{- range regexFindAll "user: \"[a-z-]+\"" (.Files.Get "files/nats-authorization.conf") -1 -}}
{{- $users = append $users (. | trimPrefix "user: \"" | trimSuffix "\"") -}}
{{- end -}}
{{- $users | toJson -}}
{{- end -}}

{{/* Whose pod it is. Takes name, or service. */}}
{{- define "capstan.dependencies.who" -}}
{{- .name | default .service -}}
{{- end -}}

{{/* Who a pod is to NATS: what stands in for the worker has its image and its user. Takes name, or service. */}}
{{- define "capstan.nats.user" -}}
{{- include "capstan.dependencies.who" . | replace "backtest-desk" "backtest-worker" -}}
{{- end -}}

{{/* The TLS of a server, as JSON; {} without any. Takes root and server, `nats` or `postgresql`. */}}
{{- define "capstan.dependencies.tls" -}}
{{- $bundled := ternary .root.Values.nats.enabled .root.Values.postgresql.enabled (eq .server "nats") -}}
{{- $tls := ternary .root.Values.externalNats.tls .root.Values.externalDatabase.tls (eq .server "nats") -}}
{{- toJson (ternary $tls dict (and (not $bundled) (not (empty $tls.existingSecret)))) -}}
{{- end -}}

{{/* A list of environment entries. */}}
{{- define "capstan.dependencies.env" -}}
{{- $path := include "capstan.secretsPath" . -}}
{{- $sections := dict "nats" "NATS" "postgresql" "POSTGRES" -}}
{{- if has "nats" .needs }}
- { name: CAPSTAN_NATS__URL, value: {{ include "capstan.nats.url" .root | quote }} }
- { name: CAPSTAN_NATS__MAKE_STREAMS, value: {{ eq (include "capstan.dependencies.who" .) "setup" | quote }} }
{{- $auth := include "capstan.nats.auth" .root }}
{{- if eq $auth "users" }}
- { name: CAPSTAN_NATS__USER, value: {{ include "capstan.nats.user" . | quote }} }
- { name: CAPSTAN_NATS__PASSWORD_FILE, value: {{ $path }}/nats/password }
{{- else if eq $auth "credentials" }}
- { name: CAPSTAN_NATS__CREDENTIALS_FILE, value: {{ $path }}/nats/credentials }
{{- end }}
{{- end }}
{{- if has "postgresql" .needs }}
{{- with include "capstan.postgresql.url" .root }}
- { name: CAPSTAN_POSTGRES__URL, value: {{ . | quote }} }
- { name: CAPSTAN_POSTGRES__PASSWORD_FILE, value: {{ $path }}/postgresql/password }
{{- else }}
- { name: CAPSTAN_POSTGRES__URL_FILE, value: {{ $path }}/postgresql/url }
{{- end }}
{{- end }}
{{- range $server := .needs }}
{{- with include "capstan.dependencies.tls" (dict "root" $.root "server" $server) | fromJson }}
{{- $section := get $sections $server }}
- { name: CAPSTAN_{{ $section }}__TLS__CA_FILE, value: {{ $path }}/{{ $server }}-tls/ca.crt }
{{- if .certKey }}
- { name: CAPSTAN_{{ $section }}__TLS__CERT_FILE, value: {{ $path }}/{{ $server }}-tls/tls.crt }
- { name: CAPSTAN_{{ $section }}__TLS__KEY_FILE, value: {{ $path }}/{{ $server }}-tls/tls.key }
{{- end }}
{{- end }}
{{- end }}
{{- range $name, $credentials := .root.Values.credentials }}
{{- if has (include "capstan.dependencies.who" $) $credentials.services }}
{{- range $variable, $key := $credentials.variables }}
- { name: {{ $variable }}_FILE, value: {{ $path }}/{{ $name }}/{{ $key }} }
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/*
What of which Secret the volume holds, as a list. Takes mayWait too: true where a pod starts without what is not there, says so and looks
again, as a service does; a Job, which is tried a few times only, is not started before.
*/}}
{{- define "capstan.dependencies.sources" -}}
{{- $optional := ternary "\n    optional: true" "" (default false .mayWait) }}
{{- if has "nats" .needs }}
{{- $auth := include "capstan.nats.auth" .root }}
{{- $user := include "capstan.nats.user" . }}
{{- if eq $auth "users" }}
- secret:
    name: {{ include "capstan.nats.secret" .root }}{{ $optional }}
    items:
      - { key: {{ $user }}, path: nats/password }
{{- else if eq $auth "credentials" }}
- secret:
    name: {{ include "capstan.nats.secret" .root }}{{ $optional }}
    items:
      - { key: {{ $user }}.creds, path: nats/credentials }
{{- end }}
{{- end }}
{{- if has "postgresql" .needs }}
- secret:
    name: {{ include "capstan.postgresql.secret" .root }}{{ $optional }}
    items:
      {{- with include "capstan.postgresql.passwordKey" .root }}
      - { key: {{ . }}, path: postgresql/password }
      {{- else }}
      - { key: {{ .root.Values.externalDatabase.secretKey }}, path: postgresql/url }
      {{- end }}
{{- end }}
{{- range $server := .needs }}
{{- with include "capstan.dependencies.tls" (dict "root" $.root "server" $server) | fromJson }}
- secret:
    name: {{ .existingSecret }}{{ $optional }}
    items:
      - { key: {{ .caKey }}, path: {{ $server }}-tls/ca.crt }
      {{- if .certKey }}
      - { key: {{ .certKey }}, path: {{ $server }}-tls/tls.crt }
      - { key: {{ .keyKey }}, path: {{ $server }}-tls/tls.key }
      {{- end }}
{{- end }}
{{- end }}
{{- range $name, $credentials := .root.Values.credentials }}
{{- if has (include "capstan.dependencies.who" $) $credentials.services }}
- secret:
    name: {{ $credentials.existingSecret }}{{ $optional }}
    items:
      {{- range $key := values $credentials.variables | uniq | sortAlpha }}
      - { key: {{ $key }}, path: {{ $name }}/{{ $key }} }
      {{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/* A list of a pod's volumes. Takes mayWait too. */}}
{{- define "capstan.dependencies.volumes" -}}
{{- with include "capstan.dependencies.sources" . | trim }}
- name: secrets
  projected:
    defaultMode: 0440
    sources:
      {{- . | nindent 6 }}
{{- end }}
{{- end -}}

{{/* A list of a container's mounts. */}}
{{- define "capstan.dependencies.volumeMounts" -}}
{{- if include "capstan.dependencies.sources" . | trim }}
- { name: secrets, mountPath: {{ include "capstan.secretsPath" . }}, readOnly: true }
{{- end }}
{{- end -}}

{{/* Annotations of a pod that change with what it depends on: none, as secrets are read anew. */}}
{{- define "capstan.dependencies.annotations" -}}
{{- end -}}

{{/* A list of NetworkPolicy egress rules. */}}
{{- define "capstan.dependencies.egress" -}}
{{- if has "nats" .needs }}
{{- include "capstan.dependencies.server" (dict "root" .root "component" "nats" "bundled" .root.Values.nats.enabled "url" .root.Values.externalNats.url "port" 4222) }}
{{- end }}
{{- if has "postgresql" .needs }}
{{- include "capstan.dependencies.server" (dict "root" .root "component" "postgresql" "bundled" .root.Values.postgresql.enabled "url" .root.Values.externalDatabase.url "port" (.root.Values.externalDatabase.port | default 5432)) }}
{{- end }}
{{- end -}}

{{/* The way to one server: to its pods where they are the release's, else to its ports anywhere. Takes root, component, bundled, url and port. */}}
{{- define "capstan.dependencies.server" -}}
{{- $ports := list .port -}}
{{- if not .bundled -}}
{{- $ports = list -}}
{{- range splitList "," .url -}}
{{- /* Of host:port, with a scheme and a path or without. */ -}}
{{- $host := . | trim | regexFind "^([a-z+]+://)?[^/?]*" -}}
{{- $ports = append $ports (regexFind "[0-9]+$" (regexFind ":[0-9]+$" $host) | default $.port | int) -}}
{{- end -}}
{{- end }}
- ports:
    {{- range uniq $ports }}
    - { port: {{ . }}, protocol: TCP }
    {{- end }}
  {{- if .bundled }}
  to:
    {{- include "capstan.network.peer" (dict "root" .root "components" (list .component)) | nindent 4 }}
  {{- end }}
{{- end -}}

{{/* Where NATS answers its monitoring, as host:port; empty where it is not known. Takes the root. */}}
{{- define "capstan.nats.monitoring" -}}
{{- if .Values.nats.enabled -}}
{{ include "capstan.fullname" . }}-nats.{{ .Release.Namespace }}.svc:8222
{{- else -}}
{{- .Values.externalNats.monitoring -}}
{{- end -}}
{{- end -}}

{{/* How the migrations run: hook or job. A hook runs before anything of the release is there, its own servers too. Takes the root. */}}
{{- define "capstan.migrations.mode" -}}
{{- $bundled := or .Values.postgresql.enabled .Values.nats.enabled -}}
{{- .Values.migrations.mode | replace "auto" (ternary "job" "hook" $bundled) -}}
{{- end -}}

{{/* A password of letters and digits that begins with a letter: the one that a Secret has, or a new one. Takes held (its data) and key. */}}
{{- define "capstan.password" -}}
{{- $held := get (.held | default dict) .key -}}
{{- if $held }}{{ b64dec $held }}{{ else }}{{ printf "%s%s" (randAlpha 1) (randAlphaNum 31) }}{{ end -}}
{{- end -}}

{{/* What is wrong with the values of the dependencies, one a line. Takes the root. */}}
{{- define "capstan.dependencies.problems" -}}
{{- $database := .Values.externalDatabase -}}
{{- $nats := .Values.externalNats -}}
{{- if .Values.postgresql.enabled }}
{{- if or $database.url $database.existingSecret }}
externalDatabase is given and postgresql.enabled is true: set postgresql.enabled to false, or leave externalDatabase out.
{{- end }}
{{- else }}
{{- if not $database.existingSecret }}
externalDatabase.existingSecret is empty: name a Secret that holds the URL of PostgreSQL (key {{ $database.secretKey }}), or its password beside externalDatabase.url; or set postgresql.enabled to true for a trial.
{{- end }}
{{- end }}
{{- if .Values.nats.enabled }}
{{- if or $nats.url $nats.existingSecret }}
externalNats is given and nats.enabled is true: set nats.enabled to false, or leave externalNats out.
{{- end }}
{{- else }}
{{- if not $nats.url }}
externalNats.url is empty: give the address of NATS, such as nats://nats.messaging:4222, or set nats.enabled to true for a trial.
{{- end }}
{{- if and (ne $nats.auth "none") (not $nats.existingSecret) }}
externalNats.auth is {{ $nats.auth }} and externalNats.existingSecret is empty: name the Secret that holds what services prove themselves with.
{{- end }}
{{- end }}
{{- range $server, $tls := dict "externalDatabase" $database.tls "externalNats" $nats.tls }}
{{- if ne (empty $tls.certKey) (empty $tls.keyKey) }}
{{ $server }}.tls has one of certKey and keyKey: a client's certificate needs both.
{{- end }}
{{- end }}
{{- if and (eq .Values.migrations.mode "hook") (or .Values.postgresql.enabled .Values.nats.enabled) }}
migrations.mode is hook and PostgreSQL or NATS is the release's own: a hook runs before they are there; set migrations.mode to job or auto.
{{- end }}
{{- if and .Values.backup.enabled (not (include "capstan.postgresql.url" .)) }}
backup.enabled is true and the URL of PostgreSQL is in a Secret: give externalDatabase.url without a password, and the Secret's key of the password as externalDatabase.passwordKey.
{{- end }}
{{- $services := include "capstan.serviceNames" . | fromJsonArray }}
{{- range $name, $credentials := .Values.credentials }}
{{- range without $credentials.services "setup" }}
{{- if not (has . $services) }}
credentials.{{ $name }}.services names '{{ . }}', which is no service: known are {{ join ", " $services }}.
{{- end }}
{{- end }}
{{- end }}
{{- end -}}
