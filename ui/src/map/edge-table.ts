import type { MapEdge, MapNode, ServiceMap } from '../../../flow/api.ts';
import { type Comparison, type EdgeChange, edgeKey } from '../../../flow/map-diff.ts';
import { coverage, errorShare } from './labels.ts';

export interface EdgeRow {
  edge: MapEdge;
  from: MapNode | undefined;
  to: MapNode | undefined;
  share: number;
  change: EdgeChange;
}

/** From the least to the most that one looks for in a comparison. */
const SEVERITY: readonly EdgeChange[] = ['same', 'gone', 'slower', 'failing', 'new'];

export const SORTS = {
  from: (row: EdgeRow) => row.from?.id ?? row.edge.from,
  to: (row: EdgeRow) => row.to?.id ?? row.edge.to,
  rate: (row: EdgeRow) => row.edge.rate,
  count: (row: EdgeRow) => row.edge.count,
  errors: (row: EdgeRow) => row.share,
  p50: (row: EdgeRow) => row.edge.p50 ?? -1,
  p95: (row: EdgeRow) => row.edge.p95 ?? -1,
  p99: (row: EdgeRow) => row.edge.p99 ?? -1,
  bytes: (row: EdgeRow) => row.edge.bytes,
  coverage: (row: EdgeRow) => coverage(row.edge),
  protocol: (row: EdgeRow) => row.edge.protocol,
  change: (row: EdgeRow) => SEVERITY.indexOf(row.change),
} as const;
export type SortKey = keyof typeof SORTS;

/** The map as rows: those of the edges that were found (by edgeKey; undefined: all), sorted; equal ones by their ends, so that rows stay where they are. */
export function edgeRows(
  map: ServiceMap,
  key: SortKey,
  down: boolean,
  found: ReadonlySet<string> | undefined,
  changes?: Comparison['changes'],
): EdgeRow[] {
  const nodes = new Map(map.nodes.map((node) => [node.id, node]));
  const rows = map.edges
    .filter((edge) => found?.has(edgeKey(edge)) !== false)
    .map((edge) => ({
      edge,
      from: nodes.get(edge.from),
      to: nodes.get(edge.to),
      share: errorShare(edge, edge.count),
      change: changes?.get(edgeKey(edge))?.change ?? ('same' as const),
    }));
  const value = SORTS[key];
  const compare = (a: string | number, b: string | number): number => (a < b ? -1 : a > b ? 1 : 0);
  return rows.sort(
    (a, b) =>
      compare(value(a), value(b)) * (down ? -1 : 1) ||
      compare(a.edge.from, b.edge.from) ||
      compare(a.edge.to, b.edge.to),
  );
}
