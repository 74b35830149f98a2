{{/* Objects that several components have alike. */}}

{{/* (list . "api") */}}
{{- define "candor.serviceAccount" -}}
apiVersion: v1
kind: ServiceAccount
metadata: {{- include "candor.metadata" . | nindent 2 }}
automountServiceAccountToken: false
{{- end }}

{{/* A Service of one port: (list . "api"). */}}
{{- define "candor.service" -}}
apiVersion: v1
kind: Service
metadata: {{- include "candor.metadata" . | nindent 2 }}
spec:
  selector: {{- include "candor.selector" . | nindent 4 }}
  ports:
    - name: http
      port: 80
      targetPort: http
{{- end }}

{{/* (list . "api" .Values.api) */}}
{{- define "candor.scaling" -}}
{{- $name := list (index . 0) (index . 1) -}}
{{- with (index . 2).autoscaling }}
{{- if .enabled -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {{- include "candor.metadata" $name | nindent 2 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ include "candor.fullname" (index $ 0) }}-{{ index $ 1 }}
  minReplicas: {{ .minReplicas }}
  maxReplicas: {{ .maxReplicas }}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target: {type: Utilization, averageUtilization: {{ .targetCpu }}}
  {{- with .behavior }}
  behavior: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* The number of pods, where no autoscaler has it: .Values.api. */}}
{{- define "candor.replicas" -}}
{{- if not (and .autoscaling .autoscaling.enabled) -}}
replicas: {{ .replicas }}
{{- end }}
{{- end }}

{{/* (list . "api") */}}
{{- define "candor.disruption" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {{- include "candor.metadata" . | nindent 2 }}
spec:
  maxUnavailable: 1
  selector:
    matchLabels: {{- include "candor.selector" . | nindent 6 }}
{{- end }}

{{/* A volume that outlives the release: (dict "root" . "component" "training" "name" "training" "volume" .Values.training).
     It is a hook, made once, since helm's --wait would wait for it to be bound, and the storage for the first job that
     has it. */}}
{{- define "candor.claim" -}}
{{- if not (lookup "v1" "PersistentVolumeClaim" .root.Release.Namespace (printf "%s-%s" (include "candor.fullname" .root) .name)) -}}
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  {{- include "candor.metadata" (list .root .component .name) | nindent 2 }}
  annotations:
    helm.sh/hook: pre-install,pre-upgrade
    helm.sh/hook-delete-policy: hook-failed
spec:
  accessModes: [{{ default "ReadWriteOnce" .volume.accessMode }}]
  {{- with .volume.storageClass }}
  storageClassName: {{ . }}
  {{- end }}
  resources: {requests: {storage: {{ .volume.size }}}}
{{- end }}
{{- end }}

{{/* Pods of this release, as the other side of a network policy: (list . "api" "worker"). */}}
{{- define "candor.peers" -}}
- podSelector:
    matchLabels:
      app.kubernetes.io/name: {{ default (first .).Chart.Name (first .).Values.nameOverride }}
      app.kubernetes.io/instance: {{ (first .).Release.Name }}
    matchExpressions:
      - {key: app.kubernetes.io/component, operator: In, values: [{{ rest . | join ", " }}]}
{{- end }}
