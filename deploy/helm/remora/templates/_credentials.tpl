{{/*
The five credentials as YAML: given as values, else those of the Secret in the cluster, else new ones. New ones
differ at each call, so they are kept in the values of this one rendering.
*/}}
{{- define "remora.credentials" -}}
{{- if not (hasKey .Values "renderedCredentials") -}}
{{- $_ := set .Values "renderedCredentials" (include "remora.chooseCredentials" . | fromYaml) -}}
{{- end -}}
{{- toYaml .Values.renderedCredentials -}}
{{- end }}

{{- define "remora.chooseCredentials" -}}
{{- $given := omit .Values.credentials "existingSecret" -}}
{{- $old := (lookup "v1" "Secret" .Release.Namespace "remora").data | default dict -}}
{{- if compact (values $given) -}}
{{- range $name, $value := $given -}}
{{- if not $value -}}
{{- fail (printf "credentials.%s is missing: give all five credentials, or none" $name) -}}
{{- end -}}
{{- end -}}
{{- toYaml $given -}}
{{- else if hasKey $old "worker-token" -}}
caCertificate: {{ index $old "ca.crt" | b64dec | quote }}
serverCertificate: {{ index $old "tls.crt" | b64dec | quote }}
serverKey: {{ index $old "tls.key" | b64dec | quote }}
token: {{ index $old "token" | b64dec | quote }}
workerToken: {{ index $old "worker-token" | b64dec | quote }}
{{- else -}}
{{- $days := 1095 -}}
{{- $host := printf "remora-hub.%s" .Release.Namespace -}}
{{- $names := list "remora-hub" $host (printf "%s.svc" $host) (printf "%s.svc.cluster.local" $host) "localhost" -}}
{{- $authority := genCA "Remora" $days -}}
{{- $server := genSignedCert "remora-hub" nil $names $days $authority -}}
caCertificate: {{ $authority.Cert | quote }}
serverCertificate: {{ $server.Cert | quote }}
serverKey: {{ $server.Key | quote }}
token: {{ randAlphaNum 43 | quote }}
workerToken: {{ randAlphaNum 43 | quote }}
{{- end -}}
{{- end }}

{{/* What pods must be replaced for. A Secret of your own is not read: restart them when it changes. */}}
{{- define "remora.hubChecksums" -}}
{{- if not .Values.credentials.existingSecret }}
{{- with include "remora.credentials" . | fromYaml }}
checksum/credentials: {{ list .caCertificate .serverCertificate .serverKey .token .workerToken | join "\n" | sha256sum }}
{{- end }}
{{- end }}
checksum/targets: {{ include "remora.targets" . | sha256sum }}
{{- end }}

{{- define "remora.workerChecksums" -}}
{{- if not .Values.credentials.existingSecret }}
{{- with include "remora.credentials" . | fromYaml }}
checksum/credentials: {{ list .caCertificate .workerToken | join "\n" | sha256sum }}
{{- end }}
{{- end }}
{{- end }}
