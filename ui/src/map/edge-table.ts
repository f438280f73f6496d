import type { MapEdge, MapNode, ServiceMap } from '../../../flow/api.ts';
import { errorShare } from './labels.ts';

export interface EdgeRow {
  edge: MapEdge;
  from: MapNode | undefined;
  to: MapNode | undefined;
  share: number;
}

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
} as const;
export type SortKey = keyof typeof SORTS;

/** The map as rows: those whose ends are searched for, sorted; equal ones by their ends, so that rows stay where they are. */
export function edgeRows(map: ServiceMap, key: SortKey, down: boolean, search: string): EdgeRow[] {
  const nodes = new Map(map.nodes.map((node) => [node.id, node]));
  const wanted = search.trim().toLowerCase();
  const rows = map.edges
    .map((edge) => ({
      edge,
      from: nodes.get(edge.from),
      to: nodes.get(edge.to),
      share: errorShare(edge, edge.count),
    }))
    .filter(({ edge }) => `${edge.from} ${edge.to}`.toLowerCase().includes(wanted));
  const value = SORTS[key];
  const compare = (a: string | number, b: string | number): number => (a < b ? -1 : a > b ? 1 : 0);
  return rows.sort(
    (a, b) =>
      compare(value(a), value(b)) * (down ? -1 : 1) ||
      compare(a.edge.from, b.edge.from) ||
      compare(a.edge.to, b.edge.to),
  );
}
