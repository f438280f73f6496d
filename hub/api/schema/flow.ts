/**
 * The shapes of flow/flow.ts as JSON Schema, for the OpenAPI document. Answers are not shaped by them:
 * schema.test.ts holds both equal at compile time, and the API's tests check real answers.
 */
import Type from 'typebox';
import {
  type Body,
  COMPLETENESS,
  type Completeness,
  type ConnectionSide,
  type Endpoint,
  type Hop,
  WITHHELD,
} from '../../../flow/flow.ts';
import { integer, number, oneOf, ref, text, time } from './build.ts';

export const EndpointSchema = Type.Object(
  {
    ip: text('IPv4 or IPv6 address.'),
    port: integer('TCP port.'),
    name: text('The best short name: workload, service, DNS name, or the IP.'),
    namespace: Type.Optional(text('Kubernetes namespace.')),
    pod: Type.Optional(text('Pod that had the address at the time.')),
    service: Type.Optional(text('Service that selects the pod or has the address.')),
    workload: Type.Optional(text('Owner of the pod: deployment, stateful set, …')),
    node: Type.Optional(text('Node that has the address or runs the pod.')),
  },
  { $id: 'Endpoint', description: 'One end of a connection.' },
);

const HeadersSchema = Type.Array(
  Type.Unsafe<[name: string, value: string]>({
    type: 'array',
    items: { type: 'string' },
    minItems: 2,
    maxItems: 2,
  }),
  { description: 'Name and value, as sent: order, repetition and case kept.' },
);

export const BodySchema = Type.Object(
  {
    text: Type.Optional(text('The body, where it is text.')),
    base64: Type.Optional(text('The body, where it is not text.')),
    withheld: Type.Optional(oneOf(WITHHELD, 'Why the bytes are not shown.')),
    mime: text('Media type without parameters.'),
    encoding: Type.Optional(text('Content-Encoding as on the wire.')),
    decodedSize: Type.Optional(integer('Octets after the content coding was undone.')),
    truncated: Type.Optional(integer('Octets of the (decoded) body that are left out here.')),
  },
  { $id: 'Body', description: 'Exactly one of text, base64 and withheld.' },
);

const messageProperties = {
  headers: HeadersSchema,
  trailers: Type.Optional(HeadersSchema),
  bodySize: integer('Octets of content on the wire; the true size, whatever is kept.'),
  body: Type.Optional(ref<Body>('Body')),
};

const RequestSchema = Type.Object({
  method: text('Request method (RFC 9110 §9).'),
  target: text('The request-target as sent (RFC 9112 §3.2).'),
  url: text('The target URI, absolute (RFC 9110 §7.1).'),
  path: text('Path of the target.'),
  query: Type.Record(Type.String(), Type.Union([Type.String(), Type.Array(Type.String())]), {
    description: 'Query parameters, decoded; a repeated name has its values in order.',
  }),
  host: text('Host it was sent to, with port where one was given.'),
  cookies: Type.Record(Type.String(), Type.String(), { description: 'Cookies by name.' }),
  ...messageProperties,
});

const ResponseSchema = Type.Object({
  status: integer('Status code (RFC 9110 §15).'),
  reason: text('Reason phrase, possibly empty.'),
  interim: Type.Optional(
    Type.Array(Type.Integer(), { description: 'Interim (1xx) answers before this one.' }),
  ),
  ...messageProperties,
});

const TimingSchema = Type.Object(
  {
    requestMs: Type.Optional(number('First to last byte of the request.')),
    serverMs: Type.Optional(number("Request's last byte to answer's first, at the server's node.")),
    clientMs: Type.Optional(number("The whole exchange, at the client's node.")),
    networkMs: Type.Optional(number("clientMs less the same span at the server's node.")),
    ttfbMs: Type.Optional(number("Request's first byte to answer's first byte.")),
    responseMs: Type.Optional(number('First to last byte of the answer.')),
  },
  { description: 'Spans in ms.' },
);

