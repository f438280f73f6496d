import type { LatencyHistory, MapEdge, MapLevel, MapNode, ServiceMap } from '../../flow/api.ts';
import type { Endpoint, Flow } from '../../flow/flow.ts';
import { HistoryBuilder } from '../../hub/store/rollup/history-builder.ts';
import { MapBuilder } from '../../hub/store/rollup/map-builder.ts';
import { type NodeIdentity, nodeOf } from '../../hub/store/rollup/node.ts';
import { nodeAt, placeOf } from '../../hub/store/rollup/place.ts';
import type { Totals } from '../../hub/store/rollup/totals.ts';

/** Who talked to whom, rolled up from flows as the hub does it. Times in ms. */
export function mapOf(flows: readonly Flow[], from: number, to: number, level: MapLevel): ServiceMap {
  const builder = new MapBuilder(level, from * 1000, to * 1000);
  for (const flow of flows) {
    const [src, dst] = [builder.node(shown(level, flow.src)), builder.node(shown(level, flow.dst))];
    const row = builder.row(src, dst, builder.protocol('http'));
    count(builder.totals, row, flow);
    builder.addIp(src, flow.src.ip);
    builder.addIp(dst, flow.dst.ip);
  }
  return builder.build();
}

/** Likewise the latencies between two of its nodes, or of all where one is left out. */
export function latenciesOf(
  flows: readonly Flow[],
  from: number,
  to: number,
  level: MapLevel,
  wanted: { src: string | null; dst: string | null },
): LatencyHistory {
  const builder = new HistoryBuilder(
    from * 1000,
    to * 1000,
    (src, dst) => src === (wanted.src ?? src) && dst === (wanted.dst ?? dst),
  );
  for (const flow of flows) {
    if (builder.wants(shown(level, flow.src).id, shown(level, flow.dst).id))
      count(builder.totals, builder.rowAt(Date.parse(flow.time) * 1000), flow);
  }
  return builder.build();
}

function shown(level: MapLevel, end: Endpoint): NodeIdentity {
  return nodeAt(level, placeOf(end, nodeOf(end)));
}

function count(totals: Totals, row: number, { response, bytes, gapBytes, elapsedMs }: Flow): void {
  const failed = response === undefined || response.status >= 500;
  totals.add(row, failed, bytes.request + bytes.response, gapBytes ?? 0, (elapsedMs ?? Number.NaN) * 1000);
}

/** A large cluster: every node calls a few that lie "below" it. The same numbers always give the same map. */
export function largeMap(nodeCount: number, edgeCount: number): ServiceMap {
  const now = Date.now();
  const nodes = Array.from({ length: nodeCount }, (_, n): MapNode => {
    const namespace = `team-${String(n % 25).padStart(2, '0')}`;
    const name = `service-${String(n).padStart(4, '0')}`;
    return {
      id: `${namespace}/${name}`,
      name,
      kind: 'workload',
      namespace,
      ips: [`10.${n >> 8}.${n & 255}.1`],
      served: 10 * (n % 50),
      sent: 12 * (n % 40),
      errors: n % 37 === 0 ? 4 : 0,
    };
  });
  const edges = new Map<string, MapEdge>();
  const reach = Math.max(1, Math.floor(nodeCount / 8));
  for (let k = 0; edges.size < edgeCount; k++) {
    if (k > 100 * edgeCount) throw new Error(`${nodeCount} nodes have no ${edgeCount} edges like these`);
    const a = Math.floor(k / 8) % nodeCount;
    const b = Math.min(nodeCount - 1, a + 1 + ((Math.imul(k, 2_654_435_761) >>> 8) % reach));
    const from = nodes[a]!.id;
    const to = nodes[b]!.id;
    if (from === to) continue;
    edges.set(`${from}→${to}`, {
      from,
      to,
      protocol: 'http',
      count: 100 + (k % 900),
      rate: 1 + (k % 300) / 10,
      errors: k % 29 === 0 ? 20 : 0,
      p50: 4 + (k % 30),
      p95: 20 + (k % 200),
      p99: 60 + (k % 900),
      bytes: 1_000 * k,
      lostBytes: 0,
    });
  }
  return {
    from: new Date(now - 60_000).toISOString(),
    to: new Date(now).toISOString(),
    level: 'workload',
    seconds: 60,
    nodes,
    edges: [...edges.values()],
  };
}
