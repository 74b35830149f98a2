{{/* TorchServe with what keeps it at a version: (list . "model-server" .Values.modelServer "production"), or the same for
     the canary. */}}
{{- define "candor.modelServer" -}}
{{- $component := index . 1 -}}
{{- $scale := index . 2 -}}
{{- $alias := index . 3 -}}
{{- with first . -}}
{{- $name := include "candor.fullname" . -}}
apiVersion: apps/v1
kind: Deployment
metadata: {{- include "candor.metadata" (list . $component) | nindent 2 }}
spec:
  {{- include "candor.replicas" $scale | nindent 2 }}
  {{- include "candor.rolling" . | nindent 2 }}
  selector:
    matchLabels: {{- include "candor.selector" (list . $component) | nindent 6 }}
  template:
    metadata:
      labels: {{- include "candor.labels" (list . $component) | nindent 8 }}
      annotations:
        checksum/config: {{ include (print .Template.BasePath "/model-server/config.yaml") . | sha256sum }}
    spec:
      {{- include "candor.pod" (list . "model-server" .Values.modelServer) | nindent 6 }}
      {{- include "candor.spread" (list . $component) | nindent 6 }}
      # A prediction may take five seconds: whoever asks waits no longer.
      terminationGracePeriodSeconds: 30
      containers:
        - name: torchserve
          {{- include "candor.image" (list . "model-server") | nindent 10 }}
          envFrom:
            - configMapRef: {name: {{ $name }}-model-server}
          ports:
            - {name: http, containerPort: 8080}
            - {name: metrics, containerPort: 8082}
          # It says that it is alive even with no model; whether it can answer is what sync says.
          startupProbe:
            httpGet: {path: /ping, port: http}
            periodSeconds: 2
            timeoutSeconds: 5
            failureThreshold: 90
          livenessProbe:
            httpGet: {path: /ping, port: http}
            periodSeconds: 10
            timeoutSeconds: 5
            failureThreshold: 6
          {{- include "candor.farewell" . | nindent 10 }}
          resources: {{- toYaml .Values.modelServer.resources | nindent 12 }}
          {{- include "candor.restricted" . | nindent 10 }}
          volumeMounts:
            - {name: home, mountPath: /var/lib/model-server}
        - name: sync
          {{- include "candor.image" (list . "model-server") | nindent 10 }}
          command: [model-server, sync]
          envFrom:
            - configMapRef: {name: {{ $name }}-model-server}
          env:
            - {name: SYNC_ALIAS, value: {{ $alias }}}
            {{- include "candor.secretVariable" (list "MODEL_SYNC_TOKEN" (print $name "-model-sync-token") "token") | nindent 12 }}
            {{- include "candor.modelStore.environment" . | nindent 12 }}
          ports:
            - {name: sync, containerPort: 8083}
          # Ready means that TorchServe's default version has a worker that is.
          readinessProbe:
            httpGet: {path: /readyz, port: sync}
            periodSeconds: 3
            timeoutSeconds: 5
          livenessProbe:
            httpGet: {path: /healthz, port: sync}
            initialDelaySeconds: 20
            periodSeconds: 10
            timeoutSeconds: 5
            failureThreshold: 6
          {{- include "candor.farewell" . | nindent 10 }}
          resources: {{- toYaml .Values.modelServer.sync.resources | nindent 12 }}
          {{- include "candor.restricted" . | nindent 10 }}
          volumeMounts:
            - {name: home, mountPath: /var/lib/model-server}
            {{- include "candor.modelStore.mount" . | nindent 12 }}
      volumes:
        # Archives, unpacked models, sockets and logs: all that TorchServe writes.
        - name: home
          emptyDir: {sizeLimit: 2Gi}
        {{- include "candor.modelStore.volume" (list . true) | nindent 8 }}
{{- end }}
{{- end }}
