/** The shapes of flow/api.ts as JSON Schema (see schema/flow.ts). */
import Type from 'typebox';
import {
  type FlowRow,
  MAP_LEVELS,
  type MapEdge,
  type MapNode,
  type Summary,
  type WorkerHealth,
} from '../../../flow/api.ts';
import type { ClusterHealth } from '../../../flow/cluster-health.ts';
import type { Completeness, Connection, Endpoint } from '../../../flow/flow.ts';
import { integer, nullable, number, oneOf, ref, text, time } from './build.ts';

export const FlowRowSchema = Type.Object(
  {
    id: text('As in Flow.'),
    time: time('As in Flow.'),
    protocol: text('Name and version: http/1.1.'),
    node: text('As in Flow.'),
    src: ref<Endpoint>('Endpoint'),
    dst: ref<Endpoint>('Endpoint'),
    method: text("Request method; '' where no request was seen."),
    host: text('Host header.'),
    path: text('Path and query, redacted.'),
    status: integer('Status code; 0 where no answer was seen.'),
    requestSize: integer('Octets of content.'),
    responseSize: integer('Octets of content.'),
    mime: text('Media type of the answer.'),
    elapsedMs: nullable('number', 'null where not both ends were seen.'),
    completeness: ref<Completeness[]>('Completeness'),
    redacted: integer('How many values were redacted.'),
  },
  { $id: 'FlowRow', description: 'One line of the traffic list: no headers, no bodies.' },
);

export const FlowPageSchema = Type.Object(
  {
    flows: Type.Array(ref<FlowRow>('FlowRow'), { description: 'Newest first.' }),
    next: nullable('string', 'Give as `before` for the next page; null: there are no older ones.'),
    scanned: integer('How many stored flows were looked at; of many, about.'),
    partial: Type.Boolean({
      description: 'The search ran out of its time before it found `limit`; `next` goes on.',
    }),
    since: nullable('string', 'All flows from here on were looked at; null: there are no older ones.'),
  },
  { $id: 'FlowPage' },
);

export const ConnectionPageSchema = Type.Object(
  {
    connections: Type.Array(ref<Connection>('Connection'), { description: 'Newest first.' }),
    more: Type.Boolean({ description: 'There are older ones, or time ran out before they were looked for.' }),
  },
  { $id: 'ConnectionPage' },
);

export const PacketEstimateSchema = Type.Object(
  {
    flows: integer('Flows that are selected.'),
    packets: integer('Packets of them that are still there.'),
    bytes: integer('Of the file, about.'),
    missing: Type.Array(Type.String(), { description: 'What will not be there, and why, in sentences.' }),
  },
  { $id: 'PacketEstimate' },
);

export const ExportProgressSchema = Type.Object(
  {
    running: Type.Boolean({ description: 'False: it has not begun, or has ended.' }),
    flows: integer('Flows found so far.'),
    since: nullable('string', 'How far back the search has come; null: it has not begun.'),
    searched: number('Of the time that is searched, 0 to 1.'),
    packets: Type.Union([Type.Object({ written: integer(''), total: integer('') }), Type.Null()], {
      description: 'Of a file of packets, once they are written.',
    }),
  },
  { $id: 'ExportProgress' },
);

