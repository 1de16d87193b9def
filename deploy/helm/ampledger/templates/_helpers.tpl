{{- define "ampledger.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" }}
{{- end }}

{{- define "ampledger.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" }}
{{- else if contains (include "ampledger.name" .) .Release.Name }}
{{- .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "ampledger.name" .) | trunc 40 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{/* Of every object. */}}
{{- define "ampledger.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: ampledger
{{ include "ampledger.selector" . }}
{{- end }}

{{/* Of every pod: what selectors look for, without the component. */}}
{{- define "ampledger.selector" -}}
app.kubernetes.io/name: {{ include "ampledger.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "ampledger.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}{{ default (include "ampledger.fullname" .) .Values.serviceAccount.name }}{{ else }}{{ default "default" .Values.serviceAccount.name }}{{ end }}
{{- end }}

{{- define "ampledger.secretName" -}}
{{- default (include "ampledger.fullname" .) .Values.secrets.existingSecret }}
{{- end }}

{{- define "ampledger.sitesName" -}}
{{- default (printf "%s-sites" (include "ampledger.fullname" .)) .Values.sites.existingConfigMap }}
{{- end }}

{{/* File names of the sites, with commas between. */}}
{{- define "ampledger.sitePaths" -}}
{{- $names := ternary .Values.sites.existingNames (keys .Values.sites.files | sortAlpha) (ne .Values.sites.existingConfigMap "") }}
{{- $paths := list }}
{{- range $names }}{{ $paths = append $paths (printf "/etc/ampledger/sites/%s" .) }}{{ end }}
{{- join "," $paths }}
{{- end }}

{{/* The port of /livez, /readyz and /metrics of each process. */}}
{{- define "ampledger.adminPort" -}}
{{- get (dict "ingress" "9401" "recorder" "9402" "optimizer" "9403" "command" "9404" "api" "9405") . }}
{{- end }}

{{- define "ampledger.usesSasl" -}}
{{- if .Values.kafka.saslMechanism }}yes{{ end }}
{{- end }}

{{/* Which keys of the secret a process is shown: no more than it needs. */}}
{{- define "ampledger.secretItems" -}}
- { key: event-store-url, path: event-store-url }
{{- if include "ampledger.usesSasl" .root }}
- { key: kafka-sasl-password, path: kafka-sasl-password }
{{- end }}
{{- if eq .process "ingress" }}
- { key: pseudonym-key, path: pseudonym-key }
{{- end }}
{{- if eq .process "api" }}
- { key: tokens, path: tokens }
{{- end }}
{{- end }}

{{/* The template of the pods of a process. Takes root, process, grace (seconds). */}}
{{- define "ampledger.podTemplate" -}}
{{- $root := .root }}
{{- $process := .process }}
{{- $own := index $root.Values $process }}
{{- $port := include "ampledger.adminPort" $process }}
metadata:
  labels:
    {{- include "ampledger.selector" $root | nindent 4 }}
    app.kubernetes.io/component: {{ $process }}
    {{- with $root.Values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    # Other settings or secrets are other pods.
    checksum/config: {{ include (print $root.Template.BasePath "/configmap.yaml") $root | sha256sum }}
    checksum/secret: {{ include (print $root.Template.BasePath "/secret.yaml") $root | sha256sum }}
    {{- if $root.Values.metrics.annotations }}
    prometheus.io/scrape: 'true'
    prometheus.io/port: {{ $port | quote }}
    prometheus.io/path: /metrics
    {{- end }}
    {{- with $root.Values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "ampledger.serviceAccountName" $root }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ .grace }}
  {{- with $root.Values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $root.Values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- with $root.Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $root.Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- if $root.Values.topologySpread.enabled }}
  topologySpreadConstraints:
    {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
    - topologyKey: {{ . }}
      maxSkew: 1
      whenUnsatisfiable: {{ $root.Values.topologySpread.whenUnsatisfiable }}
      labelSelector:
        matchLabels:
          {{- include "ampledger.selector" $root | nindent 10 }}
          app.kubernetes.io/component: {{ $process }}
    {{- end }}
  {{- end }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 1000
    runAsGroup: 1000
    fsGroup: 1000
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile: { type: RuntimeDefault }
  containers:
    - name: {{ $process }}
      image: {{ printf "%s:%s" $root.Values.image.repository (default $root.Chart.AppVersion $root.Values.image.tag) | quote }}
      imagePullPolicy: {{ $root.Values.image.pullPolicy }}
      args: [{{ $process }}]
      envFrom:
        - configMapRef: { name: {{ include "ampledger.fullname" $root }} }
      env:
        - name: AMPLEDGER_INSTANCE
          valueFrom: { fieldRef: { fieldPath: metadata.name } }
        - { name: AMPLEDGER_ADMIN_PORT, value: {{ $port | quote }} }
        - { name: AMPLEDGER_EVENT_STORE_URL_FILE, value: /etc/ampledger/secrets/event-store-url }
        {{- if include "ampledger.usesSasl" $root }}
        - { name: AMPLEDGER_KAFKA_SASL_PASSWORD_FILE, value: /etc/ampledger/secrets/kafka-sasl-password }
        {{- end }}
        {{- if eq $process "ingress" }}
        - { name: AMPLEDGER_HOST, value: 0.0.0.0 }
        - { name: AMPLEDGER_OCPP_PORT, value: '9220' }
        - { name: AMPLEDGER_PSEUDONYM_KEY_FILE, value: /etc/ampledger/secrets/pseudonym-key }
        - { name: AMPLEDGER_DRAIN_TIMEOUT, value: {{ printf "%ds" (int $own.drainSeconds) | quote }} }
        {{- end }}
        {{- if eq $process "api" }}
        - { name: AMPLEDGER_HOST, value: 0.0.0.0 }
        - { name: AMPLEDGER_PORT, value: '8220' }
        - { name: AMPLEDGER_TOKENS, value: /etc/ampledger/secrets/tokens }
        - { name: AMPLEDGER_DATA, value: /var/lib/ampledger }
        {{- with include "ampledger.sitePaths" $root }}
        - { name: AMPLEDGER_SITES, value: {{ . | quote }} }
        {{- end }}
        {{- end }}
        {{- range $name, $value := $own.env }}
        - { name: {{ $name }}, value: {{ $value | quote }} }
        {{- end }}
      ports:
        {{- if eq $process "ingress" }}
        - { name: ocpp, containerPort: 9220 }
        {{- else if eq $process "api" }}
        - { name: http, containerPort: 8220 }
        {{- end }}
        - { name: admin, containerPort: {{ $port }} }
      # Reading the log anew may take minutes; only then does a silent process count as dead.
      startupProbe:
        httpGet: { path: /livez, port: admin }
        periodSeconds: 5
        failureThreshold: 120
        timeoutSeconds: 5
      livenessProbe:
        httpGet: { path: /livez, port: admin }
        periodSeconds: 10
        failureThreshold: 6
        timeoutSeconds: 5
      readinessProbe:
        httpGet: { path: /readyz, port: admin }
        periodSeconds: 5
        failureThreshold: 2
        timeoutSeconds: 5
      {{- if eq $process "ingress" }}
      lifecycle:
        preStop: { exec: { command: [sleep, {{ $own.preStopSeconds | quote }}] } }
      {{- end }}
      resources:
        {{- toYaml $own.resources | nindent 8 }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: { drop: [ALL] }
      volumeMounts:
        - { name: secrets, mountPath: /etc/ampledger/secrets, readOnly: true }
        - { name: tmp, mountPath: /tmp }
        {{- if eq $process "api" }}
        - { name: data, mountPath: /var/lib/ampledger }
        {{- if include "ampledger.sitePaths" $root }}
        - { name: sites, mountPath: /etc/ampledger/sites, readOnly: true }
        {{- end }}
        {{- end }}
  volumes:
    - name: secrets
      secret:
        secretName: {{ include "ampledger.secretName" $root }}
        defaultMode: 0440
        items:
          {{- include "ampledger.secretItems" . | nindent 10 }}
    - name: tmp
      emptyDir: { sizeLimit: 64Mi }
    {{- if and (eq $process "api") (include "ampledger.sitePaths" $root) }}
    - name: sites
      configMap: { name: {{ include "ampledger.sitesName" $root }} }
    {{- end }}
{{- end }}
