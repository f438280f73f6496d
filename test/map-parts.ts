/** Nodes and edges of a service map, for tests of what is made of one. */
import type { MapEdge, MapNode } from '../flow/api.ts';

export const mapNode = (id: string, namespace?: string): MapNode => ({
  id,
  name: id,
  kind: 'workload',
  ...(namespace === undefined ? {} : { namespace }),
  ips: [],
  served: 0,
  sent: 0,
  errors: 0,
});

export const mapEdge = (from: string, to: string): MapEdge => ({
  from,
  to,
  protocol: 'http',
  count: 1,
  rate: 1,
  errors: 0,
  p50: null,
  p95: null,
  p99: null,
  bytes: 0,
  lostBytes: 0,
});
