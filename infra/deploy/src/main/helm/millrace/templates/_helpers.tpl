{{- define "millrace.name" -}}
{{- if contains "millrace" .Release.Name }}{{ .Release.Name | trunc 52 | trimSuffix "-" }}{{ else }}{{ printf "%s-millrace" .Release.Name | trunc 52 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "millrace.selector" -}}
app.kubernetes.io/name: millrace
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "millrace.labels" -}}
{{ include "millrace.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "millrace.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end }}

{{/* What both the nodes and the job that makes the topics are told. */}}
{{- define "millrace.environment" -}}
- name: JDK_JAVA_OPTIONS
  value: {{ .Values.javaOptions | quote }}
- name: MILLRACE_SERVER_ACCESS_FILE
  value: /etc/millrace/access/access.toml
- name: MILLRACE_COMMANDS_MAC_KEY_FILE
  value: /etc/millrace/command-keys/command-keys
{{- if .Values.kafka.propertiesSecret }}
- name: MILLRACE_KAFKA_PROPERTIES_FILE
  value: /etc/millrace/kafka/client.properties
{{- end }}
{{- end }}

{{- define "millrace.container" -}}
image: {{ include "millrace.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
{{- end }}

{{- define "millrace.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "millrace.mounts" -}}
- name: settings
  mountPath: /etc/millrace/settings
  readOnly: true
- name: access
  mountPath: /etc/millrace/access
  readOnly: true
- name: command-keys
  mountPath: /etc/millrace/command-keys
  readOnly: true
{{- if .Values.tls.secret }}
- name: tls
  mountPath: /etc/millrace/tls
  readOnly: true
{{- end }}
{{- if .Values.secrets.auditKeys }}
- name: audit-keys
  mountPath: /etc/millrace/audit-keys
  readOnly: true
{{- end }}
{{- if .Values.kafka.propertiesSecret }}
- name: kafka
  mountPath: /etc/millrace/kafka
  readOnly: true
{{- end }}
- name: tmp
  mountPath: /tmp
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "millrace.volumes" -}}
- name: settings
  configMap:
    name: {{ include "millrace.name" . }}
- name: access
  secret:
    secretName: {{ required "expected secrets.access to name a Secret with the key access.toml" .Values.secrets.access }}
    defaultMode: 0440
- name: command-keys
  secret:
    secretName: {{ required "expected secrets.commandKeys to name a Secret with the key command-keys" .Values.secrets.commandKeys }}
    defaultMode: 0440
{{- if .Values.tls.secret }}
- name: tls
  secret:
    secretName: {{ .Values.tls.secret }}
    defaultMode: 0440
{{- end }}
{{- if .Values.secrets.auditKeys }}
- name: audit-keys
  secret:
    secretName: {{ .Values.secrets.auditKeys }}
    defaultMode: 0440
{{- end }}
{{- if .Values.kafka.propertiesSecret }}
- name: kafka
  secret:
    secretName: {{ .Values.kafka.propertiesSecret }}
    defaultMode: 0440
{{- end }}
- name: tmp
  emptyDir:
    sizeLimit: 256Mi
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "millrace.scheme" -}}
{{ if .Values.tls.secret }}HTTPS{{ else }}HTTP{{ end }}
{{- end }}

{{/* A value as text. A list has commas, as in the variables. Numbers of a file of values are floating-point: a large whole one would become 2.097152e+06. */}}
{{- define "millrace.text" -}}
{{- if kindIs "slice" . -}}{{ join "," . }}
{{- else if kindIs "float64" . -}}
{{- if eq . (floor .) -}}{{ int64 . }}{{- else -}}{{ toString . }}{{- end -}}
{{- else -}}{{ toString . }}{{- end -}}
{{- end }}

{{/* Settings, a line each. A key may hold further keys, as the command line makes them of one with dots. */}}
{{- define "millrace.settings" -}}
{{- $prefix := .prefix }}
{{- range $key, $value := .settings }}
{{- if kindIs "map" $value }}
{{- include "millrace.settings" (dict "prefix" (printf "%s%s." $prefix $key) "settings" $value) }}
{{- else if kindIs "slice" $value }}
{{- fail (printf "expected settings.%s%s to be a text, a number or a boolean; entries of a list are separated by commas" $prefix $key) }}
{{- else }}
    {{ $prefix }}{{ $key }} = {{ include "millrace.text" $value | quote }}
{{- end }}
{{- end }}
{{- end }}
