{{/* The labels of all objects. Argument: { root, component (may be missing) } */}}
{{- define "remora.labels" -}}
app.kubernetes.io/name: remora
app.kubernetes.io/instance: remora
{{- with .component }}
app.kubernetes.io/component: {{ . }}
{{- end }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{- end }}

{{/* What finds the pods of a component, and never changes. Argument: the component */}}
{{- define "remora.selector" -}}
app.kubernetes.io/name: remora
app.kubernetes.io/instance: remora
app.kubernetes.io/component: {{ . }}
{{- end }}

{{/* Argument: { root, repository } */}}
{{- define "remora.image" -}}
{{ with .root.Values.image }}{{ .registry }}/{{ $.repository }}:{{ .tag | default $.root.Chart.AppVersion }}{{ end }}
{{- end }}

{{- define "remora.pullSecrets" -}}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
{{- range . }}
  - name: {{ . | quote }}
{{- end }}
{{- end }}
{{- end }}

{{/* A size in bytes, of a number or a text such as 2Gi. The schema has checked its form. */}}
{{- define "remora.bytes" -}}
{{- if kindIs "string" . -}}
{{- $number := regexFind "^[0-9]+" . | int64 -}}
{{- $unit := regexFind "[A-Za-z]*$" . -}}
{{- $factors := dict "" 1 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 -}}
{{- mul $number (get $factors $unit) -}}
{{- else -}}
{{- int64 . -}}
{{- end -}}
{{- end }}

{{/* Where the images run: not on Windows, and not on nodes that are no machines and show no network. */}}
{{- define "remora.nodes" -}}
nodeAffinity:
  requiredDuringSchedulingIgnoredDuringExecution:
    nodeSelectorTerms:
      - matchExpressions:
          - { key: kubernetes.io/os, operator: In, values: [linux] }
          - { key: kubernetes.io/arch, operator: In, values: [amd64, arm64] }
          - { key: type, operator: NotIn, values: [virtual-kubelet] }
          - { key: eks.amazonaws.com/compute-type, operator: NotIn, values: [fargate] }
{{- end }}

{{- define "remora.hubHost" -}}
remora-hub.{{ .Release.Namespace }}.svc
{{- end }}

{{- define "remora.secretName" -}}
{{ .Values.credentials.existingSecret | default "remora" }}
{{- end }}

{{- define "remora.targets" -}}
{{- pick .Values.targets "excludeNamespaces" "namespaces" "pods" "refs" "selector" | toRawJson -}}
{{- end }}

{{/* In bytes; where none is given a disk has more room than memory. */}}
{{- define "remora.recordLimit" -}}
{{- $standard := ternary "512Mi" "128Mi" (eq .Values.worker.recordOn "disk") -}}
{{- $given := .Values.worker.recordLimit -}}
{{- include "remora.bytes" (eq (toString $given) "" | ternary $standard $given) -}}
{{- end }}

{{/* Not empty where workers keep packets on their nodes' disks. */}}
{{- define "remora.recordsOnDisk" -}}
{{- if and (eq .Values.worker.recordOn "disk") (gt (include "remora.recordLimit" . | int64) 0) -}}
true
{{- end -}}
{{- end -}}
