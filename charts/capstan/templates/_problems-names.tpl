{{/* What is wrong with names and labels, one a line. Takes the root. */}}
{{- define "capstan.problems.names" -}}
{{- $fullname := include "capstan.fullname" . -}}
{{- if not (regexMatch "^[a-z][a-z0-9-]*$" $fullname) }}
Names of objects would begin with '{{ $fullname }}', and the name of a Service takes small letters, digits and -, a letter first: set fullnameOverride to one that does, such as capstan.
{{- end }}
{{- with .Values.nameOverride }}
{{- if not (regexMatch "^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$" .) }}
nameOverride is '{{ . }}', which no label may be: take letters, digits and -, at most 63.
{{- end }}
{{- end }}
{{- range $name := include "capstan.serviceNames" . | fromJsonArray }}
{{- $length := printf "%s-%s" $fullname $name | len }}
{{- if gt $length 63 }}
services.{{ $name }} would be the Service {{ $fullname }}-{{ $name }} of {{ $length }} letters, and 63 are the most: set fullnameOverride to a shorter name.
{{- end }}
{{- end }}
{{- $selecting := "^app\\.kubernetes\\.io/(name|instance|component|part-of)$" }}
{{- $ours := "^(app\\.kubernetes\\.io/(name|instance|component|part-of|version|managed-by)|helm\\.sh/chart)$" }}
{{- $labelled := list (dict "path" "commonLabels" "labels" .Values.commonLabels "ours" $ours) }}
{{- range $name, $service := include "capstan.services" . | fromJson }}
{{- $path := printf "services.%s" $name }}
{{- $labelled = append $labelled (dict "path" (printf "%s.podLabels" $path) "labels" $service.podLabels "ours" $selecting) }}
{{- $labelled = append $labelled (dict "path" (printf "%s.deploymentLabels" $path) "labels" $service.deploymentLabels "ours" $ours) }}
{{- end }}
{{- range $one := $labelled }}
{{- range $key, $_ := $one.labels }}
{{- if regexMatch $one.ours $key }}
{{ $one.path }} has {{ $key }}, which the chart sets itself: leave it out.
{{- end }}
{{- end }}
{{- end }}
{{- end -}}
