{{/* Where KEDA asks for the length of the queue, as host:port. Takes the root. */}}
{{- define "capstan.workers.monitoring" -}}
{{- .Values.workers.keda.monitoringEndpoint | default (include "capstan.nats.monitoring" . | trim) -}}
{{- end -}}
