import { type MapNode, OTHERS_ID } from '../../../flow/api.ts';
import type { Endpoint } from '../../../flow/flow.ts';

/** What the map draws for an endpoint: all pods of a workload are one node. */
export type NodeIdentity = Pick<MapNode, 'id' | 'name' | 'kind'> & { namespace: string };

export const OTHERS_NODE: NodeIdentity = {
  id: OTHERS_ID,
  name: 'others',
  kind: 'external',
  namespace: '',
};

export function nodeOf(endpoint: Endpoint): NodeIdentity {
  const { namespace = '', workload, service, pod, node, name, ip } = endpoint;
  if (workload !== undefined)
    return { id: `${namespace}/${workload}`, name: workload, kind: 'workload', namespace };
  if (service !== undefined)
    return { id: `${namespace}/${service}`, name: service, kind: 'service', namespace };
  if (pod !== undefined) return { id: `${namespace}/${pod}`, name: pod, kind: 'workload', namespace };
  if (node !== undefined && (name === node || name === ip))
    return { id: `node/${node}`, name: node, kind: 'node', namespace };
  return { id: name, name, kind: name === ip ? 'address' : 'external', namespace };
}
