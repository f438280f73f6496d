import type { MapLevel, MapNode } from '../../../flow/api.ts';
import type { Endpoint } from '../../../flow/flow.ts';
import type { NodeIdentity } from './node.ts';

/** One end of flows as far as the map's levels tell ends apart: a node of the map, and what is behind it. '' where not known. */
export interface Place extends NodeIdentity {
  service: string;
  pod: string;
  /** Node of the cluster. */
  host: string;
}

/** All addresses that nobody has a name for, at the levels that are there for an overview. */
const UNNAMED: NodeIdentity = { id: 'addresses', name: 'unnamed addresses', kind: 'address', namespace: '' };

export function placeOf({ service = '', pod = '', node = '' }: Endpoint, shown: NodeIdentity): Place {
  return { ...shown, service, pod, host: node };
}

/**
 * What a place is drawn as. Where it has nothing of a level, such as an address outside at the level of pods, it is
 * drawn as it is among workloads.
 */
export function nodeAt(level: MapLevel, place: Place): NodeIdentity {
  const { namespace, service, pod, host, kind } = place;
  if (level === 'service' && service !== '')
    return named('service', `${namespace}/${service}`, service, namespace);
  if (level === 'pod' && pod !== '') return named('pod', `${namespace}/${pod}`, pod, namespace);
  if (level === 'node' && host !== '') return named('node', `node/${host}`, host, '');
  if (level === 'namespace' && namespace !== '')
    return named('namespace', `namespace/${namespace}`, namespace, '');
  if (kind === 'address' && (level === 'namespace' || level === 'node')) return UNNAMED;
  return { id: place.id, name: place.name, kind, namespace };
}

function named(kind: MapNode['kind'], id: string, name: string, namespace: string): NodeIdentity {
  return { id, name, kind, namespace };
}
