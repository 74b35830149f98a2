{{/* The model store as a volume of a pod, when it is one: (list . true) with true for reading only. */}}
{{- define "candor.modelStore.volume" -}}
{{- $root := index . 0 -}}
{{- if hasPrefix "file://" $root.Values.modelStore.uri -}}
- name: models
  persistentVolumeClaim:
    claimName: {{ default (printf "%s-models" (include "candor.fullname" $root)) $root.Values.modelStore.existingClaim }}
    readOnly: {{ index . 1 }}
{{- end }}
{{- end }}

{{- define "candor.modelStore.mount" -}}
{{- with .Values.modelStore.uri }}
{{- if hasPrefix "file://" . -}}
- {name: models, mountPath: {{ trimPrefix "file://" . }}}
{{- end }}
{{- end }}
{{- end }}