export const SummarySchema = Type.Object(
  {
    from: time('Start of the range.'),
    to: time('End of the range, exclusive.'),
    count: integer('Flows that passed the filter.'),
    scanned: integer('Flows that were looked at, newest first; of many, about how many.'),
    partial: Type.Boolean({ description: 'Time ran out: all is told from `since` on.' }),
    since: time('From where on the range was looked through.'),
    detailed: Type.Object(
      { count: integer('Flows.'), since: time('All from then on.') },
      { description: 'What latencies, facets and endpoints are of: they take longer than counts.' },
    ),
    errors: integer('5xx answers and requests that never got one.'),
    p50: nullable('number', 'Median of the latencies, ms.'),
    p95: nullable('number', 'ms.'),
    p99: nullable('number', 'ms.'),
    timeline: Type.Array(
      Type.Object({
        start: time('Start of the stretch.'),
        counts: Type.Unsafe<Summary['timeline'][number]['counts']>({
          type: 'array',
          items: { type: 'integer' },
          minItems: 6,
          maxItems: 6,
          description: 'No answer, 1xx, 2xx, 3xx, 4xx, 5xx.',
        }),
      }),
      { description: 'Stretches of equal length, oldest first.' },
    ),
    latencies: Type.Array(
      Type.Object({
        upTo: number('Upper bound, ms.'),
        count: integer('Shorter ones, down to the bound before.'),
      }),
    ),
    facets: Type.Array(
      Type.Object({
        field: text('As in /api/v1/fields.'),
        values: Type.Array(Type.Object({ value: text('…: all others.'), count: integer('Flows.') })),
      }),
    ),
    endpoints: Type.Array(
      Type.Object({
        server: text('Name of the server; …: all others.'),
        method: text('Request method.'),
        template: text('Path, with {id} for what looks like an identifier.'),
        count: integer('Requests.'),
        errors: integer('As above.'),
        p50: nullable('number', 'ms.'),
        p95: nullable('number', 'ms.'),
        p99: nullable('number', 'ms.'),
      }),
      { description: 'Most used first.' },
    ),
  },
  { $id: 'Summary', description: 'What the flows of a selection are made of.' },
);

export const MapNodeSchema = Type.Object(
  {
    id: text('Stable key: namespace/workload, or the name or IP of an address.'),
    name: text('Short name.'),
    kind: oneOf(['workload', 'service', 'pod', 'namespace', 'node', 'external', 'address'], 'What it is.'),
    namespace: Type.Optional(text('Kubernetes namespace.')),
    ips: Type.Array(Type.String(), { description: 'IPs behind it, at most 16.' }),
    served: integer('Requests it served in the range.'),
    sent: integer('Requests it sent in the range.'),
    errors: integer('Of the served ones: 5xx answers and requests that never got one.'),
  },
  { $id: 'MapNode' },
);

export const MapEdgeSchema = Type.Object(
  {
    from: text('MapNode.id of the client.'),
    to: text('MapNode.id of the server.'),
    protocol: text("Application protocol; 'probe': health probes of the kubelet."),
    count: integer('Requests in the range.'),
    rate: number('Requests a second, over `seconds` of the map.'),
    errors: integer('5xx answers and requests that never got one.'),
    p50: nullable('number', 'Median latency, ms; null where no exchange was complete.'),
    p95: nullable('number', 'ms'),
    p99: nullable('number', 'ms'),
    bytes: integer('On the wire, both directions.'),
    lostBytes: integer('Bytes that were never captured.'),
  },
  { $id: 'MapEdge' },
);

export const ServiceMapSchema = Type.Object(
  {
    from: time('Start of the range.'),
    to: time('End of the range, exclusive.'),
    level: oneOf(MAP_LEVELS, 'What the nodes are.'),
    seconds: number('Of the range, those for which there is data: what rates are over.'),
    nodes: Type.Array(ref<MapNode>('MapNode')),
    edges: Type.Array(ref<MapEdge>('MapEdge')),
  },
  { $id: 'ServiceMap', description: 'Who talked to whom.' },
);

export const LatencyHistorySchema = Type.Object(
  {
    to: time('End of the last stretch.'),
    bands: Type.Array(Type.Number(), {
      description: 'Bands of latency from short to long: the upper bound of each, ms.',
    }),
    stretches: Type.Array(
      Type.Object({
        start: time('Start of the stretch.'),
        count: integer('Requests.'),
        errors: integer('5xx answers and requests that never got one.'),
        latencies: Type.Array(Type.Integer(), { description: 'A count for each band.' }),
      }),
      { description: 'The range, oldest first; of equal length but for the first and the last.' },
    ),
  },
  { $id: 'LatencyHistory', description: 'How long requests took, over time.' },
);

const Numbers = (description: string) => Type.Record(Type.String(), Type.Number(), { description });

const problem = (description: string) =>
  Type.Optional(
    Type.Object(
      {
        code: text('Stable.'),
        message: text('What is wrong.'),
        remedy: Type.Optional(text('What to do about it.')),
      },
      { description },
    ),
  );

