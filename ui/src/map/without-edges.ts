import type { MapEdge, MapNode, ServiceMap } from '../../../flow/api.ts';

export type NodesById = ReadonlyMap<string, MapNode>;

/** The map without some of its edges, without what they were counted for, and without nodes that have no others. */
export function withoutEdges(
  map: ServiceMap,
  isGone: (edge: MapEdge, nodes: NodesById) => boolean,
): ServiceMap {
  const nodes = new Map(map.nodes.map((node) => [node.id, { ...node }]));
  const busy = new Set<string>();
  const edges = map.edges.filter((edge) => {
    if (!isGone(edge, nodes)) {
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
