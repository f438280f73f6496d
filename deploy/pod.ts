/** What the pods of hub and worker have in common. */

import type {
  V1Affinity,
  V1EnvVar,
  V1LocalObjectReference,
  V1SecurityContext,
} from '@kubernetes/client-node';
import { SECRET } from './names.ts';
import type { ImageOptions } from './options.ts';

/** Nothing but what the process was born with. */
export const LOCKED_CONTAINER: V1SecurityContext = {
  privileged: false,
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};

/** Where the images run: not on Windows, and not on nodes that are no machines and show no network. */
export const LINUX_NODES: V1Affinity = {
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [
        {
          matchExpressions: [
            { key: 'kubernetes.io/os', operator: 'In', values: ['linux'] },
            { key: 'kubernetes.io/arch', operator: 'In', values: ['amd64', 'arm64'] },
            { key: 'type', operator: 'NotIn', values: ['virtual-kubelet'] },
            { key: 'eks.amazonaws.com/compute-type', operator: 'NotIn', values: ['fargate'] },
          ],
        },
      ],
    },
  },
};

export function imageReference(
  { registry, tag }: Pick<ImageOptions, 'registry' | 'tag'>,
  repository: string,
): string {
  return `${registry}/${repository}:${tag}`;
}

export function pullSecrets({ pullSecrets }: ImageOptions): { imagePullSecrets?: V1LocalObjectReference[] } {
  return pullSecrets.length === 0 ? {} : { imagePullSecrets: pullSecrets.map((name) => ({ name })) };
}

/** Tokens come by the environment: arguments can be read by every user of the node. */
export function tokenVariable(name: string, key: string): V1EnvVar {
  return { name, valueFrom: { secretKeyRef: { name: SECRET, key } } };
}
