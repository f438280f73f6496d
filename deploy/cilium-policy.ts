/** Cilium's own policy for the hub: the nodes, which Cilium knows by what they are and not by their addresses. */

import type { KubernetesObject } from '@kubernetes/client-node';
import { HUB, HUB_PORT, metadata, selectorLabels } from './names.ts';

export interface CiliumNetworkPolicy extends KubernetesObject {
  spec: {
    endpointSelector: { matchLabels: Record<string, string> };
    ingress: {
      fromEntities: ('host' | 'remote-node')[];
      toPorts: { ports: { port: string; protocol: 'TCP' }[] }[];
    }[];
  };
}

/**
 * Beside the NetworkPolicy: what either lets in comes in. Cilium gives each node an identity and holds ranges of
 * addresses against everything else (unless `policy-cidr-match-mode=nodes` is set), so that the NetworkPolicy alone
 * would keep out every worker but the one on the hub's own node.
 */
export function ciliumPolicy(namespace: string): CiliumNetworkPolicy {
  return {
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumNetworkPolicy',
    metadata: metadata(namespace, HUB, 'hub'),
    spec: {
      endpointSelector: { matchLabels: selectorLabels('hub') },
      ingress: [
        {
          fromEntities: ['host', 'remote-node'],
          toPorts: [{ ports: [{ port: String(HUB_PORT), protocol: 'TCP' }] }],
        },
      ],
    },
  };
}
