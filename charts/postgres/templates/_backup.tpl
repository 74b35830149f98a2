{{/* A step with Postgres' own programs: (list . "backup"). */}}
{{- define "postgres.database.step" -}}
{{- $root := first . -}}
- name: {{ last . }}
  {{- include "postgres.image" $root | nindent 2 }}
  command: [sh, -c, {{ $root.Files.Get (printf "files/%s.sh" (last .)) | quote }}]
  env:
    - {name: PGHOST, value: {{ $root.Release.Name }}}
    - {name: PGDATABASE, value: {{ $root.Values.database }}}
    {{- include "postgres.variables" (list $root "PGUSER" "username" "PGPASSWORD" "password") | nindent 4 }}
    - {name: KEEP, value: {{ $root.Values.backup.keep | quote }}}
  {{- include "postgres.backup.limits" $root | nindent 2 }}
  volumeMounts:
    - {name: backups, mountPath: /backups}
{{- end }}

{{/* A step between the pod's folder and the bucket: (list . "upload"). */}}
{{- define "postgres.bucket.step" -}}
{{- $root := first . -}}
{{- with $root.Values.backup.s3 -}}
- name: {{ last $ }}
  image: {{ .image }}
  imagePullPolicy: {{ $root.Values.image.pullPolicy }}
  command: [sh, -c, {{ $root.Files.Get (printf "files/%s.sh" (last $)) | quote }}]
  env:
    - {name: STORE, value: {{ trimSuffix "/" .uri }}}
    - {name: KEEP, value: {{ $root.Values.backup.keep | quote }}}
    - {name: HOME, value: /tmp}
    {{- with .environment }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- include "postgres.backup.limits" $root | nindent 2 }}
  volumeMounts:
    - {name: backups, mountPath: /backups}
    - {name: tmp, mountPath: /tmp}
{{- end }}
{{- end }}

{{- define "postgres.backup.limits" -}}
resources:
  requests: {cpu: 50m, memory: 64Mi}
  limits: {memory: 256Mi}
{{ include "postgres.restricted" . }}
{{- end }}
