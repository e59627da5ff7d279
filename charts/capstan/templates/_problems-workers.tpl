{{/* What is wrong with the scaling of the workers, one a line. Takes the root. */}}
{{- define "capstan.problems.workers" -}}
{{- $workers := .Values.workers -}}
{{- if ne $workers.mode "fixed" }}
{{- if gt (int $workers.minReplicas) (int $workers.maxReplicas) }}
workers.minReplicas is {{ $workers.minReplicas }}, above workers.maxReplicas of {{ $workers.maxReplicas }}: lower the one or raise the other.
{{- end }}
{{- end }}
{{- if and (eq $workers.mode "hpa") (lt (int $workers.minReplicas) 1) }}
workers.minReplicas is 0, and an HPA cannot scale from none: set it to 1, or workers.mode to keda.
{{- end }}
{{- if and (eq $workers.mode "keda") (not (include "capstan.workers.monitoring" .)) }}
workers.keda.monitoringEndpoint is empty: KEDA asks NATS there for the length of the queue; give the monitoring port of your NATS, such as nats.messaging:8222.
{{- end }}
{{- range .Values.extraObjects }}
{{- if and (kindIs "map" .) (ne $workers.mode "fixed") (has .kind (list "HorizontalPodAutoscaler" "ScaledObject")) }}
{{- if hasSuffix "-backtest-worker" (dig "spec" "scaleTargetRef" "name" "" .) }}
extraObjects has a {{ .kind }} for the backtest workers beside workers.mode {{ $workers.mode }}, and two would scale them against each other: take it out, or set workers.mode to fixed.
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/* What is wrong with how the gateway is reached, one a line. Takes the root. */}}
{{- define "capstan.problems.wayIn" -}}
{{- $config := include "capstan.config" . | fromYaml -}}
{{- $hasGateway := has "gateway" (include "capstan.serviceNames" . | fromJsonArray) -}}
{{- $type := $hasGateway | ternary (dig "service" "type" "ClusterIP" (index .Values.services "gateway" | default dict)) "ClusterIP" -}}
{{- $open := list -}}
{{- if .Values.ingress.enabled }}
{{- $open = append $open "ingress.enabled" }}
{{- if not .Values.ingress.hosts }}
ingress.hosts is empty: name the host under which the page is to be reached, or set ingress.enabled to false.
{{- end }}
{{- end }}
{{- if .Values.httpRoute.enabled }}
{{- $open = append $open "httpRoute.enabled" }}
{{- if not .Values.httpRoute.parentRefs }}
httpRoute.parentRefs is empty: name the Gateway that the route is attached to, or set httpRoute.enabled to false.
{{- end }}
{{- end }}
{{- if ne $type "ClusterIP" }}{{ $open = append $open (printf "services.gateway.service.type %s" $type) }}{{ end }}
{{- if and $open (not $hasGateway) }}
{{ first $open }} leads to the gateway, which is off: set services.gateway.enabled to true.
{{- end }}
{{- if and $open (dig "gateway" "auth" "localOperator" false $config) }}
{{ first $open }} lets others reach the gateway, and config.gateway.auth.localOperator takes requests without a token: set it to false.
{{- end }}
{{- end -}}
