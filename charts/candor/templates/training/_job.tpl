{{/* What a run is. The API may start it, and nothing but it: jobs/admission.yaml compares. So what Kubernetes would add inside
     of a field is said here. */}}
{{- define "candor.training.job" -}}
{{- $name := include "candor.fullname" . -}}
{{- $token := printf "%s-training-token" $name -}}
# A pod that was killed is followed by one that goes on where it stopped.
backoffLimit: 3
activeDeadlineSeconds: {{ .Values.training.deadlineSeconds }}
# But a model that the gate refuses is not made again.
podFailurePolicy:
  rules:
    - action: FailJob
      onExitCodes: {containerName: retrain, operator: In, values: [1]}
podReplacementPolicy: Failed
template:
  metadata:
    labels: {{- include "candor.labels" (list . "training") | nindent 6 }}
  spec:
    {{- include "candor.pod" (list . "training" .Values.training) | nindent 4 }}
    restartPolicy: Never
    terminationGracePeriodSeconds: 60
    containers:
      - name: retrain
        {{- include "candor.image" (list . "training") | nindent 8 }}
        args:
          - training/retrain.py
          - --api=http://{{ $name }}-api
          - --store={{ .Values.modelStore.uri }}
          - --baseline=/app/model-store/sentiment.mar
          - --recipe={{ .Values.training.recipe }}
          - --alias={{ .Values.training.alias }}
          - --runs=/runs
          - --name=$(JOB)
          {{- if not .Values.gate.required }}
          - --no-gate
          {{- end }}
          {{- range .Values.training.arguments }}
          - {{ . | quote }}
          {{- end }}
        env:
          - name: JOB
            valueFrom: {fieldRef: {apiVersion: v1, fieldPath: "metadata.labels['batch.kubernetes.io/job-name']"}}
          {{- include "candor.secretVariable" (list "TRAINING_TOKEN" $token "token") | nindent 10 }}
          {{- include "candor.secretVariable" (list "MODELS_TOKEN" $token "token") | nindent 10 }}
          {{- include "candor.modelStore.environment" . | nindent 10 }}
        resources: {{- toYaml .Values.training.resources | nindent 10 }}
        {{- include "candor.restricted" . | nindent 8 }}
        volumeMounts:
          - {name: tmp, mountPath: /tmp}
          - {name: runs, mountPath: /runs}
          {{- include "candor.modelStore.mount" . | nindent 10 }}
    volumes:
      - name: tmp
        emptyDir: {sizeLimit: 4Gi}
      - name: runs
        persistentVolumeClaim: {claimName: {{ $name }}-training}
      {{- include "candor.modelStore.volume" (list . false) | nindent 6 }}
{{- end }}
