import { type MapEdge, PROBE_PROTOCOL, type ServiceMap } from '../../../flow/api.ts';
import { type NodesById, withoutEdges } from './without-edges.ts';

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

const TESTS: Record<Noise, (edge: MapEdge, nodes: NodesById) => boolean> = {
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
  return withoutEdges(map, (edge, nodes) => hidden.some((id) => TESTS[id](edge, nodes)));
}
