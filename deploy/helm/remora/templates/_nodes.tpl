{{/*
The ranges of addresses that workers come from, as JSON: given as values, else those that the cluster's nodes tell, as
deploy/node-addresses.ts in the sources reads them. []: any address may try the hub's port.

That is so where nodes may not be listed (whoever installs the whole cluster's rights may), where they are not asked
(`helm template`), where they tell too little (OVN-Kubernetes: given to the command line they are known), and where
they are too many.
*/}}
{{- define "remora.nodeCidrs" -}}
{{- $cidrs := list -}}
{{- if .Values.hub.nodeCidrs -}}
{{- $cidrs = without .Values.hub.nodeCidrs "any" -}}
{{- else if and (not .Values.namespaceOnly) (ne (include "remora.cilium" .) "bare") -}}
{{- $annotations := list
  "projectcalico.org/IPv4Address" "projectcalico.org/IPv6Address" "projectcalico.org/IPv4IPIPTunnelAddr"
  "projectcalico.org/IPv4VXLANTunnelAddr" "projectcalico.org/IPv6VXLANTunnelAddr"
  "projectcalico.org/IPv4WireguardInterfaceAddr" "projectcalico.org/IPv6WireguardInterfaceAddr"
  "flannel.alpha.coreos.com/public-ip" "flannel.alpha.coreos.com/public-ipv6"
  "network.cilium.io/ipv4-cilium-host" "network.cilium.io/ipv6-cilium-host"
  "io.cilium.network.ipv4-cilium-host" "io.cilium.network.ipv6-cilium-host" -}}
{{- $known := true -}}
{{- range $node := (lookup "v1" "Node" "" "").items -}}
{{- $own := dict "InternalIP" list "ExternalIP" list -}}
{{- range $node.status.addresses -}}
{{- $_ := set $own .type (append (get $own .type | default list) .address) -}}
{{- end -}}
{{- $addresses := $own.InternalIP | default $own.ExternalIP -}}
{{- $written := $node.metadata.annotations | default dict -}}
{{- range $annotations -}}
{{- $addresses = append $addresses (get $written .) -}}
{{- end -}}
{{- range $addresses -}}
{{- if regexMatch "^[0-9a-fA-F:.]+(/[0-9]+)?$" . -}}
{{- $address := regexReplaceAll "/.*" . "" -}}
{{- $cidrs = append $cidrs (printf "%s/%s" $address (ternary "128" "32" (contains ":" $address))) -}}
{{- end -}}
{{- end -}}
{{/* The first two: of an overlay and of a bridge. */}}
{{- range $node.spec.podCIDRs -}}
{{- $cidrs = append $cidrs (regexReplaceAll "/.*" . (ternary "/127" "/31" (contains ":" .))) -}}
{{- end -}}
{{- if hasKey $written "k8s.ovn.org/node-subnets" -}}
{{- $known = false -}}
{{- end -}}
{{- end -}}
{{- $cidrs = uniq $cidrs | sortAlpha -}}
{{- if or (not $known) (gt (len $cidrs) 2000) -}}
{{- $cidrs = list -}}
{{- end -}}
{{- end -}}
{{- toJson $cidrs -}}
{{- end }}

{{/* `policies`: the network is Cilium's; `bare`: without the kind of its policies; empty: another, or not asked. */}}
{{- define "remora.cilium" -}}
{{- if .Capabilities.APIVersions.Has "cilium.io/v2/CiliumNetworkPolicy" -}}
policies
{{- else if .Capabilities.APIVersions.Has "cilium.io/v2" -}}
bare
{{- end -}}
{{- end }}
