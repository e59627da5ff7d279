{{/* What is wrong with the services' blocks, one a line. Takes the root. */}}
{{- define "capstan.problems.services" -}}
{{- $drainSeconds := include "capstan.drainSeconds" . -}}
{{- range $name, $service := include "capstan.services" . | fromJson }}
{{- $own := index $.Values.services $name | default dict }}
{{- $replicas := int $service.replicas }}
{{- if and $service.single (gt $replicas 1) }}
services.{{ $name }}.replicas is {{ $replicas }}: two may never run at the same time; set it to 1.
{{- end }}
{{- if and $service.single (ne (dig "strategy" "type" "Recreate" $own) "Recreate") }}
services.{{ $name }}.strategy is {{ $own.strategy.type }}, which starts a second one before the first has ended: set strategy.type to Recreate.
{{- end }}
{{- if and $service.persistence.enabled (not $service.single) (gt $replicas 1) (not (has "ReadWriteMany" $service.persistence.accessModes)) }}
services.{{ $name }} has {{ $replicas }} replicas on one volume: set replicas to 1, or persistence.accessModes to [ReadWriteMany].
{{- end }}
{{- with $service.podDisruptionBudget }}
{{- if and .enabled (gt $replicas 1) (not (kindIs "invalid" .minAvailable)) (ge (int .minAvailable) $replicas) }}
services.{{ $name }}.podDisruptionBudget.minAvailable is {{ .minAvailable }} of {{ $replicas }} replicas, so that no node could be drained: set it below.
{{- end }}
{{- end }}
{{- $least := include "capstan.graceSeconds" (dict "drainSeconds" $drainSeconds "service" $service) | int }}
{{- with $service.terminationGracePeriodSeconds }}
{{- if lt (int .) $least }}
services.{{ $name }}.terminationGracePeriodSeconds is {{ . }}, and its drain takes up to {{ $least }} s with what is around it: leave it out, or lower config.server.drainDeadlineMs.
{{- end }}
{{- end }}
{{- range $port, $called := $service.calls }}
{{- range without $called "*" }}
{{- if not (hasKey $.Values.services .) }}
services.{{ $name }}.calls.{{ $port }} names {{ . }}, which is no service: the services are {{ keys $.Values.services | sortAlpha | join ", " }}.
{{- end }}
{{- end }}
{{- end }}
{{- range $variable, $value := $service.env }}
{{- if and (not (kindIs "map" $value)) (regexMatch "SECRET|PASSW(OR)?D|PASSPHRASE|TOKEN|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|KEY_ID$|POSTGRES__URL$" $variable) (not (regexMatch "_FILE$" $variable)) }}
services.{{ $name }}.env.{{ $variable }} holds a secret in the open: give it by valueFrom.secretKeyRef, or see credentials.
{{- end }}
{{- end }}
{{- end }}
{{- if gt (int (index .Values.services "backtest-worker" | default dict).replicas) 0 }}
services.backtest-worker.replicas has no effect: set workers.replicas.
{{- end }}
{{- end -}}
