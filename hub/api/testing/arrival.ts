/** Flows for tests, as ingest gives them to the store and to the live side. */
import type { Endpoint } from '../../../flow/flow.ts';
import {
  BodyKind,
  CLOSE_REASONS,
  Common,
  ConnectionLayout,
  PartFlag,
  RecordKind,
  RecordWriter,
  ExchangeLayout as X,
} from '../../../flow/record.ts';
import { formatFlowId } from '../../store/flow-id.ts';
import type { Arrival } from '../../store/store.ts';

export interface ExchangeSpec {
  /** Tells flows of one time apart. */
  n: number;
  /** µs since the epoch. */
  time?: number;
  method?: string;
  path?: string;
  status?: number;
  body?: string;
}

export const SOME_TIME = 1_800_000_000_000_000;
/** Empty between calls; a new one for each flow would take more time than the tests. */
const writer = new RecordWriter();

const SRC: Endpoint = { ip: '10.0.0.1', port: 40000, name: 'front' };
const DST: Endpoint = { ip: '10.0.0.2', port: 8080, name: 'cart' };

export function exchange(spec: ExchangeSpec): Arrival {
  const { n, time = SOME_TIME + n, method = 'GET', path = `/${n}`, status = 200, body = 'hello' } = spec;
  writer.begin(RecordKind.exchange, X.end);
  writeCommon(time);
  writer.f64(X.requestEnd, time + 100);
  writer.f64(X.responseStart, time + 900);
  writer.f64(X.responseEnd, time + 1500);
  writer.f64(X.requestDecodedSize, Number.NaN);
  writer.f64(X.responseDecodedSize, Number.NaN);
  writer.i32(X.requestSeq, n);
  writer.u8(X.parts, PartFlag.request | PartFlag.response);
  writer.u16(X.status, status);
  writer.u16(X.methodLength, method.length);
  writer.u32(X.targetLength, path.length);
  writer.u16(X.reasonStart, 13);
  writer.u16(X.reasonLength, 2);
  writer.u8(X.responseBodyKind, BodyKind.text);
  const append = (text: string, at: number) => {
    const bytes = Buffer.from(text);
    writer.u32(at, bytes.length);
    writer.append(bytes, 0, bytes.length);
  };
  append(`${method} ${path} HTTP/1.1\r\nHost: cart\r\n\r\n`, X.requestHeadLength);
  append(`HTTP/1.1 ${status} OK\r\nContent-Type: text/plain\r\n\r\n`, X.responseHeadLength);
  append(body, X.responseBodyLength);
  writer.f64(X.responseSize, Buffer.byteLength(body));
  return arrive(formatFlowId(time, 0, n));
}

export function connection(number: number, closed: (typeof CLOSE_REASONS)[number] = 'open'): Arrival {
  writer.begin(RecordKind.connection, ConnectionLayout.end);
  writeCommon(SOME_TIME + number);
  writer.u8(ConnectionLayout.closeReason, CLOSE_REASONS.indexOf(closed));
  writer.u32(Common.connection, number);
  writer.f64(ConnectionLayout.endTime, SOME_TIME + 1_000_000);
  writer.f64(ConnectionLayout.roundTrip, 250);
  return arrive(`session-${number}`);
}

function writeCommon(time: number): void {
  writer.u8(Common.protocol, 1);
  writer.u8(Common.protocolVersion, 11);
  writer.f64(Common.time, time);
  writer.address(Common.src, 0, 0, 0xffff, 0x0a000001);
  writer.address(Common.dst, 0, 0, 0xffff, 0x0a000002);
  writer.u16(Common.srcPort, SRC.port);
  writer.u16(Common.dstPort, DST.port);
}

function arrive(id: string): Arrival {
  writer.commit();
  return {
    id,
    record: writer.take(),
    node: 'node-a',
    session: 'session',
    src: SRC,
    dst: DST,
    observations: 1,
  };
}
