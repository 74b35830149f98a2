{{/* For development the code is copied into a volume, over the image's own: a container still cannot write to its image,
     but whoever may exec into it can change the code, and it is taken up. */}}

{{/* The step that makes the copy: (list . "api"). */}}
{{- define "candor.development.step" -}}
{{- if (first .).Values.development.enabled -}}
- name: code
  {{- include "candor.image" . | nindent 2 }}
  # With the files' times, by which Python knows that what is compiled is current; those of /code itself are not ours.
  command: [sh, -c, cp -R --preserve=timestamps /app/* /code]
  resources:
    requests: {cpu: 10m, memory: 16Mi}
    limits: {memory: 64Mi}
  {{- include "candor.restricted" . | nindent 2 }}
  volumeMounts:
    - {name: code, mountPath: /code}
{{- end }}
{{- end }}

{{- define "candor.development.volume" -}}
{{- if .Values.development.enabled -}}
- name: code
  emptyDir: {sizeLimit: 64Mi}
{{- end }}
{{- end }}

{{- define "candor.development.mount" -}}
{{- if .Values.development.enabled -}}
- {name: code, mountPath: /app}
{{- end }}
{{- end }}

{{/* gunicorn starts its workers again when a file changes. */}}
{{- define "candor.development.environment" -}}
{{- if .Values.development.enabled -}}
- {name: GUNICORN_CMD_ARGS, value: --reload --reload-extra-file=/app/**}
{{- end }}
{{- end }}

{{/* A command that is started again when a file changes: (list . "review-api" "work"). */}}
{{- define "candor.development.command" -}}
{{- if (first .).Values.development.enabled -}}
command: {{ concat (list "python" "-c" ((first .).Files.Get "files/reload.py")) (rest .) | toJson }}
{{- else -}}
command: {{ rest . | toJson }}
{{- end }}
{{- end }}
