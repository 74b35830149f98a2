{{/* What the steps of a training have alike. */}}
{{- define "candor.training.container" -}}
{{- $token := printf "%s-training-token" (include "candor.fullname" .) -}}
{{ include "candor.image" (list . "training") }}
env:
  - name: JOB
    valueFrom: {fieldRef: {fieldPath: "metadata.labels['batch.kubernetes.io/job-name']"}}
  {{- include "candor.secretVariable" (list "TRAINING_TOKEN" $token "token") | nindent 2 }}
  {{- include "candor.secretVariable" (list "MODELS_TOKEN" $token "token") | nindent 2 }}
resources: {{- toYaml .Values.training.resources | nindent 2 }}
{{ include "candor.restricted" . }}
volumeMounts:
  - {name: tmp, mountPath: /tmp}
  - {name: runs, mountPath: /runs}
  {{- include "candor.modelStore.mount" . | nindent 2 }}
{{- end }}
