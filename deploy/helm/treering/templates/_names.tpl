{{/* What things are called, and what all pods have alike. */}}

{{- define "treering.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 40 | trimSuffix "-" }}
{{- end }}

{{- define "treering.fullname" -}}
{{- $name := include "treering.name" . }}
{{- .Values.fullnameOverride | default (contains $name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name $name)) | trunc 50 | trimSuffix "-" }}
{{- end }}

{{/* Called with (dict "root" $ "role" "worker"). */}}
{{- define "treering.selector" -}}
app.kubernetes.io/name: {{ include "treering.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .role }}
{{- end }}

{{- define "treering.labels" -}}
{{ include "treering.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "treering.serviceAccount" -}}
{{- .Values.serviceAccount.create | ternary (.Values.serviceAccount.name | default (include "treering.fullname" .)) (.Values.serviceAccount.name | default "default") }}
{{- end }}

{{- define "treering.image" -}}
{{- printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) }}
{{- end }}

{{- define "treering.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "treering.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{- define "treering.env" -}}
- name: TREERING_DATABASE_URL
  valueFrom:
    secretKeyRef:
      name: {{ .Values.database.existingSecret }}
      key: {{ .Values.database.key }}
- name: TREERING_BROKER_URL
  valueFrom:
    secretKeyRef:
      name: {{ .Values.broker.existingSecret }}
      key: {{ .Values.broker.key }}
{{- with .Values.qdrant.url }}
- name: TREERING_QDRANT_URL
  value: {{ . | quote }}
{{- end }}
{{- with .Values.qdrant.existingSecret }}
- name: TREERING_QDRANT_API_KEY
  valueFrom:
    secretKeyRef:
      name: {{ . }}
      key: {{ $.Values.qdrant.key }}
{{- end }}
{{- with .Values.encryption.existingSecret }}
- name: TREERING_MASTER_KEY_FILE
  value: /run/treering/master-key
- name: TREERING_KEYS_URL
  valueFrom:
    secretKeyRef:
      name: {{ . }}
      key: {{ $.Values.encryption.keysUrlKey }}
{{- end }}
{{- range $name, $value := .Values.settings }}
- name: TREERING_{{ $name | upper }}
  value: {{ kindIs "string" $value | ternary $value (toJson $value) | quote }}
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* A pod of one role: called with (dict "root" $ "role" "worker" "args" list "resources" dict), perhaps with "probes"
and "ports", which are text, and "of", the role's own values. */}}
{{- define "treering.pod" -}}
{{- $values := .root.Values }}
{{- $own := .of | default dict }}
{{- with $values.image.pullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  {{- include "treering.podSecurity" . | nindent 2 }}
containers:
  - name: {{ .role }}
    image: {{ include "treering.image" .root | quote }}
    imagePullPolicy: {{ $values.image.pullPolicy }}
    args: {{ .args | toJson }}
    env:
      {{- include "treering.env" .root | nindent 6 }}
    {{- with $values.modelKeys.existingSecret }}
    envFrom:
      - secretRef:
          name: {{ . }}
    {{- end }}
    {{- with .ports }}
    ports:
      {{- . | nindent 6 }}
    {{- end }}
    {{- with .probes }}
    {{- . | nindent 4 }}
    {{- end }}
    resources:
      {{- toYaml .resources | nindent 6 }}
    securityContext:
      {{- include "treering.containerSecurity" . | nindent 6 }}
    volumeMounts:
      - name: tmp
        mountPath: /tmp
      - name: home
        mountPath: /data
      {{- if $values.encryption.existingSecret }}
      - name: master-key
        mountPath: /run/treering
        readOnly: true
      {{- end }}
volumes:
  - name: tmp
    emptyDir:
      sizeLimit: 256Mi
  - name: home
    emptyDir:
      sizeLimit: 256Mi
  {{- with $values.encryption.existingSecret }}
  - name: master-key
    secret:
      secretName: {{ . }}
      defaultMode: 0440
      items:
        - key: {{ $values.encryption.masterKey }}
          path: master-key
  {{- end }}
{{- with $own.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $own.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $own.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "treering.apiProbes" -}}
startupProbe:
  httpGet: { path: /health/live, port: http }
  periodSeconds: 2
  failureThreshold: 60
livenessProbe:
  httpGet: { path: /health/live, port: http }
  periodSeconds: 15
  timeoutSeconds: 5
  failureThreshold: 4
readinessProbe:
  httpGet: { path: /health/ready, port: http }
  periodSeconds: 10
  timeoutSeconds: 5
{{- end }}

{{/* A worker and beat are reached by nobody, so there is no readiness. A broker that is away is no reason to start them
anew: the check leaves them alone then. */}}
{{- define "treering.execProbes" -}}
livenessProbe:
  exec:
    command: [/opt/treering/role.sh, health, {{ .role }}]
  initialDelaySeconds: 60
  periodSeconds: 60
  timeoutSeconds: 30
  failureThreshold: 5
{{- end }}
