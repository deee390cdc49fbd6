{{/* The recommended labels of every object of this chart. */}}
{{- define "labels" -}}
app.kubernetes.io/name: wordpress-clone-operator
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
{{- end }}

{{/* What the operator's own pods are selected by; never changes. */}}
{{- define "selector" -}}
app.kubernetes.io/name: wordpress-clone-operator
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* The guard's ConfigMap is named after its content: running clones keep the one they began with. */}}
{{- define "guard" -}}
wpclone-guard-{{ (.Files.Glob "files/guard/*").AsConfig | sha256sum | trunc 8 }}
{{- end }}

{{/* Peers of a NetworkPolicy: whole namespaces, by name, and address ranges. */}}
{{- define "peers" -}}
{{- range .namespaces }}
- namespaceSelector:
    matchLabels:
      kubernetes.io/metadata.name: {{ . }}
{{- end }}
{{- range .cidrs }}
- ipBlock:
    cidr: {{ . }}
{{- end }}
{{- end }}
