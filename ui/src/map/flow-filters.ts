import type { MapNode } from '../../../flow/api.ts';
import { literal } from '../traffic/clauses.ts';

/** Filters that find the flows behind what the map shows. */
export function endClause(end: 'src' | 'dst', node: MapNode): string {
  const { name: text, kind } = node;
  if (kind === 'namespace') return `${end}.namespace == ${literal(text)}`;
  if (kind === 'node') return `${end}.node == ${literal(text)}`;
  // All addresses without a name, drawn as one.
  if (node.id === 'addresses') return `${end}.name == ${end}.ip`;
  const field = kind === 'pod' ? 'pod.name' : kind === 'service' ? 'service.name' : 'name';
  const name = `${end}.${field} == ${literal(text)}`;
  return node.namespace === undefined ? name : `${name} && ${end}.namespace == ${literal(node.namespace)}`;
}

export function edgeClause(from: MapNode, to: MapNode): string {
  return `${endClause('src', from)} && ${endClause('dst', to)}`;
}
