/** What is looked for on the map: a part of a name, or a filter over what an edge and its two ends are known by. */

import { type MapEdge, type MapNode, PROBE_PROTOCOL, type ServiceMap } from '../../../flow/api.ts';
import { KUBELET_AGENT } from '../../../flow/fields.ts';
import type { Filter } from '../../../flow/filter.ts';
import type { Endpoint, Flow } from '../../../flow/flow.ts';
import { edgeKey } from '../../../flow/map-diff.ts';
import { tokensOf } from '../traffic/editor/tokens.ts';
import { type NodesById, withoutEdges } from './without-edges.ts';

export interface Found {
  nodes: ReadonlySet<string>;
  /** By edgeKey. */
  edges: ReadonlySet<string>;
}

/** What is done with what was found. */
export const FINDINGS = ['only', 'hidden'] as const;
export type Finding = (typeof FINDINGS)[number];

/** What an edge can be asked for. `error`: any of it failed; `elapsed_time` and `slow`: by its 95th percentile. */
const KNOWN = new Set([
  ...[
    'http',
    'protocol',
    'elapsed_time',
    'error',
    'slow',
    'probe',
    'external',
    'namespaces',
    'pods',
    'services',
  ],
  ...['src', 'dst'].flatMap((end) =>
    [
      'ip',
      'name',
      'namespace',
      'workload',
      'node',
      'pod.name',
      'pod.namespace',
      'service.name',
      'service.namespace',
    ].map((field) => `${end}.${field}`),
  ),
]);

/** Whether it is a filter, and no part of a name. */
export function isFilter(text: string): boolean {
  return /[=<>!&|("']/.test(text) || KNOWN.has(text.trim());
}

/** A field of the filter that only single flows have; undefined: there is none. */
export function unknownOfEdges(filter: string, isField: (path: string) => boolean): string | undefined {
  return tokensOf(filter)
    .map(({ path }) => path ?? '')
    .find((path) => isField(path) && !KNOWN.has(path));
}

/** Nodes with the text in their id, and all edges at them. */
export function findByName(map: ServiceMap, text: string): Found {
  const wanted = text.trim().toLowerCase();
  const nodes = new Set(map.nodes.flatMap(({ id }) => (id.toLowerCase().includes(wanted) ? id : [])));
  const edges = map.edges.filter(({ from, to }) => nodes.has(from) || nodes.has(to));
  return { nodes, edges: new Set(edges.map(edgeKey)) };
}

/** Edges that pass the filter, and their ends. */
export function findByFilter(map: ServiceMap, filter: Pick<Filter, 'matches'>): Found {
  const known = new Map(map.nodes.map((node) => [node.id, node]));
  const edges = map.edges.filter((edge) => filter.matches(likeFlow(edge, known)));
  return { nodes: new Set(edges.flatMap(({ from, to }) => [from, to])), edges: new Set(edges.map(edgeKey)) };
}

export function withFinding(map: ServiceMap, found: Found, finding: Finding): ServiceMap {
  return withoutEdges(map, (edge) => found.edges.has(edgeKey(edge)) === (finding === 'hidden'));
}

/** A flow with all that is known of every flow of an edge: for filters over KNOWN. */
function likeFlow(edge: MapEdge, nodes: NodesById): Flow {
  const isProbe = edge.protocol === PROBE_PROTOCOL;
  const flow: Flow = {
    ...{ id: '', time: '', node: '', fingerprint: '', connection: '', redacted: 0 },
    ...{ timing: {}, completeness: ['complete'], bytes: { request: 0, response: 0 } },
    protocol: { name: isProbe ? 'http' : edge.protocol, version: '' },
    src: endpointOf(edge.from, nodes.get(edge.from)),
    dst: endpointOf(edge.to, nodes.get(edge.to)),
    request: {
      ...{ method: '', target: '', url: '', path: '', query: {}, host: '', cookies: {}, bodySize: 0 },
      headers: isProbe ? [['user-agent', KUBELET_AGENT]] : [],
    },
    response: { status: edge.errors > 0 ? 500 : 200, reason: '', headers: [], bodySize: 0 },
  };
  if (edge.p95 !== null) flow.elapsedMs = edge.p95;
  return flow;
}

function endpointOf(id: string, node: MapNode | undefined): Endpoint {
  const { name = id, kind, namespace, ips = [] } = node ?? {};
  const endpoint: Endpoint = { ip: ips[0] ?? '', port: 0, name };
  if (namespace !== undefined) endpoint.namespace = namespace;
  if (kind === 'namespace') endpoint.namespace = name;
  else if (kind === 'node' || kind === 'pod') endpoint[kind] = name;
  else if (kind === 'workload' || kind === 'service') {
    // A map has either; whichever it is, it goes by that name.
    endpoint.workload = name;
    endpoint.service = name;
  }
  return endpoint;
}
