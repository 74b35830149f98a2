{{/* The beginning of a component's policy: (list . "api"). */}}
{{- define "candor.policy" -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{- include "candor.metadata" . | nindent 2 }}
spec:
  podSelector:
    matchLabels: {{- include "candor.selector" . | nindent 6 }}
{{- end }}

{{/* A rule's other side that is a value; nothing for an empty one, which would mean everybody:
     (dict "side" "to" "peers" list "ports" (list 443)). */}}
{{- define "candor.rule" -}}
{{- if .peers -}}
- {{ .side }}: {{- toYaml .peers | nindent 4 }}
  ports: {{- range .ports }}
    - {protocol: TCP, port: {{ . }}}
  {{- end }}
{{- end }}
{{- end }}

{{/* The same with pods of this release: (dict "root" . "side" "to" "pods" (list "api") "ports" (list 8000)). */}}
{{- define "candor.arrow" -}}
{{- $peers := include "candor.peers" (prepend .pods .root) | fromYamlArray -}}
{{- include "candor.rule" (dict "side" .side "peers" $peers "ports" .ports) -}}
{{- end }}
