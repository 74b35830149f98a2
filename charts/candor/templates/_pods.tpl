{{/* What every pod has: who it is, where it may run, and that it is restricted: (list . "api" .Values.api). */}}
{{- define "candor.pod" -}}
{{- $root := index . 0 -}}
serviceAccountName: {{ include "candor.fullname" $root }}-{{ index . 1 }}
automountServiceAccountToken: false
# The variables that Kubernetes makes of Services have names that settings have, too.
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- with $root.Values.image.pullSecrets }}
imagePullSecrets: {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with default $root.Values.priorityClassName (index . 2).priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with $root.Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $root.Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* What no container may do. */}}
{{- define "candor.restricted" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end }}

{{/* Pods of a component go to different nodes and zones, as far as there are any: (list . "api"). */}}
{{- define "candor.spread" -}}
topologySpreadConstraints:
  {{- range $key := list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - topologyKey: {{ $key }}
    maxSkew: 1
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "candor.selector" $ | nindent 8 }}
    matchLabelKeys: [pod-template-hash]
  {{- end }}
{{- end }}

{{/* A rolling update never has fewer ready pods than before. */}}
{{- define "candor.rolling" -}}
strategy:
  rollingUpdate: {maxSurge: 1, maxUnavailable: 0}
{{- end }}

{{/* A moment in which proxies learn that the pod goes, while it still answers. */}}
{{- define "candor.farewell" -}}
lifecycle:
  preStop: {exec: {command: [sleep, "8"]}}
{{- end }}

{{/* The probes of a service; liveness looks at nothing but the process. */}}
{{- define "candor.probes" -}}
startupProbe:
  httpGet: {path: /healthz, port: http}
  periodSeconds: 2
  timeoutSeconds: 5
  failureThreshold: 60
readinessProbe:
  httpGet: {path: /readyz, port: http}
  periodSeconds: 5
  timeoutSeconds: 5
livenessProbe:
  httpGet: {path: /healthz, port: http}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
{{- end }}
