{{/* A value as CEL, which wants to be told that what is in a map or a list may be of any type. */}}
{{- define "candor.cel" -}}
{{- if kindIs "map" . -}}
{ {{- range $i, $key := keys . | sortAlpha }}{{ if $i }}, {{ end }}{{ toJson $key }}: dyn({{ include "candor.cel" (get $ $key) }}){{ end -}} }
{{- else if kindIs "slice" . -}}
[ {{- range $i, $one := . }}{{ if $i }}, {{ end }}dyn({{ include "candor.cel" $one }}){{ end -}} ]
{{- else -}}
{{ toJson . }}
{{- end -}}
{{- end }}
