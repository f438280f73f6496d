import { hostPort } from '../address.ts';
import type { FlowRow } from '../api.ts';
import { bytesToBase64 } from '../base64.ts';
import {
  type Body,
  COMPLETENESS,
  type Completeness,
  type Connection,
  type ConnectionSide,
  type Endpoint,
  type Flow,
  type FlowMessage,
  type FlowRequest,
  type FlowResponse,
  type Timing,
  WITHHELD,
} from '../flow.ts';
import { parseCookies, parseQuery } from '../query.ts';
import { bytesToText } from '../text.ts';
import { formatTime } from '../time.ts';
import { readFields } from './head.ts';
import { readHops } from './hops.ts';
import { BodyKind, CLOSE_REASONS, ConnectionLayout, SIDE_FIELDS, ExchangeLayout as X } from './layout.ts';
import type { Range, RecordView } from './view.ts';

/** What the hub knows beside the record. */
export interface Naming {
  id: string;
  node: string;
  /** The worker's session: prefix of the connection id. */
  session: string;
  src: Endpoint;
  dst: Endpoint;
}

/** The flow of an exchange record, whole. */
export function toFlow(view: RecordView, naming: Naming): Flow {
  const flow: Flow = {
    id: naming.id,
    time: formatTime(view.time),
    protocol: { name: view.protocol, version: view.protocolVersion },
    node: naming.node,
    src: naming.src,
    dst: naming.dst,
    timing: readTiming(view),
    completeness: readCompleteness(view.completeness),
    redacted: view.redacted,
    bytes: { request: view.requestBytes, response: view.responseBytes },
    fingerprint: view.fingerprint,
    connection: connectionId(view, naming),
  };
  if (view.hasRequest) flow.request = readRequest(view, naming);
  if (view.hasResponse) flow.response = readResponse(view);
  const elapsed = milliseconds(view.elapsed);
  if (elapsed !== undefined) flow.elapsedMs = elapsed;
  if (view.gapBytes > 0) flow.gapBytes = view.gapBytes;
  if (view.problem !== '') flow.problem = view.problem;
  const hops = readHops(view);
  if (hops !== undefined) flow.hops = hops;
  return flow;
}

/** One line of a table: no headers, no bodies. */
export function toRow(view: RecordView, naming: Naming): FlowRow {
  return {
    id: naming.id,
    time: formatTime(view.time),
    protocol: `${view.protocol}/${view.protocolVersion}`,
    node: naming.node,
    src: naming.src,
    dst: naming.dst,
    method: view.hasRequest ? view.method : '',
    host: view.host,
    path: view.path,
    status: view.status,
    requestSize: view.requestSize,
    responseSize: view.responseSize,
    mime: view.mime,
    elapsedMs: milliseconds(view.elapsed) ?? null,
    completeness: readCompleteness(view.completeness),
    redacted: view.redacted,
  };
}

/** The connection of a connection record. */
export function toConnection(view: RecordView, naming: Naming): Connection {
  const connection: Connection = {
    id: connectionId(view, naming),
    node: naming.node,
    src: naming.src,
    dst: naming.dst,
    start: formatTime(view.time),
    end: formatTime(view.f64(ConnectionLayout.endTime)),
    closedBy: (['client', 'server'] as const)[view.u8(ConnectionLayout.closedBy)] ?? 'none',
    closed: CLOSE_REASONS[view.u8(ConnectionLayout.closeReason)] ?? 'open',
    client: readSide(view, ConnectionLayout.client),
    server: readSide(view, ConnectionLayout.server),
  };
  const handshake = milliseconds(view.f64(ConnectionLayout.roundTrip));
  if (handshake !== undefined) connection.handshakeMs = handshake;
  return connection;
}

export function connectionId(view: RecordView, naming: { session: string }): string {
  return `${naming.session}-${view.connection}`;
}

export function readCompleteness(bits: number): Completeness[] {
  if (bits === 0) return ['complete'];
  return COMPLETENESS.filter((_, n) => (bits & (1 << n)) !== 0);
}

