/**
 * A record: a flow, or the end of a connection, as it travels from worker to hub and lies in the store.
 * Redaction has happened before it is written.
 *
 * Little endian. A common part, then the part of its kind, then the variable parts in the order of their
 * lengths. Offsets are from the record's first byte; `f64` times are µs since the epoch, NaN for "not known".
 */

export const RECORD_VERSION = 1;
export const RecordKind = { exchange: 1, connection: 2 } as const;

/** Of both kinds. */
export const Common = {
  length: 0, // u32, the whole record
  version: 4, // u8
  kind: 5, // u8
  protocol: 6, // u8, index into PROTOCOLS
  protocolVersion: 7, // u8, ten times: 10, 11
  time: 8, // f64
  src: 16, // 16 bytes, IPv4 as IPv4-mapped IPv6
  dst: 32, // 16 bytes
  srcPort: 48, // u16
  dstPort: 50, // u16
  connection: 52, // u32, number within the worker's session
  end: 56,
} as const;

export const PROTOCOLS = ['unknown', 'http', 'tls', 'rtsp', 'icecast'] as const;

export const ExchangeLayout = {
  requestEnd: 56, // f64
  responseStart: 64, // f64
  responseEnd: 72, // f64
  requestSeq: 80, // i32
  responseSeq: 84, // i32
  requestWire: 88, // f64, bytes on the wire
  responseWire: 96, // f64
  requestSize: 104, // f64, content octets
  responseSize: 112, // f64
  gapBytes: 120, // f64
  requestDecodedSize: 128, // f64, NaN: not known or no content coding
  responseDecodedSize: 136, // f64
  requestLeftOut: 144, // f64, decoded octets not kept
  responseLeftOut: 152, // f64
  status: 160, // u16, 0: no answer
  completeness: 162, // u16, bits of COMPLETENESS
  redacted: 164, // u32
  parts: 168, // u8, PartFlag
  requestBodyKind: 169, // u8, BodyKind
  responseBodyKind: 170, // u8
  requestReason: 171, // u8, index into WITHHELD
  responseReason: 172, // u8
  interimCount: 173, // u8
  problemLength: 174, // u16
  requestHeadLength: 176, // u32
  requestTrailersLength: 180, // u32
  requestBodyLength: 184, // u32
  responseHeadLength: 188, // u32
  responseTrailersLength: 192, // u32
  responseBodyLength: 196, // u32
  methodLength: 200, // u16, within the request head
  targetLength: 204, // u32, after the method and one space
  reasonStart: 208, // u16, within the response head
  reasonLength: 210, // u16
  hopsLength: 212, // u32, by the hub: JSON of Flow.hops
  // With PartFlag.observed, by the hub: the spans of timing where several workers or interfaces saw the exchange, µs.
  serverSpan: 216, // f64, the request's last byte to the answer's first, nearest to the server
  wholeAtServer: 224, // f64, the request's first byte to the answer's last, there
  wholeAtClient: 232, // f64, the same nearest to the client
  /** Then: request head, trailers, body; response head, trailers, body; interim statuses (u16 each); problem (UTF-8); hops. */
  end: 240,
} as const;

export const PartFlag = { request: 1, response: 2, observed: 4 } as const;
export const BodyKind = { none: 0, text: 1, binary: 2, withheld: 3 } as const;

export const ConnectionLayout = {
  endTime: 56, // f64
  roundTrip: 64, // f64, µs
  closedBy: 72, // u8: 0 client, 1 server, 2 none
  closeReason: 73, // u8, index into CLOSE_REASONS
  serverNameLength: 74, // u16
  clientSeq: 76, // i32, of the client's first byte; it survives NAT
  client: 80, // 8 f64 in the order of SIDE_FIELDS
  server: 144,
  /** Then: the name that the client asked for by TLS (RFC 6066 §3), ASCII. */
  end: 208,
} as const;

export const SIDE_FIELDS = [
  'bytes',
  'packets',
  'retransmissions',
  'duplicates',
  'lostBytes',
  'conflictBytes',
  'zeroWindows',
  'keepAlives',
] as const;

export const CLOSE_REASONS = [
  'open',
  'fin',
  'rst',
  'idle',
  'reused',
  'evicted',
  'finished',
  'refused',
] as const;

/** No record is longer: two bodies at the largest --max-body, two heads, and room. */
export const MAX_RECORD = 64 * 1024 * 1024;

/** Bytes that are not a record (a damaged store, a foreign sender). */
export class RecordError extends Error {
  readonly code = 'RECORD_INVALID';
  constructor(what: string) {
    super(`Not a flow record: ${what}. The sender's version differs or the data is damaged.`);
    this.name = 'RecordError';
  }
}
