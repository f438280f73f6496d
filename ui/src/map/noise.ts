import { type MapEdge, type MapNode, PROBE_PROTOCOL, type ServiceMap } from '../../../flow/api.ts';

/** What goes on without anybody using anything, and can be hidden. */
export const NOISES = [
  { id: 'probes', label: 'Hide probes', title: 'Health probes of the kubelet' },
  { id: 'dns', label: 'Hide DNS', title: 'Questions to name servers' },
  {
    id: 'monitoring',
    label: 'Hide monitoring',
    title: 'Metrics, logs and traces, by the names of who collects them',
  },
] as const;
export type Noise = (typeof NOISES)[number]['id'];

const NAME_SERVERS = /^(?:kube-dns|core-?dns|node-local-dns|dnsmasq)\b/;
const MONITORS =
  /prometheus|grafana|alertmanager|metrics-server|kube-state-metrics|node-exporter|otel|opentelemetry|jaeger|zipkin|tempo|loki|promtail|fluent-?(?:bit|d)|vector-agent|datadog|newrelic|dynatrace|telegraf|cadvisor/;

type Nodes = ReadonlyMap<string, MapNode>;

const TESTS: Record<Noise, (edge: MapEdge, nodes: Nodes) => boolean> = {
  probes: ({ protocol }) => protocol === PROBE_PROTOCOL,
  dns: ({ protocol, to }, nodes) => protocol === 'dns' || NAME_SERVERS.test(nodes.get(to)?.name ?? ''),
  monitoring: ({ from, to }, nodes) => [from, to].some((id) => MONITORS.test(nodes.get(id)?.name ?? '')),
};

/** Which of these there are on a map. */
export function noisesOf(map: ServiceMap): Noise[] {
  const nodes = new Map(map.nodes.map((node) => [node.id, node]));
  return NOISES.map(({ id }) => id).filter((id) => map.edges.some((edge) => TESTS[id](edge, nodes)));
}

/** The map without some of it, and without nodes that do nothing else. */
export function withoutNoise(map: ServiceMap, hidden: readonly Noise[]): ServiceMap {
  if (hidden.length === 0) return map;
  const nodes = new Map(map.nodes.map((node) => [node.id, { ...node }]));
  const busy = new Set<string>();
  const edges = map.edges.filter((edge) => {
    if (!hidden.some((id) => TESTS[id](edge, nodes))) {
      busy.add(edge.from).add(edge.to);
      return true;
    }
    const [client, server] = [nodes.get(edge.from), nodes.get(edge.to)];
    if (client !== undefined) client.sent -= edge.count;
    if (server !== undefined) {
      server.served -= edge.count;
      server.errors -= edge.errors;
    }
    return false;
  });
  return { ...map, nodes: [...nodes.values()].filter(({ id }) => busy.has(id)), edges };
}