export const CompletenessSchema = Type.Array(
  oneOf<Completeness>(['complete', ...COMPLETENESS], 'What was seen of the exchange.'),
  { $id: 'Completeness', description: 'Either just "complete", or what is missing or wrong.' },
);

export const HopSchema = Type.Object(
  {
    time: time("Of the request's first byte there."),
    node: text('Node, or name given to the file, whose worker saw it.'),
    src: ref<Endpoint>('Endpoint'),
    dst: ref<Endpoint>('Endpoint'),
    elapsedMs: Type.Optional(number("Request's first byte to answer's last byte, ms.")),
    status: integer('Status code; 0 where no answer was seen.'),
    connection: text('The TCP connection of this way: /api/v1/connections/ID.'),
  },
  { $id: 'Hop', description: 'One way of an exchange that went over proxies.' },
);

export const FlowSchema = Type.Object(
  {
    id: text('Sorts by time; the same exchange always has the same id.'),
    time: time("Of the request's first byte (of the answer's, where there is no request)."),
    protocol: Type.Object({ name: text('Lower case.'), version: text('E.g. 1.1.') }),
    node: text('Node, or name given to the file, whose worker saw it.'),
    src: ref<Endpoint>('Endpoint'),
    dst: ref<Endpoint>('Endpoint'),
    request: Type.Optional(RequestSchema),
    response: Type.Optional(ResponseSchema),
    elapsedMs: Type.Optional(number("Request's first byte to answer's last byte, ms.")),
    timing: TimingSchema,
    completeness: ref<Completeness[]>('Completeness'),
    gapBytes: Type.Optional(integer('Bytes of the exchange that were never captured.')),
    problem: Type.Optional(text('What was wrong, where completeness has "malformed".')),
    redacted: integer('How many values were redacted.'),
    bytes: Type.Object(
      { request: Type.Integer(), response: Type.Integer() },
      { description: 'On the wire, heads and framing included.' },
    ),
    fingerprint: text('Names the exchange wherever it is seen.'),
    connection: text('The TCP connection it was on: /api/v1/connections/ID.'),
    hops: Type.Optional(
      Type.Array(ref<Hop>('Hop'), {
        description:
          'Where proxies beside client or server (a service mesh) passed it on: all of its ways, in order.',
      }),
    ),
  },
  { $id: 'Flow', description: 'One request and its answer; either may be missing.' },
);

export const ConnectionSideSchema = Type.Object(
  {
    bytes: integer('TCP payload, each byte once.'),
    packets: integer('Packets, copies not counted.'),
    retransmissions: integer('Packets whose payload had been sent before.'),
    duplicates: integer('Copies of a packet already seen.'),
    lostBytes: integer('Bytes never seen.'),
    conflictBytes: integer('Bytes of overlapping segments whose content differed.'),
    zeroWindows: integer('Zero-window advertisements.'),
    keepAlives: integer('Keep-alive probes.'),
  },
  { $id: 'ConnectionSide', description: 'What was seen of the bytes one end sent.' },
);

export const ConnectionSchema = Type.Object(
  {
    id: text('As in Flow.connection.'),
    node: text('Node, or name given to the file, whose worker saw it.'),
    src: ref<Endpoint>('Endpoint'),
    dst: ref<Endpoint>('Endpoint'),
    start: time('Of its first packet.'),
    end: time('Of its last packet.'),
    handshakeMs: Type.Optional(number('SYN to SYN-ACK to ACK.')),
    closedBy: oneOf(['client', 'server', 'none'], 'Who ended it.'),
    closed: text('How it ended: fin, rst, idle, reused, evicted, finished, refused, open.'),
    client: ref<ConnectionSide>('ConnectionSide'),
    server: ref<ConnectionSide>('ConnectionSide'),
  },
  { $id: 'Connection', description: 'A TCP connection, as told when it ends or is refused.' },
);
