{{/* What contradicts itself in what is traded, one a line; the services check all the rest. Takes the root. */}}
{{- define "capstan.problems.trading" -}}
{{- $config := include "capstan.config" . | fromYaml -}}
{{- $names := include "capstan.serviceNames" . | fromJsonArray -}}
{{- $accounts := list -}}
{{- $feeds := list -}}
{{- range $config.feeds }}{{ $feeds = append $feeds .feed }}{{ end -}}
{{- range $config.accounts }}
{{- $accounts = append $accounts .accountId }}
{{- if and (eq (.mode | default "paper") "live") (not (dig "installation" "allowLive" false $config)) }}
config.accounts: {{ .accountId }} is `mode: live`, which is one of two keys to real money: set config.installation.allowLive to true as well, or mode to paper.
{{- end }}
{{- if and (eq (.venue | default "paper") "paper") (not (has "paper-exchange" $names)) }}
config.accounts: {{ .accountId }} trades at the paper exchange, which is off: set services.paper-exchange.enabled to true.
{{- end }}
{{- end }}
{{- with include "capstan.problems.keys" (dict "root" . "config" $config) | trim }}
{{ . }}
{{- end }}
{{- if and (dig "enabled" false (.Values.nats | default dict)) (gt (dig "nats" "replicas" 1 $config | int) 1) }}
config.nats.replicas is {{ $config.nats.replicas }}, and the release's own NATS is one server: set it to 1, or give servers of your own by externalNats.
{{- end }}
{{- range $config.bots }}
{{- if not (has .accountId $accounts) }}
config.bots: {{ .botId }} trades for the account {{ .accountId }}, which is not there: config.accounts has {{ join ", " $accounts | default "none" }}.
{{- end }}
{{- if not (has .feed $feeds) }}
config.bots: {{ .botId }} hears the feed {{ .feed }}, which is not there: config.feeds has {{ join ", " $feeds | default "none" }}.
{{- end }}
{{- end }}
{{- $needed := list -}}
{{- if $feeds }}{{ $needed = append $needed "market-data" }}{{ end -}}
{{- if $config.bots }}{{ $needed = append $needed "signal" }}{{ end -}}
{{- if $accounts }}{{ $needed = concat $needed (list "risk" "execution" "position-sync") }}{{ end -}}
{{- range $needed }}
{{- if not (has . $names) }}
services.{{ . }} is off, and config names what it runs: set services.{{ . }}.enabled to true.
{{- end }}
{{- end }}
{{- end -}}

{{/* Keys of brokers and vendors that no service is given, one a line. Takes root and config. */}}
{{- define "capstan.problems.keys" -}}
{{- $services := include "capstan.services" .root | fromJson -}}
{{- $wanted := list -}}
{{- range .config.accounts }}
{{- if eq (.venue | default "paper") "alpaca" }}
{{- $prefix := .credentials | default "ALPACA" }}
{{- $variables := list (printf "%s_KEY_ID" $prefix) (printf "%s_SECRET_KEY" $prefix) }}
{{- $wanted = append $wanted (dict "what" (printf "config.accounts: %s trades at alpaca" .accountId) "services" (list "execution" "position-sync") "variables" $variables) }}
{{- end }}
{{- end }}
{{- range .config.feeds }}
{{- if eq .kind "venue" }}
{{- $variables := ternary (list "ALPACA_KEY_ID" "ALPACA_SECRET_KEY") (list "POLYGON_API_KEY") (eq .provider "alpaca") }}
{{- $wanted = append $wanted (dict "what" (printf "config.feeds: %s is of %s" .feed .provider) "services" (list "market-data") "variables" $variables) }}
{{- end }}
{{- end }}
{{- range dig "alerts" "channels" list .config }}
{{- with dig "env" "" (.url | default .token | default .password | default dict) }}
{{- $wanted = append $wanted (dict "what" "config.alerts.channels names a variable" "services" (list "reporting") "variables" (list .)) }}
{{- end }}
{{- end }}
{{- range $one := $wanted }}
{{- range $name := $one.services }}
{{- with get $services $name }}
{{- $given := keys .env }}
{{- range $_, $credentials := $.root.Values.credentials }}
{{- if has $name $credentials.services }}{{ $given = concat $given (keys $credentials.variables) }}{{ end }}
{{- end }}
{{- $missing := list }}
{{- range $one.variables }}
{{- $other := replace "_KEY_ID" "_API_KEY" . }}
{{- if not (or (has . $given) (has (printf "%s_FILE" .) $given) (has $other $given) (has (printf "%s_FILE" $other) $given)) }}
{{- $missing = append $missing . }}
{{- end }}
{{- end }}
{{- if and $missing (not .envFrom) }}
{{ $one.what }}, and {{ $name }} is given no {{ join ", " $missing }}: name a Secret under credentials, with {{ $name }} among its services.
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}
