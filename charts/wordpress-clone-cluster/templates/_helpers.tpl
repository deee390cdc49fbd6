{{/* The recommended labels of every object of this chart. */}}
{{- define "labels" -}}
app.kubernetes.io/name: wordpress-clone
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: cluster
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
{{- end }}

{{/* Look again only if the spec changed: label edits, finalizers and status are nobody's business. */}}
{{- define "specChanged" -}}
- name: spec-changed
  expression: request.operation == 'CREATE' || object.?spec != oldObject.?spec
{{- end }}
