{{/* Whether browsers come over HTTPS. */}}
{{- define "candor.https" -}}
{{- or (not (empty .Values.ingress.tlsSecret)) .Values.ingress.tlsInFront -}}
{{- end }}

{{/* The product's address as browsers see it. */}}
{{- define "candor.address" -}}
{{- eq (include "candor.https" .) "true" | ternary "https" "http" }}://{{ default "127.0.0.1" .Values.ingress.host }}
{{- end }}

{{/* The host whose visitors are sent to the other: www.HOST, or HOST without www. */}}
{{- define "candor.otherHost" -}}
{{- $host := required "ingress.redirects.www needs ingress.host" .Values.ingress.host -}}
{{- hasPrefix "www." $host | ternary (trimPrefix "www." $host) (print "www." $host) -}}
{{- end }}

{{/* The paths that come in, and whose they are. One by one: everything under / would also be what the pages' pods have for
     operators. The page at / itself stands beside them. */}}
{{- define "candor.paths" -}}
{{- range list "/admin" "/assets" "/_dash-component-suites" "/_dash-dependencies" "/_dash-layout" "/_dash-update-component" "/_favicon.ico" }}
{{ . }}: ui
{{- end }}
/api: api
{{- if .Values.ingress.predictions }}
/predictions: model-server
/explanations: model-server
{{- end }}
{{- end }}
