{{/* Whether browsers come over HTTPS. */}}
{{- define "candor.https" -}}
{{- or (not (empty .Values.ingress.tlsSecret)) .Values.ingress.tlsInFront -}}
{{- end }}

{{/* The product's address as browsers see it. */}}
{{- define "candor.address" -}}
{{- eq (include "candor.https" .) "true" | ternary "https" "http" }}://{{ default "127.0.0.1" .Values.ingress.host }}
{{- end }}
