import type { MapNode } from '../../../flow/api.ts';
import { literal } from '../traffic/clauses.ts';

/** Filters that find the flows behind what the map shows. */
export function endClause(end: 'src' | 'dst', node: MapNode): string {
  const name = `${end}.name == ${literal(node.name)}`;
  return node.namespace === undefined ? name : `${name} && ${end}.namespace == ${literal(node.namespace)}`;
}

export function edgeClause(from: MapNode, to: MapNode): string {
  return `${endClause('src', from)} && ${endClause('dst', to)}`;
}
