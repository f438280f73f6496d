/** From which addresses the workers of nodes come: they use the host's network, so it is the nodes' own. */

import { firstTwo, hostCidr, nth } from './cidr.ts';

/** What is read of a Node. */
export interface NodeObject {
  metadata: { name: string; annotations?: Record<string, string> };
  spec?: { podCIDR?: string; podCIDRs?: string[] };
  status?: { addresses?: { type: string; address: string }[] };
}

/** Of which each says an address of its node, alone or with the length of its network. */
const ADDRESSES = [
  'projectcalico.org/IPv4Address',
  'projectcalico.org/IPv6Address',
  'projectcalico.org/IPv4IPIPTunnelAddr',
  'projectcalico.org/IPv4VXLANTunnelAddr',
  'projectcalico.org/IPv6VXLANTunnelAddr',
  'projectcalico.org/IPv4WireguardInterfaceAddr',
  'projectcalico.org/IPv6WireguardInterfaceAddr',
  'flannel.alpha.coreos.com/public-ip',
  'flannel.alpha.coreos.com/public-ipv6',
  'network.cilium.io/ipv4-cilium-host',
  'network.cilium.io/ipv6-cilium-host',
  'io.cilium.network.ipv4-cilium-host',
  'io.cilium.network.ipv6-cilium-host',
] as const;

/** OVN-Kubernetes: JSON by the name of a network, of which pods have `default`. The host's port in a subnet is its .2. */
const OVN_SUBNETS = 'k8s.ovn.org/node-subnets';
/** The port of the node's gateway router, from which come a host's packets to a Service: `{"ipv4":"100.64.0.4/16"}`. */
const OVN_GATEWAY = 'k8s.ovn.org/node-gateway-router-lrp-ifaddr';
/** The same by the name of a network, in later releases. */
const OVN_GATEWAYS = 'k8s.ovn.org/node-gateway-router-lrp-ifaddrs';

/**
 * Ranges with all addresses that a host's packets to a pod may come from, as far as nodes tell them: sorted, each once.
 *
 * Within a network of routes it is the node's address. Through an overlay or a bridge it is that interface's, which
 * no list of addresses has: of the node's range of pod addresses the first (an overlay's: flannel.1) or the second
 * (a bridge's: cni0, cbr0, antrea-gw0), or what the network wrote on the node. What is no address is passed over.
 */
export function nodeCidrs(nodes: readonly NodeObject[]): string[] {
  return [...new Set(nodes.flatMap(cidrsOf))].toSorted();
}

/** The addresses by which a node is known in the cluster: its internal ones, or where it has none the external. */
export function ownAddresses({ status }: NodeObject): string[] {
  const ofType = (wanted: string) =>
    (status?.addresses ?? []).filter(({ type }) => type === wanted).map(({ address }) => address);
  const internal = ofType('InternalIP');
  return internal.length > 0 ? internal : ofType('ExternalIP');
}

function cidrsOf(node: NodeObject): string[] {
  const { annotations = {} } = node.metadata;
  const { podCIDR, podCIDRs = podCIDR === undefined ? [] : [podCIDR] } = node.spec ?? {};
  const own = [...ownAddresses(node), ...ADDRESSES.flatMap((name) => annotations[name] ?? [])];
  return [
    ...own.map(hostCidr),
    ...podCIDRs.map(firstTwo),
    ...texts(member(readJson(annotations[OVN_SUBNETS]), 'default')).map((subnet) => nth(subnet, 2)),
    ...texts(readJson(annotations[OVN_GATEWAY])).map(hostCidr),
    ...texts(member(readJson(annotations[OVN_GATEWAYS]), 'default')).map(hostCidr),
  ].filter((cidr) => cidr !== undefined);
}

function readJson(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/** A text, or the texts in a list or by their names: releases differ. */
function texts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null
    ? Object.values(value).filter((each) => typeof each === 'string')
    : [];
}