export function readRequest(view: RecordView, naming: Naming): FlowRequest {
  const { path, target, host } = view;
  const question = path.indexOf('?');
  const message = readMessage(view, view.requestHead, view.requestTrailers, view.requestBody, {
    size: X.requestSize,
    kind: X.requestBodyKind,
    reason: X.requestReason,
    decoded: X.requestDecodedSize,
    leftOut: X.requestLeftOut,
  });
  const method = view.method;
  const authority = host || hostPort(naming.dst.ip, naming.dst.port);
  return {
    method,
    target,
    url: targetUri(method, target, authority),
    path: view.pathComponent,
    query: question < 0 ? {} : parseQuery(path.slice(question + 1)),
    host: authority,
    cookies: parseCookies(message.headers),
    ...message,
  };
}

/** RFC 9112 §3.3: how the target URI is put together from the form of the request-target. */
function targetUri(method: string, target: string, authority: string): string {
  if (method === 'CONNECT') return target;
  if (target === '*') return `http://${authority}`;
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(target) ? target : `http://${authority}${target}`;
}

export function readResponse(view: RecordView): FlowResponse {
  const response: FlowResponse = {
    status: view.status,
    reason: view.reason,
    ...readMessage(view, view.responseHead, view.responseTrailers, view.responseBody, {
      size: X.responseSize,
      kind: X.responseBodyKind,
      reason: X.responseReason,
      decoded: X.responseDecodedSize,
      leftOut: X.responseLeftOut,
    }),
  };
  if (view.interim.length > 0) response.interim = view.interim;
  return response;
}

interface BodyOffsets {
  size: number;
  kind: number;
  reason: number;
  decoded: number;
  leftOut: number;
}

function readMessage(
  view: RecordView,
  head: Range,
  trailers: Range,
  body: Range,
  at: BodyOffsets,
): FlowMessage {
  const headers = readFields(view.bytes, head.start, head.end, true);
  const message: FlowMessage = { headers, bodySize: view.f64(at.size) };
  if (trailers.end > trailers.start)
    message.trailers = readFields(view.bytes, trailers.start, trailers.end, false);
  const kind = view.u8(at.kind);
  if (kind === BodyKind.none) return message;

  const result: Body = { mime: mediaType(headers) };
  if (kind === BodyKind.text) result.text = bytesToText(view.bytes, body.start, body.end);
  if (kind === BodyKind.binary) result.base64 = bytesToBase64(view.bytes, body.start, body.end);
  if (kind === BodyKind.withheld) result.withheld = WITHHELD[view.u8(at.reason)] ?? 'policy';
  const encoding = headers
    .filter(([name]) => name.toLowerCase() === 'content-encoding')
    .map(([, value]) => value)
    .join(', ');
  if (encoding !== '') result.encoding = encoding;
  const decoded = view.f64(at.decoded);
  if (!Number.isNaN(decoded)) result.decodedSize = decoded;
  const leftOut = view.f64(at.leftOut);
  if (leftOut > 0) result.truncated = leftOut;
  message.body = result;
  return message;
}

function mediaType(headers: [string, string][]): string {
  const type = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';
  return type.split(';', 1)[0].trim().toLowerCase();
}

export function readTiming(view: RecordView): Timing {
  const requestEnd = view.f64(X.requestEnd);
  const responseStart = view.f64(X.responseStart);
  const responseEnd = view.f64(X.responseEnd);
  const timing: Timing = {};
  const set = (key: keyof Timing, from: number, to: number) => {
    const span = milliseconds(to - from);
    if (span !== undefined) timing[key] = span;
  };
  if (view.hasRequest) set('requestMs', view.time, requestEnd);
  if (view.hasRequest && view.hasResponse) {
    const { observed } = view;
    set('serverMs', 0, observed?.server ?? view.serverSpan);
    set('clientMs', 0, observed?.wholeAtClient ?? view.elapsed);
    if (observed !== undefined) set('networkMs', observed.wholeAtServer, observed.wholeAtClient);
    set('ttfbMs', view.time, responseStart);
  }
  if (view.hasResponse) set('responseMs', responseStart, responseEnd);
  return timing;
}

function readSide(view: RecordView, start: number): ConnectionSide {
  const side: Partial<ConnectionSide> = {};
  SIDE_FIELDS.forEach((field, n) => {
    side[field] = view.f64(start + 8 * n);
  });
  return side as ConnectionSide;
}

/** µs to ms with three decimals; undefined for NaN and for time that ran backwards (reordered captures). */
export function milliseconds(us: number): number | undefined {
  if (Number.isNaN(us)) return undefined;
  return Math.max(0, Math.round(us) / 1000);
}
