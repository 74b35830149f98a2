{{/* What selects the pods of a component: (list . "server"). */}}
{{- define "postgres.selector" -}}
app.kubernetes.io/name: postgres
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{/* The labels of a component's objects: (list . "server"). */}}
{{- define "postgres.labels" -}}
{{- $root := index . 0 -}}
{{ include "postgres.selector" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ $root.Chart.Name }}-{{ $root.Chart.Version }}
{{- end }}

{{- define "postgres.image" -}}
image: {{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
{{- end }}

{{/* What every pod has. */}}
{{- define "postgres.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: {{ .Values.userId }}
  runAsGroup: {{ .Values.userId }}
  fsGroup: {{ .Values.userId }}
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- with .Values.image.pullSecrets }}
imagePullSecrets: {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end }}

{{/* What no container may do. */}}
{{- define "postgres.restricted" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end }}

{{/* Variables from the Secret: (list . "POSTGRES_USER" "username" …). */}}
{{- define "postgres.variables" -}}
{{- $root := index . 0 -}}
{{- range chunk 2 (rest .) }}
- name: {{ index . 0 }}
  valueFrom: {secretKeyRef: {name: {{ $root.Release.Name }}, key: {{ index . 1 }}}}
{{- end }}
{{- end }}
