import type { MapEdge, MapNode, ServiceMap } from '../../flow/api.ts';
import type { Flow } from '../../flow/flow.ts';

/** Who talked to whom, rolled up from flows as the hub does it. */
export function mapOf(flows: readonly Flow[], from: number, to: number): ServiceMap {
  const nodes = new Map<string, MapNode>();
  const edges = new Map<string, MapEdge & { times: number[] }>();
  const seconds = Math.max(1, (to - from) / 1000);
  for (const flow of flows) {
    const failed = flow.response === undefined || flow.response.status >= 500;
    const src = node(nodes, flow.src);
    const dst = node(nodes, flow.dst);
    src.sent++;
    dst.served++;
    if (failed) dst.errors++;
    const key = `${src.id}→${dst.id}`;
    const edge = edges.get(key) ?? {
      from: src.id,
      to: dst.id,
      protocol: 'http',
      count: 0,
      rate: 0,
      errors: 0,
      p50: null,
      p95: null,
      p99: null,
      bytes: 0,
      lostBytes: 0,
      recent: Array.from({ length: 20 }, () => 0),
      times: [],
    };
    edges.set(key, edge);
    edge.count++;
    edge.errors += failed ? 1 : 0;
    edge.bytes += flow.bytes.request + flow.bytes.response;
    edge.lostBytes += flow.gapBytes ?? 0;
    if (flow.elapsedMs !== undefined) edge.times.push(flow.elapsedMs);
    const bucket = Math.min(19, Math.max(0, Math.floor(((Date.parse(flow.time) - from) / (to - from)) * 20)));
    edge.recent[bucket]! += 20 / seconds;
  }
  return {
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    nodes: [...nodes.values()],
    edges: [...edges.values()].map(({ times, ...edge }) => {
      times.sort((a, b) => a - b);
      const quantile = (q: number): number | null => times[Math.floor(times.length * q)] ?? null;
      return {
        ...edge,
        rate: edge.count / seconds,
        p50: quantile(0.5),
        p95: quantile(0.95),
        p99: quantile(0.99),
      };
    }),
  };
}

function node(nodes: Map<string, MapNode>, end: Flow['src']): MapNode {
  const id = end.namespace === undefined ? end.name : `${end.namespace}/${end.workload ?? end.name}`;
  let found = nodes.get(id);
  if (found === undefined) {
    found = {
      id,
      name: end.name,
      kind: end.namespace !== undefined ? 'workload' : /^[\d.]+$/.test(end.name) ? 'address' : 'external',
      ...(end.namespace === undefined ? {} : { namespace: end.namespace }),
      ips: [end.ip],
      served: 0,
      sent: 0,
      errors: 0,
    };
    nodes.set(id, found);
  }
  return found;
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
      recent: [1, 2, 3, 2, 1],
    });
  }
  return {
    from: new Date(now - 60_000).toISOString(),
    to: new Date(now).toISOString(),
    nodes,
    edges: [...edges.values()],
  };
}
