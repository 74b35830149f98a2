{{/* The environment of everything that runs the review API's code. */}}
{{- define "candor.api.environment" -}}
envFrom:
  - configMapRef: {name: {{ include "candor.fullname" . }}-api}
env:
  {{- include "candor.secretVariable" (list "DATABASE_URL" .Values.database.existingSecret .Values.database.secretKey) | nindent 2 }}
{{- end }}

{{/* Rolls the pods when the configuration changes. */}}
{{- define "candor.api.checksum" -}}
annotations:
  checksum/config: {{ include (print $.Template.BasePath "/api/config.yaml") . | sha256sum }}
{{- end }}
