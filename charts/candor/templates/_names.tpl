{{/* The beginning of all names: the release's name, and the chart's unless that is in it. */}}
{{- define "candor.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- $both := contains $name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name $name) -}}
{{- default $both .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- end }}

{{/* What selects the pods of a component: (list . "api"). */}}
{{- define "candor.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ default $root.Chart.Name $root.Values.nameOverride }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{/* The labels of a component's objects: (list . "api"). */}}
{{- define "candor.labels" -}}
{{- $root := index . 0 -}}
{{ include "candor.selector" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ $root.Chart.Name }}-{{ $root.Chart.Version }}
{{- end }}

{{/* Name and labels of an object: (list . "api"), or (list . "api" "another-name"). */}}
{{- define "candor.metadata" -}}
name: {{ include "candor.fullname" (index . 0) }}-{{ last . }}
labels: {{- include "candor.labels" . | nindent 2 }}
{{- end }}

{{/* The image of a room: (list . "api"). */}}
{{- define "candor.image" -}}
{{- $root := index . 0 -}}
{{- $tagged := printf "%s/%s:%s" $root.Values.image.repository (index . 1) (default $root.Chart.AppVersion $root.Values.image.tag) -}}
image: {{ get $root.Values.image.references (index . 1) | default $tagged }}
imagePullPolicy: {{ $root.Values.image.pullPolicy }}
{{- end }}

{{/* An environment variable from a Secret: (list "UI_TOKEN" "secret's name" "key"). */}}
{{- define "candor.secretVariable" -}}
- name: {{ index . 0 }}
  valueFrom: {secretKeyRef: {name: {{ index . 1 }}, key: {{ index . 2 }}}}
{{- end }}
