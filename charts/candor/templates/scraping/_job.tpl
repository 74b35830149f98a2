{{/* What a run is. The API may start it, and nothing but it: jobs/admission.yaml compares. So what Kubernetes would add inside
     of a field is said here. */}}
{{- define "candor.scraping.job" -}}
{{- $name := include "candor.fullname" . -}}
{{- $demo := .Values.scraping.demoSite -}}
# The next run goes on where one was killed; a site that changed is not asked again and again.
backoffLimit: 1
activeDeadlineSeconds: {{ .Values.scraping.deadlineSeconds }}
template:
  metadata:
    labels: {{- include "candor.labels" (list . "scraping") | nindent 6 }}
  spec:
    {{- include "candor.pod" (list . "scraping" .Values.scraping) | nindent 4 }}
    restartPolicy: Never
    terminationGracePeriodSeconds: 60
    {{- if $demo.enabled }}
    initContainers:
      - name: demo-site
        {{- include "candor.image" (list . "scraping") | nindent 8 }}
        command: [demo-site, --companies={{ $demo.companies }}, --reviews={{ $demo.reviews }}]
        # It serves beside the scraper, and ends with it.
        restartPolicy: Always
        startupProbe:
          exec: {command: [python, -c, "import socket; socket.create_connection(('127.0.0.1', 8090), 5)"]}
          periodSeconds: 2
          timeoutSeconds: 5
          successThreshold: 1
          failureThreshold: 60
        resources:
          requests: {cpu: 20m, memory: 96Mi}
          limits: {memory: 512Mi}
        {{- include "candor.restricted" . | nindent 8 }}
        volumeMounts:
          - {name: tmp, mountPath: /tmp}
    {{- end }}
    containers:
      - name: scraper
        {{- include "candor.image" (list . "scraping") | nindent 8 }}
        args:
          - crawl
          - --profile={{ .Values.scraping.profile }}
          - --state=/state
          - --api=http://{{ $name }}-api
          {{- with ternary "http://127.0.0.1:8090" .Values.scraping.baseUrl $demo.enabled }}
          - --base-url={{ . }}
          {{- end }}
          {{- range .Values.scraping.arguments }}
          - {{ . | quote }}
          {{- end }}
        env:
          {{- include "candor.secretVariable" (list "SCRAPER_TOKEN" (print $name "-scraper-token") "token") | nindent 10 }}
          {{- with .Values.scraping.contact }}
          - {name: SCRAPER_CONTACT, value: {{ . | quote }}}
          {{- end }}
          {{- with .Values.scraping.acceptTerms }}
          - {name: SCRAPER_ACCEPT_TERMS, value: {{ . | quote }}}
          {{- end }}
          - {name: SCRAPER_LOG_LEVEL, value: {{ .Values.logLevel }}}
        resources: {{- toYaml .Values.scraping.resources | nindent 10 }}
        {{- include "candor.restricted" . | nindent 8 }}
        volumeMounts:
          - {name: state, mountPath: /state}
          - {name: tmp, mountPath: /tmp}
    volumes:
      - name: state
        persistentVolumeClaim: {claimName: {{ $name }}-crawl}
      # The browser's profile and cache, and the demo site's log.
      - name: tmp
        emptyDir: {sizeLimit: 1Gi}
{{- end }}
