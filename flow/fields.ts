/**
 * The fields of a flow, declared once. The filter's type check, completion in the page, and the reference
 * (docs/fields.md) come from this table. Names follow Kubeshark's KFL2 where it has them, so that a filter from there works here.
 */
import { hasFlowFailed } from './failed.ts';
import { ENDPOINT_FIELDS } from './fields/endpoints.ts';
import { type Field, type FieldMap, fieldMap, integer } from './fields/field.ts';
import { MESSAGE_FIELDS } from './fields/messages.ts';
import type { Endpoint, Flow } from './flow.ts';
import { pathTemplate } from './path-template.ts';
import { parseSetCookies } from './query.ts';

export type { Column, Field, FieldType, FieldValue } from './fields/field.ts';

/** Slower than this is `slow`. */
export const SLOW_US = 1_000_000;

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
    meaning: 'Name of the application protocol; compared without regard to case.',
    example: 'protocol == "HTTP"',
    column: 'protocol',
    read: (flow) => flow.protocol.name,
  },
  {
    name: 'http_version',
    type: 'string',
    meaning: 'HTTP version of the request.',
    example: 'http_version == "HTTP/1.0"',
    read: ({ protocol }) => (protocol.name === 'http' ? `HTTP/${protocol.version}` : ''),
  },
  {
    name: 'timestamp',
    type: 'timestamp',
    meaning: 'When the request’s first byte was captured.',
    example: 'timestamp > now() - duration("5m")',
    column: 'time',
    read: (flow) => new Date(flow.time),
  },
  {
    name: 'elapsed_time',
    type: 'int',
    unit: 'µs',
    meaning: 'From the request’s first byte to the answer’s last. 0 where one of them was not seen.',
    example: 'elapsed_time > 200000',
    column: 'elapsed',
    read: (flow) => integer((flow.elapsedMs ?? 0) * 1000),
  },
  {
    name: 'method',
    type: 'string',
    meaning: 'Request method.',
    example: 'method in ["PUT", "DELETE"]',
    column: 'method',
    read: (flow) => flow.request?.method ?? '',
  },
  {
    name: 'url',
    type: 'string',
    meaning: 'Path and query of the target, as sent.',
    example: 'url.contains("/v2/items?page=")',
    read: ({ request }) => (request === undefined ? '' : request.url.slice(originLength(request.url))),
  },
  {
    name: 'request.url',
    type: 'string',
    meaning: 'Target URI, absolute (RFC 9110 §7.1).',
    example: 'request.url.startsWith("http://orders.shop:8080/")',
    read: (flow) => flow.request?.url ?? '',
  },
  {
    name: 'host',
    type: 'string',
    meaning: 'Host the request asked for, with the port where one was sent.',
    example: 'host == "orders.shop:8080"',
    column: 'host',
    read: (flow) => flow.request?.host ?? '',
  },
  {
    name: 'path',
    type: 'string',
    meaning: 'Path of the target, without the query.',
    example: 'path.startsWith("/api")',
    column: 'path',
    read: (flow) => flow.request?.path ?? '',
  },
  {
    name: 'path_template',
    type: 'string',
    meaning: 'The path with what looks like an identifier replaced by {id}.',
    example: 'path_template == "/users/{id}/orders"',
    read: ({ request }) => (request === undefined ? '' : pathTemplate(request.path)),
  },
  {
    name: 'query_string',
    type: 'map<string,string>',
    meaning: 'Query parameters, decoded.',
    example: 'query_string["page"] == "2"',
    read: queryMap,
  },
  {
    name: 'status_code',
    type: 'int',
    meaning: 'Status code of the final answer. 0 where none was seen.',
    example: 'status_code >= 500',
    column: 'status',
    read: (flow) => integer(flow.response?.status),
  },
  {
    name: 'status_class',
    type: 'string',
    meaning: 'Class of the status code: 1xx to 5xx. Empty where no answer was seen.',
    example: 'status_class == "5xx"',
    read: (flow) => statusClass(flow.response?.status ?? 0),
  },
  ...ENDPOINT_FIELDS,
  {
    name: 'request.query',
    type: 'map<string,string>',
    meaning: 'The same as query_string.',
    example: 'request.query["page"] == "2"',
    read: queryMap,
  },
  {
    name: 'request.cookies',
    type: 'map<string,string>',
    meaning: 'Cookies sent. The values are redacted by default.',
    example: '"session" in request.cookies',
    read: (flow) => fieldMap(Object.entries(flow.request?.cookies ?? {}), false),
  },
  {
    name: 'response.cookies',
    type: 'map<string,string>',
    meaning: 'Cookies that the answer sets, without their attributes. The values are redacted by default.',
    example: '"session" in response.cookies',
    read: (flow) => fieldMap(Object.entries(parseSetCookies(flow.response?.headers ?? [])), false),
  },
  ...MESSAGE_FIELDS,
  {
    name: 'node_name',
    type: 'string',
    meaning: 'Node (or the name given to the capture file) whose worker saw it.',
    example: 'node_name == "node-b"',
    column: 'node',
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
    read: hasFlowFailed,
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
    column: 'redacted',
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
  {
    name: 'connection',
    type: 'string',
    meaning: 'The same as conn_id.',
    example: 'connection == "5f3a91c0-17"',
    read: (flow) => flow.connection,
  },
  {
    name: 'namespaces',
    type: 'list<string>',
    meaning: 'Namespaces of both ends, as far as they have one.',
    example: '"shop" in namespaces',
    read: ({ src, dst }) => [src, dst].flatMap(({ namespace }) => namespace ?? []),
  },
  {
    name: 'pods',
    type: 'list<string>',
    meaning: 'Pods of both ends, as far as they are some.',
    example: '"cart-5c9d8-x2x7k" in pods',
    read: ({ src, dst }) => [src, dst].flatMap(({ pod }) => pod ?? []),
  },
  {
    name: 'services',
    type: 'list<string>',
    meaning: 'Services of both ends, as far as they have one.',
    example: '"orders" in services',
    read: ({ src, dst }) => [src, dst].flatMap(({ service }) => service ?? []),
  },
  {
    name: 'external',
    type: 'bool',
    meaning: 'One end is in the cluster (a pod, a service or a node of it) and the other is not.',
    example: 'external && status_code >= 400',
    read: ({ src, dst }) => isInCluster(src) !== isInCluster(dst),
  },
];

/** RFC 9110 §15; empty for what is none. */
export function statusClass(status: number): string {
  return status >= 100 && status < 600 ? `${Math.floor(status / 100)}xx` : '';
}

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

/** Length of scheme and authority of an absolute URI; 0 for what is none. */
function originLength(url: string): number {
  return /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i.exec(url)?.[0].length ?? 0;
}

function queryMap(flow: Flow): FieldMap {
  return fieldMap(Object.entries(flow.request?.query ?? {}), false);
}

function isInCluster({ namespace, node }: Endpoint): boolean {
  return namespace !== undefined || node !== undefined;
}
