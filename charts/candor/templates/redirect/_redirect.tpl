{{/* A small server sends visitors to the product's address, since what an Ingress can redirect itself differs from
     controller to controller. */}}
{{- define "candor.redirect.enabled" -}}
{{- with .Values.ingress }}{{ if and .enabled (or .redirects.www .redirects.https) }}true{{ end }}{{ end -}}
{{- end }}

{{- define "candor.redirect.paths" -}}
paths:
  - path: /
    pathType: Prefix
    backend: {service: {name: {{ include "candor.fullname" . }}-redirect, port: {name: http}}}
{{- end }}
