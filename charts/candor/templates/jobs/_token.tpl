{{/* The API's token of Kubernetes, for its own container alone, where jobs are on. */}}
{{- define "candor.jobs.mount" -}}
{{- if .Values.jobs.enabled -}}
- {name: kubernetes, mountPath: /var/run/secrets/kubernetes.io/serviceaccount, readOnly: true}
{{- end }}
{{- end }}

{{- define "candor.jobs.volume" -}}
{{- if .Values.jobs.enabled -}}
- name: kubernetes
  projected:
    sources:
      - serviceAccountToken: {path: token, expirationSeconds: 3600}
      - configMap: {name: kube-root-ca.crt, items: [{key: ca.crt, path: ca.crt}]}
      - downwardAPI: {items: [{path: namespace, fieldRef: {fieldPath: metadata.namespace}}]}
{{- end }}
{{- end }}
