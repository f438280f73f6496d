import { PROBE_PROTOCOL, type ServiceMap } from '../../../flow/api.ts';

export function hasProbes(map: ServiceMap): boolean {
  return map.edges.some(({ protocol }) => protocol === PROBE_PROTOCOL);
}

/** The map without the kubelet's health probes, and without nodes that do nothing else. */
export function withoutProbes(map: ServiceMap): ServiceMap {
  const nodes = new Map(map.nodes.map((node) => [node.id, { ...node }]));
  const busy = new Set<string>();
  for (const { from, to, protocol, count, errors } of map.edges) {
    if (protocol !== PROBE_PROTOCOL) {
      busy.add(from).add(to);
      continue;
    }
    const [client, server] = [nodes.get(from), nodes.get(to)];
    if (client !== undefined) client.sent -= count;
    if (server !== undefined) {
      server.served -= count;
      server.errors -= errors;
    }
  }
  return {
    ...map,
    nodes: [...nodes.values()].filter(({ id }) => busy.has(id)),
    edges: map.edges.filter(({ protocol }) => protocol !== PROBE_PROTOCOL),
  };
}
