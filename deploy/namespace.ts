import type { V1Namespace } from '@kubernetes/client-node';
import { labels } from './names.ts';

/**
 * A namespace of Remora's own.
 *
 * Pod Security: the level `baseline` forbids host networking and adding NET_RAW, and a worker is nothing without
 * them, so this namespace must be `privileged`, however little of that level is used. Only the worker needs it:
 * the hub's pod satisfies `restricted`.
 */
export function namespaceObject(name: string): V1Namespace {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name,
      labels: {
        ...labels(),
        'pod-security.kubernetes.io/enforce': 'privileged',
        'pod-security.kubernetes.io/audit': 'privileged',
        'pod-security.kubernetes.io/warn': 'privileged',
      },
    },
  };
}
