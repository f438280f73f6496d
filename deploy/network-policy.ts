import type { KubernetesObject, V1NetworkPolicySpec } from '@kubernetes/client-node';
import { HUB, HUB_PORT, metadata, selectorLabels } from './names.ts';

/** As it goes over the wire: the client library's own type calls `from` `_from`. */
interface NetworkPolicy extends KubernetesObject {
  spec: Omit<V1NetworkPolicySpec, 'ingress'> & {
    ingress: { from?: Peer[]; ports: { port: number; protocol: 'TCP' }[] }[];
  };
}

type Peer = { podSelector: { matchLabels: Record<string, string> } } | { ipBlock: { cidr: string } };

/**
 * Lets in what belongs at the hub: its one port, and nothing else.
 *
 * Workers use the host's network, so their packets bear the addresses of nodes, and a selector of pods never
 * matches them (it stands here for the few networks where it does). With `nodeCidrs` only nodes come in. Without,
 * any address may try that port, where it finds TLS and needs a token: an address block for everything would be
 * no safer, and Cilium does not count nodes into blocks (there, set `policy-cidr-match-mode=nodes` to use
 * `nodeCidrs`).
 *
 * A port-forward needs no rule. The kubelet enters the pod's own network and connects to its loopback, past any
 * policy. Its probes come from the pod's own node, which policies always let in. Where the network does not
 * enforce policies, all this does nothing: TLS and tokens do not rely on it.
 */
export function networkPolicy(namespace: string, nodeCidrs: readonly string[]): NetworkPolicy {
  const workers = { podSelector: { matchLabels: selectorLabels('worker') } };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: metadata(namespace, HUB, 'hub'),
    spec: {
      podSelector: { matchLabels: selectorLabels('hub') },
      policyTypes: ['Ingress'],
      ingress: [
        {
          ...(nodeCidrs.length === 0
            ? {}
            : { from: [workers, ...nodeCidrs.map((cidr) => ({ ipBlock: { cidr } }))] }),
          ports: [{ port: HUB_PORT, protocol: 'TCP' }],
        },
      ],
    },
  };
}
