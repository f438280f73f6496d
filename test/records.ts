/**
 * Records as a worker writes them, for tests of what comes after the worker: exchanges and ends of connections.
 */
import {
  CLOSE_REASONS,
  Common,
  ConnectionLayout,
  ExchangeLayout,
  PartFlag,
  PROTOCOLS,
  RecordKind,
} from '../flow/record/layout.ts';
import { BodyKind, RecordWriter, SIDE_FIELDS } from '../flow/record.ts';

export interface ExchangeSpec {
  /** µs since the epoch. */
  time: number;
  /** µs from the request's first byte to the answer's last. */
  elapsed: number;
  method: string;
  target: string;
  host: string;
  userAgent: string;
  /** Lines of the request's head beyond the usual ones, each with its CRLF. */
  requestHeaders: string;
  /** 0: no answer. */
  status: number;
  /** IPv4. */
  src: string;
  dst: string;
  srcPort: number;
  dstPort: number;
  requestSeq: number;
  responseSeq: number;
  connection: number;
  completeness: number;
  gapBytes: number;
  responseBody: string;
  /** Bytes on the wire. */
  requestWire: number;
  responseWire: number;
}

const DEFAULTS: ExchangeSpec = {
  time: 1_700_000_000_000_000,
  elapsed: 1500,
  method: 'GET',
  target: '/items?page=2',
  host: 'catalogue.shop',
  userAgent: 'test/1.0',
  requestHeaders: '',
  status: 200,
  src: '10.0.0.1',
  dst: '10.0.0.2',
  srcPort: 40_000,
  dstPort: 8080,
  requestSeq: 0x3000_0000,
  responseSeq: 0x7000_0000,
  connection: 1,
  completeness: 0,
  gapBytes: 0,
  responseBody: '{"items":[]}',
  requestWire: 120,
  responseWire: 400,
};

const encoder = new TextEncoder();

export function writeExchange(writer: RecordWriter, spec: Partial<ExchangeSpec> = {}): void {
  const x = { ...DEFAULTS, ...spec };
  const answered = x.status !== 0;
  const requestHead = encoder.encode(
    `${x.method} ${x.target} HTTP/1.1\r\nHost: ${x.host}\r\nAccept: application/json\r\nUser-Agent: ${x.userAgent}\r\n${x.requestHeaders}\r\n`,
  );
  const body = answered ? encoder.encode(x.responseBody) : new Uint8Array(0);
  const responseHead = answered
    ? encoder.encode(
        `HTTP/1.1 ${x.status} OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${body.length}\r\n\r\n`,
      )
    : new Uint8Array(0);
  const X = ExchangeLayout;
  writer.begin(RecordKind.exchange, X.end);
  writeCommon(writer, x);
  writer.u8(Common.protocol, PROTOCOLS.indexOf('http'));
  writer.u8(Common.protocolVersion, 11);
  writer.f64(X.requestEnd, x.time + 10);
  writer.f64(X.responseStart, answered ? x.time + x.elapsed - 10 : Number.NaN);
  writer.f64(X.responseEnd, answered ? x.time + x.elapsed : Number.NaN);
  writer.i32(X.requestSeq, x.requestSeq | 0);
  writer.i32(X.responseSeq, x.responseSeq | 0);
  writer.f64(X.requestWire, x.requestWire);
  writer.f64(X.responseWire, answered ? x.responseWire : 0);
  writer.f64(X.responseSize, body.length);
  writer.f64(X.gapBytes, x.gapBytes);
  writer.f64(X.requestDecodedSize, Number.NaN);
  writer.f64(X.responseDecodedSize, Number.NaN);
  writer.u16(X.status, x.status);
  writer.u16(X.completeness, x.completeness);
  writer.u8(X.parts, PartFlag.request | (answered ? PartFlag.response : 0));
  writer.u8(X.responseBodyKind, body.length > 0 ? BodyKind.text : BodyKind.none);
  writer.u32(X.requestHeadLength, requestHead.length);
  writer.u32(X.responseHeadLength, responseHead.length);
  writer.u32(X.responseBodyLength, body.length);
  writer.u16(X.methodLength, x.method.length);
  writer.u32(X.targetLength, x.target.length);
  writer.u16(X.reasonStart, answered ? 13 : 0);
  writer.u16(X.reasonLength, answered ? 2 : 0);
  for (const part of [requestHead, responseHead, body]) writer.append(part, 0, part.length);
  writer.commit();
}

export interface ConnectionSpec {
  time: number;
  endTime: number;
  src: string;
  dst: string;
  srcPort: number;
  dstPort: number;
  connection: number;
  clientBytes: number;
  /** Asked for by TLS; '': not. */
  serverName: string;
  refused: boolean;
  clientSeq: number;
}

export function writeConnection(writer: RecordWriter, spec: Partial<ConnectionSpec> = {}): void {
  const { refused = false } = spec;
  const c = {
    ...DEFAULTS,
    ...{
      endTime: (spec.time ?? DEFAULTS.time) + (refused ? 200 : 1_000_000),
      clientBytes: refused ? 0 : 5000,
    },
    ...{ serverName: '', clientSeq: 0x2000_0000 },
    ...spec,
  };
  const C = ConnectionLayout;
  writer.begin(RecordKind.connection, C.end);
  writeCommon(writer, c);
  writer.f64(C.endTime, c.endTime);
  writer.f64(C.roundTrip, refused ? Number.NaN : 120);
  writer.u8(C.closedBy, refused ? 1 : 0);
  writer.u8(C.closeReason, CLOSE_REASONS.indexOf(refused ? 'refused' : 'open'));
  writer.i32(C.clientSeq, c.clientSeq);
  writer.f64(C.client + 8 * SIDE_FIELDS.indexOf('bytes'), c.clientBytes);
  const serverName = encoder.encode(c.serverName);
  writer.u16(C.serverNameLength, serverName.length);
  writer.append(serverName, 0, serverName.length);
  writer.commit();
}

/** One exchange's record. */
export function exchangeRecord(spec: Partial<ExchangeSpec> = {}): Uint8Array<ArrayBuffer> {
  const writer = new RecordWriter();
  writeExchange(writer, spec);
  return writer.take();
}

export function connectionRecord(spec: Partial<ConnectionSpec> = {}): Uint8Array<ArrayBuffer> {
  const writer = new RecordWriter();
  writeConnection(writer, spec);
  return writer.take();
}

function writeCommon(
  writer: RecordWriter,
  x: Pick<ExchangeSpec, 'time' | 'src' | 'dst' | 'srcPort' | 'dstPort' | 'connection'>,
): void {
  writer.f64(Common.time, x.time);
  writer.address(Common.src, ...addressWords(x.src));
  writer.address(Common.dst, ...addressWords(x.dst));
  writer.u16(Common.srcPort, x.srcPort);
  writer.u16(Common.dstPort, x.dstPort);
  writer.u32(Common.connection, x.connection);
}

function addressWords(ip: string): [number, number, number, number] {
  const [a, b, c, d] = ip.split('.').map(Number);
  return [0, 0, 0xffff, (a << 24) | (b << 16) | (c << 8) | d];
}
