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
