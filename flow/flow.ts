/**
 * What a flow is: one request and its answer, as the API, the page and `-o json` give it.
 * A request without an answer and an answer without a request are flows too.
 */

export interface Flow {
  /** Sorts by time; the same exchange always has the same id, however often it is sent. */
  id: string;
  /** Of the request's first byte (of the answer's, where there is no request): RFC 3339, UTC, microseconds. */
  time: string;
  protocol: { name: string; version: string };
  /** The node (or the name given to the file) whose worker saw it. */
  node: string;
  src: Endpoint;
  dst: Endpoint;
  request?: FlowRequest;
  response?: FlowResponse;
  /** Request's first byte to answer's last byte, ms. Absent unless both were seen. */
  elapsedMs?: number;
  timing: Timing;
  completeness: Completeness[];
  /** Bytes of the exchange that were never captured. */
  gapBytes?: number;
  /** What was wrong, where `completeness` has `malformed`. */
  problem?: string;
  /** How many values were redacted. */
  redacted: number;
  /** On the wire, heads and framing included. */
  bytes: { request: number; response: number };
  /** Names the exchange wherever it is seen: sequence numbers of the request's and the answer's first byte and the request's length, in hex. */
  fingerprint: string;
  /** The TCP connection it was on: `/api/v1/connections/ID`. */
  connection: string;
  /** Where proxies beside the client or the server (a service mesh) passed it on: all of its ways, in order from the client to the server. */
  hops?: Hop[];
}

/** One way of an exchange that went over proxies: a TCP connection of its own. */
export interface Hop {
  /** Of the request's first byte there, as Flow.time. */
  time: string;
  node: string;
  src: Endpoint;
  dst: Endpoint;
  /** Absent unless request and answer were seen. */
  elapsedMs?: number;
  /** 0: no answer. */
  status: number;
  connection: string;
}

export interface Endpoint {
  ip: string;
  port: number;
  /** The best short name: workload, service, DNS name, or the IP. */
  name: string;
  namespace?: string;
  pod?: string;
  service?: string;
  workload?: string;
  node?: string;
}

export interface FlowMessage {
  /** As sent: order, repetition and case kept. */
  headers: [name: string, value: string][];
  trailers?: [name: string, value: string][];
  /** Octets of content on the wire, transfer coding undone, content coding not. The true size, whatever is kept. */
  bodySize: number;
  body?: Body;
}

export interface FlowRequest extends FlowMessage {
  method: string;
  /** The request-target as sent (RFC 9112 §3.2). */
  target: string;
  /** The target URI (RFC 9110 §7.1): absolute. */
  url: string;
  path: string;
  /** Query parameters, decoded; a repeated name has its values in order. */
  query: Record<string, string | string[]>;
  host: string;
  cookies: Record<string, string>;
}

export interface FlowResponse extends FlowMessage {
  status: number;
  reason: string;
  /** Interim answers before this one, e.g. [100]. */
  interim?: number[];
}

export interface Body {
  /** Exactly one of these three. */
  text?: string;
  base64?: string;
  withheld?: WithheldReason;
  mime: string;
  /** Content-Encoding as on the wire, where there was one. */
  encoding?: string;
  /** Size after the content coding was undone, where it was and is known. */
  decodedSize?: number;
  /** Octets of the (decoded) body that are left out here; present where the body is not whole. */
  truncated?: number;
}

/** Why a body's bytes are not shown. */
export type WithheldReason = (typeof WITHHELD)[number];
export const WITHHELD = [
  'binary',
  'undecodable',
  'malformed',
  'ratio-limit',
  'encrypted',
  'gap',
  'unsupported-encoding',
  'policy',
] as const;

export interface Timing {
  /** First byte to last byte of the request, ms. */
  requestMs?: number;
  /** Request's last byte to answer's first byte, as seen at the server's node. */
  serverMs?: number;
  /** The whole exchange as seen at the client's node. */
  clientMs?: number;
  /** `clientMs` less the same span at the server's node: network and proxies. */
  networkMs?: number;
  /** Request's first byte to answer's first byte. */
  ttfbMs?: number;
  /** Answer's first byte to its last. */
  responseMs?: number;
}

/** Bit n of a record's completeness is the n-th of these; none set means `complete`. */
export const COMPLETENESS = [
  /** Bytes inside it were never captured: `gapBytes`. */
  'gap',
  /** The capture began inside it. */
  'midstream',
  /** Only the request or only the answer was seen. */
  'one-sided',
  /** Overlapping TCP data that differed: the first copy is shown. */
  'conflict',
  /** A body or head longer than what is kept. */
  'truncated',
  /** The connection or the capture ended inside it. */
  'cut',
  /** Not valid HTTP: `problem`. */
  'malformed',
] as const;
export type Completeness = 'complete' | (typeof COMPLETENESS)[number];

/** A TCP connection, as told when it ends (and while it is open, as far as known). */
export interface Connection {
  id: string;
  node: string;
  src: Endpoint;
  dst: Endpoint;
  /** RFC 3339. */
  start: string;
  end: string;
  /** SYN to SYN-ACK to ACK. */
  handshakeMs?: number;
  closedBy: 'client' | 'server' | 'none';
  /** How it ended: fin, rst, idle, reused, evicted, finished (the capture ended), refused (it never began), open. */
  closed: string;
  client: ConnectionSide;
  server: ConnectionSide;
}

/** What was seen of one direction: of the bytes that end sent. */
export interface ConnectionSide {
  bytes: number;
  packets: number;
  retransmissions: number;
  duplicates: number;
  lostBytes: number;
  conflictBytes: number;
  zeroWindows: number;
  keepAlives: number;
}

export const REDACTED = '[REDACTED]';
