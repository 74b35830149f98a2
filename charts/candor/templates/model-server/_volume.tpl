{{/* Where the model store's volume is mounted, when there is one: with a store elsewhere, that of existingClaim has what was
     published before. */}}
{{- define "candor.modelStore.path" -}}
{{- with .Values.modelStore -}}
{{- if hasPrefix "file://" .uri -}}
{{ trimPrefix "file://" .uri }}
{{- else if .existingClaim -}}
/models
{{- end -}}
{{- end -}}
{{- end }}

{{/* The volume of a pod: (list . true) with true for reading only. */}}
{{- define "candor.modelStore.volume" -}}
{{- $root := index . 0 -}}
{{- if include "candor.modelStore.path" $root -}}
- name: models
  persistentVolumeClaim:
    claimName: {{ default (printf "%s-models" (include "candor.fullname" $root)) $root.Values.modelStore.existingClaim }}
    {{- if index . 1 }}
    readOnly: true
    {{- end }}
{{- end }}
{{- end }}

{{- define "candor.modelStore.mount" -}}
{{- with include "candor.modelStore.path" . -}}
- {name: models, mountPath: {{ . }}}
{{- end }}
{{- end }}

{{/* What those who read or write the model store are told besides: its keys, and what signs models. */}}
{{- define "candor.modelStore.environment" -}}
{{- with .Values.modelSigning.existingSecret }}
{{- include "candor.secretVariable" (list "MODEL_SIGNING_KEY" . "key") }}
{{ end }}
{{- with .Values.modelStore.environment }}
{{- toYaml . }}
{{- end }}
{{- end }}
