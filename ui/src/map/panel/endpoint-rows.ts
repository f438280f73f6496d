import type { EndpointSummary, Summary } from '../../../../flow/api.ts';
import { withClause } from '../../traffic/clauses.ts';
import { endpointClause } from '../../traffic/facets.ts';

export interface EndpointRow extends EndpointSummary {
  /** Requests a second. */
  rate: number;
  /** Of errors, 0 to 1. */
  share: number;
  /** Finds its flows; undefined for what stands for several. */
  filter: string | undefined;
}

export const ENDPOINT_SORTS = {
  name: (row: EndpointRow) => `${row.template} ${row.method} ${row.server}`,
  rate: (row: EndpointRow) => row.rate,
  errors: (row: EndpointRow) => row.share,
  p50: (row: EndpointRow) => row.p50 ?? -1,
  p95: (row: EndpointRow) => row.p95 ?? -1,
  p99: (row: EndpointRow) => row.p99 ?? -1,
} as const;
export type EndpointSort = keyof typeof ENDPOINT_SORTS;

/** `seconds`: for how long of the range there is data; what was not looked through is no part of it. */
export function endpointRows(summary: Summary, filter: string, seconds: number): EndpointRow[] {
  const looked = (Date.parse(summary.to) - Date.parse(summary.detailed.since)) / 1000;
  const over = Math.max(1, Math.min(seconds, looked));
  return summary.endpoints.map((endpoint) => {
    const clause = endpointClause(endpoint);
    return {
      ...endpoint,
      rate: endpoint.count / over,
      share: endpoint.errors / Math.max(1, endpoint.count),
      filter: clause === undefined ? undefined : withClause(filter, clause),
    };
  });
}

/** Equal ones by their names, so that rows stay where they are. */
export function sortEndpoints(rows: readonly EndpointRow[], by: EndpointSort, down: boolean): EndpointRow[] {
  const { name } = ENDPOINT_SORTS;
  const value = ENDPOINT_SORTS[by];
  const compare = (a: string | number, b: string | number): number => (a < b ? -1 : a > b ? 1 : 0);
  return [...rows].sort((a, b) => compare(value(a), value(b)) * (down ? -1 : 1) || compare(name(a), name(b)));
}
