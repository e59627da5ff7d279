{{/*
What services need of PostgreSQL, NATS and secrets. Each takes root and service, the service's name; `needs` in its values says which of
`nats` and `postgresql` it is connected to.
*/}}

{{/* A list of environment entries. */}}
{{- define "capstan.dependencies.env" -}}
{{- $root := .root -}}
{{- if has "nats" .needs }}
- name: CAPSTAN_NATS__URL
  value: {{ $root.Values.externalNats.url | quote }}
{{- end }}
{{- if has "postgresql" .needs }}
- name: CAPSTAN_POSTGRES__URL
  valueFrom:
    secretKeyRef:
      name: {{ $root.Values.externalDatabase.existingSecret }}
      key: {{ $root.Values.externalDatabase.secretKey }}
{{- end }}
{{- end -}}

{{/* A list of a pod's volumes. */}}
{{- define "capstan.dependencies.volumes" -}}
{{- end -}}

{{/* A list of a container's mounts. */}}
{{- define "capstan.dependencies.volumeMounts" -}}
{{- end -}}

{{/* Annotations of a pod that change with what it depends on, so that it is rolled. */}}
{{- define "capstan.dependencies.annotations" -}}
{{- end -}}

{{/* A list of NetworkPolicy egress rules. */}}
{{- define "capstan.dependencies.egress" -}}
{{- if has "nats" .needs }}
- ports:
    - { port: 4222, protocol: TCP }
{{- end }}
{{- if has "postgresql" .needs }}
- ports:
    - { port: 5432, protocol: TCP }
{{- end }}
{{- end -}}

{{/* Where NATS answers its monitoring, as host:port; empty where it is not known. Takes the root. */}}
{{- define "capstan.nats.monitoring" -}}
{{- .Values.externalNats.monitoring -}}
{{- end -}}

{{/* What is wrong with the values of the dependencies, one a line. Takes the root. */}}
{{- define "capstan.dependencies.problems" -}}
{{- if not .Values.externalNats.url }}
externalNats.url is empty: give the address of NATS, such as nats://nats.messaging:4222.
{{- end }}
{{- if not .Values.externalDatabase.existingSecret }}
externalDatabase.existingSecret is empty: name a Secret that holds the URL of PostgreSQL.
{{- end }}
{{- end -}}
