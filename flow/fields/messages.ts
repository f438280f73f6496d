/** What is told of each message of an exchange. */
import type { Body, Flow, FlowMessage } from '../flow.ts';
import { type Field, fieldMap, integer, type JsonValue } from './field.ts';

const MESSAGES = [
  ['request', 'request', (flow: Flow) => flow.request],
  ['response', 'answer', (flow: Flow) => flow.response],
] as const;

export const MESSAGE_FIELDS: readonly Field[] = MESSAGES.flatMap(([message, what, of]) =>
  messageFields(message, what, of),
);

function messageFields(
  message: 'request' | 'response',
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
      name: `${message}.json`,
      type: 'json',
      meaning: `Body of the ${what}, if it is JSON and kept whole. What is not there is null.`,
      example: `${message}.json.items.exists(item, item.price > 100)`,
      read: (flow) => json(of(flow)?.body?.text),
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
      column: `${message}_size`,
      read: (flow) => integer(of(flow)?.bodySize),
    },
    {
      name: `${message}_headers_size`,
      type: 'int',
      unit: 'bytes',
      meaning: `Size of the ${what} on the wire without its content: the head, and the framing of chunks.`,
      example: `${message}_headers_size > 8192`,
      read: (flow) => integer(Math.max(0, flow.bytes[message] - (of(flow)?.bodySize ?? 0))),
    },
  ];
}

function json(text: string | undefined): JsonValue {
  if (text === undefined || text === '') return null;
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return null;
  }
}
