/**
 * The fields of a flow, declared once. The filter's type check, completion in the page, and the reference
 * (docs/fields.md) come from this table. Names follow Kubeshark's KFL2 where it has them, so that a filter from there works here.
 */
import type { Body, Endpoint, Flow, FlowMessage } from './flow.ts';

export type FieldType =
  | 'bool'
  | 'int'
  | 'double'
  | 'string'
  | 'timestamp'
  | 'list<string>'
  | 'map<string,string>';
export type FieldValue = boolean | bigint | number | string | Date | string[] | FieldMap;

export interface Field {
  /** As written in a filter. */
  readonly name: string;
  readonly type: FieldType;
  /** µs, bytes, … where there is one. */
  readonly unit?: string;
  readonly meaning: string;
  /** A filter that uses it. */
  readonly example: string;
  /** A flow without it gives the type's default: false, 0, "", an empty map. */
  readonly read: (flow: Flow) => FieldValue;
}

/** Slower than this is `slow`. */
export const SLOW_US = 1_000_000;

/** Header fields, cookies or parameters by name. Of a repeated name: the values joined by `, ` (RFC 9110 §5.3). */
export class FieldMap extends Map<string, string> {
  readonly #fold: boolean;

  /** `fold`: names are compared without regard to case (header fields). */
  constructor(fold: boolean) {
    super();
    this.#fold = fold;
  }
  append(name: string, value: string): void {
    const key = this.#fold ? name.toLowerCase() : name;
    const before = super.get(key);
    super.set(key, before === undefined ? value : `${before}, ${value}`);
  }
  override get(name: string): string | undefined {
    return super.get(this.#fold ? name.toLowerCase() : name);
  }
  override has(name: string): boolean {
    return super.has(this.#fold ? name.toLowerCase() : name);
  }
}

// The filter engine tells maps by their constructor.
Object.defineProperty(FieldMap.prototype, 'constructor', { value: Map });

const ENDPOINTS = [
  ['src', 'client', (flow: Flow) => flow.src],
  ['dst', 'server', (flow: Flow) => flow.dst],
] as const;

const MESSAGES = [
  ['request', 'request', (flow: Flow) => flow.request],
  ['response', 'answer', (flow: Flow) => flow.response],
] as const;

export const FIELDS: readonly Field[] = [
  {
    name: 'http',
    type: 'bool',
    meaning: 'It is HTTP.',
    example: 'http && method == "GET"',
    read: (flow) => flow.protocol.name === 'http',
  },
  {
    name: 'protocol',
    type: 'string',
    meaning: 'Name of the application protocol, lower case.',
    example: 'protocol == "http"',
    read: (flow) => flow.protocol.name,
  },
  {
    name: 'http_version',
    type: 'string',
    meaning: 'HTTP version of the request.',
    example: 'http_version == "1.0"',
    read: (flow) => (flow.protocol.name === 'http' ? flow.protocol.version : ''),
  },
  {
    name: 'timestamp',
    type: 'timestamp',
    meaning: 'When the request’s first byte was captured.',
    example: 'timestamp > now() - duration("5m")',
    read: (flow) => new Date(flow.time),
  },
  {
    name: 'elapsed_time',
    type: 'int',
    unit: 'µs',
    meaning: 'From the request’s first byte to the answer’s last. 0 where one of them was not seen.',
    example: 'elapsed_time > 200000',
    read: (flow) => integer((flow.elapsedMs ?? 0) * 1000),
  },
  {
    name: 'method',
    type: 'string',
    meaning: 'Request method.',
    example: 'method in ["PUT", "DELETE"]',
    read: (flow) => flow.request?.method ?? '',
  },
  {
    name: 'url',
    type: 'string',
    meaning: 'Target URI, absolute.',
    example: 'url.contains("/v2/")',
    read: (flow) => flow.request?.url ?? '',
  },
  {
    name: 'host',
    type: 'string',
    meaning: 'Host the request asked for, with the port where one was sent.',
    example: 'host == "orders.shop:8080"',
    read: (flow) => flow.request?.host ?? '',
  },
  {
    name: 'path',
    type: 'string',
    meaning: 'Path of the target, without the query.',
    example: 'path.startsWith("/api")',
    read: (flow) => flow.request?.path ?? '',
  },
  {
    name: 'query_string',
    type: 'string',
    meaning: 'Query of the target, without the question mark, as sent.',
    example: 'query_string.contains("page=")',
    read: (flow) => queryString(flow.request?.target ?? ''),
  },
  {
    name: 'status_code',
    type: 'int',
    meaning: 'Status code of the final answer. 0 where none was seen.',
    example: 'status_code >= 500',
    read: (flow) => integer(flow.response?.status),
  },
  ...ENDPOINTS.flatMap(([end, who, of]) => endpointFields(end, who, of)),
  {
    name: 'request.query',
    type: 'map<string,string>',
    meaning: 'Query parameters, decoded.',
    example: 'request.query["page"] == "2"',
    read: (flow) => fieldMap(Object.entries(flow.request?.query ?? {}), false),
  },
  {
    name: 'request.cookies',
    type: 'map<string,string>',
    meaning: 'Cookies sent. The values are redacted by default.',
    example: '"session" in request.cookies',
    read: (flow) => fieldMap(Object.entries(flow.request?.cookies ?? {}), false),
  },
  ...MESSAGES.flatMap(([message, what, of]) => messageFields(message, what, of)),
  {
    name: 'node_name',
    type: 'string',
    meaning: 'Node (or the name given to the capture file) whose worker saw it.',
    example: 'node_name == "node-b"',
    read: (flow) => flow.node,
  },
  {
    name: 'completeness',
    type: 'list<string>',
    meaning:
      'What is known to be missing or wrong: complete, gap, midstream, one-sided, conflict, truncated, cut, malformed.',
    example: '"gap" in completeness',
    read: (flow) => flow.completeness,
  },
  {
    name: 'incomplete',
    type: 'bool',
    meaning: 'Something of it was not seen, or is not shown.',
    example: 'incomplete',
    read: (flow) => !flow.completeness.includes('complete'),
  },
  {
    name: 'error',
    type: 'bool',
    meaning: 'A 5xx answer, or a request that never got an answer.',
    example: 'error && dst.name == "orders"',
    read: (flow) => (flow.response === undefined ? flow.request !== undefined : flow.response.status >= 500),
  },
  {
    name: 'slow',
    type: 'bool',
    meaning: 'Took more than a second.',
    example: 'slow && !error',
    read: (flow) => (flow.elapsedMs ?? 0) * 1000 > SLOW_US,
  },
  {
    name: 'probe',
    type: 'bool',
    meaning: 'A health probe: a request of the kubelet, from a node and not from a pod.',
    example: '!probe',
    read: isProbe,
  },
  {
    name: 'redacted',
    type: 'int',
    meaning: 'How many values were redacted.',
    example: 'redacted > 0',
    read: (flow) => integer(flow.redacted),
  },
  {
    name: 'id',
    type: 'string',
    meaning: 'Id of the flow.',
    example: 'id == "0006541f0c1a2b-9f86d081884c7d65"',
    read: (flow) => flow.id,
  },
  {
    name: 'fingerprint',
    type: 'string',
    meaning: 'Names the exchange wherever it is seen: sequence numbers and length.',
    example: 'fingerprint == "1f00aa10.9c3e0001.1b4"',
    read: (flow) => flow.fingerprint,
  },
  {
    name: 'conn_id',
    type: 'string',
    meaning: 'The TCP connection it was on.',
    example: 'conn_id == "5f3a91c0-17"',
    read: (flow) => flow.connection,
  },
];

/** What the kubelet calls itself when it probes a pod. */
export const KUBELET_AGENT = 'kube-probe/';

function isProbe({ src, request }: Flow): boolean {
  if (src.pod !== undefined) return false;
  return (
    request?.headers.some(
      ([name, value]) => name.toLowerCase() === 'user-agent' && value.startsWith(KUBELET_AGENT),
    ) === true
  );
}

function endpointFields(end: string, who: string, of: (flow: Flow) => Endpoint): Field[] {
  const text = (
    name: string,
    meaning: string,
    example: string,
    read: (endpoint: Endpoint) => string | undefined,
  ): Field => ({
    name: `${end}.${name}`,
    type: 'string',
    meaning,
    example,
    read: (flow) => read(of(flow)) ?? '',
  });
  return [
    text('ip', `IP address of the ${who}.`, `${end}.ip == "10.0.0.7"`, (e) => e.ip),
    {
      name: `${end}.port`,
      type: 'int',
      meaning: `TCP port of the ${who}.`,
      example: `${end}.port == 8080`,
      read: (flow) => integer(of(flow).port),
    },
    text(
      'name',
      `Best short name of the ${who}: workload, service, DNS name, or the IP.`,
      `${end}.name == "cart"`,
      (e) => e.name,
    ),
    text('namespace', `Namespace of the ${who}.`, `${end}.namespace == "shop"`, (e) => e.namespace),
    text(
      'workload',
      `Workload (Deployment, StatefulSet, …) of the ${who}.`,
      `${end}.workload == "cart"`,
      (e) => e.workload,
    ),
    text('node', `Node the ${who} runs on.`, `${end}.node == "node-a"`, (e) => e.node),
    text('pod.name', `Pod of the ${who}.`, `${end}.pod.name.startsWith("cart-")`, (e) => e.pod),
    text('pod.namespace', `Namespace of the ${who}’s pod.`, `${end}.pod.namespace == "shop"`, (e) =>
      e.pod ? e.namespace : '',
    ),
    text('service.name', `Service of the ${who}.`, `${end}.service.name == "orders"`, (e) => e.service),
    text(
      'service.namespace',
      `Namespace of the ${who}’s service.`,
      `${end}.service.namespace == "shop"`,
      (e) => (e.service ? e.namespace : ''),
    ),
  ];
}

function messageFields(
  message: string,
  what: string,
  of: (flow: Flow) => (FlowMessage & { body?: Body }) | undefined,
): Field[] {
  return [
    {
      name: `${message}.headers`,
      type: 'map<string,string>',
      meaning: `Header fields of the ${what}; names without regard to case.`,
      example: `${message}.headers["content-type"].startsWith("application/json")`,
      read: (flow) => fieldMap(of(flow)?.headers ?? [], true),
    },
    {
      name: `${message}.body`,
      type: 'string',
      meaning: `Body of the ${what} as kept: decoded, redacted, up to --max-body. Empty for binary bodies.`,
      example: `${message}.body.contains("out of stock")`,
      read: (flow) => of(flow)?.body?.text ?? '',
    },
    {
      name: `${message}.mime`,
      type: 'string',
      meaning: `Media type of the ${what}’s body, without parameters.`,
      example: `${message}.mime == "application/json"`,
      read: (flow) => of(flow)?.body?.mime ?? '',
    },
    {
      name: `${message}_body_size`,
      type: 'int',
      unit: 'bytes',
      meaning: `True size of the ${what}’s content on the wire, transfer coding undone.`,
      example: `${message}_body_size > 1000000`,
      read: (flow) => integer(of(flow)?.bodySize),
    },
  ];
}

function queryString(target: string): string {
  const question = target.indexOf('?');
  return question < 0 ? '' : target.slice(question + 1);
}

function fieldMap(entries: Iterable<[string, string | string[]]>, fold: boolean): FieldMap {
  const map = new FieldMap(fold);
  for (const [name, value] of entries) for (const one of [value].flat()) map.append(name, one);
  return map;
}

function integer(value: number | undefined): bigint {
  return BigInt(Math.round(value ?? 0));
}