export const WorkerHealthSchema = Type.Object(
  {
    node: text('Name of the node or file.'),
    session: text('Random, one a worker process.'),
    version: text('Version of the worker.'),
    state: oneOf(['connected', 'away', 'done', 'failed'], 'done: it has sent all of its files.'),
    sources: Type.Array(Type.String(), { description: 'Interfaces or file names.' }),
    problem: problem('Why it cannot capture.'),
    lastSeen: time('When it was last heard.'),
    packetsPerSecond: number('Lately.'),
    flowsPerSecond: number('Lately.'),
    cores: Type.Optional(number('How many cores it uses, lately.')),
    clockOffsetMs: Type.Optional(number("By how much its clock is ahead of the hub's.")),
    progress: Type.Optional(number('Of its files: 0 to 1.')),
    counters: Numbers('Totals since its session began.'),
    limits: Numbers('Bounds of its buffers.'),
  },
  { $id: 'WorkerHealth' },
);

export const ClusterHealthSchema = Type.Object(
  {
    synced: Type.Boolean({ description: 'Every kind of object has been read once: flows get their names.' }),
    informers: Type.Array(
      Type.Object({
        kind: text('Kind of object.'),
        namespace: Type.Optional(text('Absent: in all namespaces, or of a kind that is in none.')),
        synced: Type.Boolean({ description: 'All that there was has been read once.' }),
        objects: integer('That are known.'),
        lastEvent: nullable('string', 'When the API server last told something of it; null: never.'),
        restarts: integer('How often its watch ended otherwise than it should.'),
        problem: problem('What keeps it from going on.'),
      }),
    ),
  },
  { $id: 'ClusterHealth', description: 'What the hub knows of a cluster: in mode cluster.' },
);

export const HealthSchema = Type.Object(
  {
    status: oneOf(['ok', 'degraded', 'failing'], 'By the worst of the messages.'),
    messages: Type.Array(
      Type.Object({
        level: oneOf(['info', 'warning', 'error'], 'How bad it is.'),
        text: text('What is wrong and what to do.'),
      }),
      { description: 'In words, worst first.' },
    ),
    summary: text('How many workers are fine.'),
    version: text('Version of the hub.'),
    startedAt: time('When the hub started.'),
    mode: oneOf(['local', 'file', 'cluster'], 'What is being tapped.'),
    hub: Type.Object({
      flows: integer('Flows stored.'),
      flowsPerSecond: number('Lately.'),
      oldest: nullable('string', 'Time of the oldest stored flow.'),
      newest: nullable('string', 'Time of the newest stored flow.'),
      storeBytes: integer('Size of the store on disk.'),
      storageLimit: integer('Above this the oldest flows are deleted.'),
      bytesPerHour: nullable('number', 'How fast the store grows at present; null: not known (yet).'),
      keepsHours: nullable('number', 'How many hours its limit holds at that rate; null: not known (yet).'),
      subscribers: integer('Live subscribers.'),
      counters: Numbers('Totals since the hub started.'),
      limits: Numbers('Bounds of its buffers.'),
    }),
    workers: Type.Array(ref<WorkerHealth>('WorkerHealth')),
    cluster: Type.Optional(ref<ClusterHealth>('ClusterHealth')),
  },
  { $id: 'Health' },
);

export const FieldSchema = Type.Object(
  {
    name: text('As written in a filter.'),
    type: oneOf(
      ['bool', 'int', 'double', 'string', 'timestamp', 'list<string>', 'map<string,string>', 'json'],
      'CEL type.',
    ),
    unit: Type.Optional(text('µs, bytes, … where there is one.')),
    meaning: text('What it says of a flow.'),
    example: text('A filter that uses it.'),
  },
  { $id: 'Field', description: 'A field that filters may use.' },
);

export const ApiErrorSchema = Type.Object(
  {
    code: text('Stable; scripts may test it.'),
    message: text('What is wrong.'),
    remedy: Type.Optional(text('What to do about it.')),
    position: Type.Optional(
      Type.Object(
        { start: Type.Integer(), end: Type.Integer() },
        { description: 'For a wrong filter or wrong targets: the place in the text.' },
      ),
    ),
  },
  { $id: 'ApiError', description: 'Every error answer.' },
);
