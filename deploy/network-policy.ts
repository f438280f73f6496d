/** Who may come to the hub: workers. What else wants to has to ask the API server for a port-forward. */

import type { KubernetesObject, V1NetworkPolicySpec } from '@kubernetes/client-node';
import { HUB, HUB_PORT, metadata, selectorLabels } from './names.ts';

/** As it goes over the wire: the client library's own type calls `from` `_from`. */
export interface NetworkPolicy extends KubernetesObject {
  spec: Omit<V1NetworkPolicySpec, 'ingress'> & { ingress: IngressRule[] };
}

export interface IngressRule {
  from?: Peer[];
  ports: { port: number; protocol: 'TCP' }[];
}

type Peer = { podSelector: { matchLabels: Record<string, string> } } | { ipBlock: { cidr: string } };

/** More ranges than this are not named one by one: some networks make a rule of each, on every node. */
export const MAX_NODE_CIDRS = 2000;

/**
 * Lets in what belongs at the hub: to its one port, and nothing else.
 *
 * Workers use the host's network, so their packets bear the addresses of nodes, and a selector of pods never
 * matches them (it stands here for the few networks where it does). `nodeCidrs` are those addresses
 * (node-addresses.ts). Without any, every address may try the port, where it finds TLS and needs a token. Cilium
 * does not count nodes into ranges of addresses: cilium-policy.ts.
 *
 * A port-forward needs no rule. The kubelet enters the pod's own network and connects to its loopback, past any
 * policy. Its probes come from the pod's own node, which policies always let in. Where the network does not
 * enforce policies, all this does nothing: TLS and tokens do not rely on it.
 */
export function networkPolicy(namespace: string, nodeCidrs: readonly string[]): NetworkPolicy {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: metadata(namespace, HUB, 'hub'),
    spec: {
      podSelector: { matchLabels: selectorLabels('hub') },
      policyTypes: ['Ingress'],
      ingress: [ingressRule(nodeCidrs)],
    },
  };
}

/** The policy's one rule. */
export function ingressRule(nodeCidrs: readonly string[]): IngressRule {
  const workers = { podSelector: { matchLabels: selectorLabels('worker') } };
  return {
    ...(nodeCidrs.length === 0
      ? {}
      : { from: [workers, ...nodeCidrs.map((cidr) => ({ ipBlock: { cidr } }))] }),
    ports: [{ port: HUB_PORT, protocol: 'TCP' }],
  };
}

/** The ranges of addresses that a policy lets in; undefined where it lets in every address. */
export function admittedCidrs({ spec }: { spec?: { ingress?: IngressRule[] } }): string[] | undefined {
  const rules = spec?.ingress ?? [];
  if (rules.some(({ from }) => from === undefined || from.length === 0)) return undefined;
  return rules.flatMap(({ from = [] }) =>
    from.flatMap((peer) => ('ipBlock' in peer ? peer.ipBlock.cidr : [])),
  );
}
