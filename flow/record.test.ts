import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Endpoint } from './flow.ts';
import {
  BodyKind,
  Common,
  ConnectionLayout,
  lazyFlow,
  PartFlag,
  RecordError,
  RecordKind,
  RecordView,
  RecordWriter,
  toConnection,
  toFlow,
  toRow,
  withHops,
  ExchangeLayout as X,
} from './record.ts';

const ascii = (text: string) => new TextEncoder().encode(text);
const src: Endpoint = { ip: '10.0.0.1', port: 40000, name: 'cart' };
const dst: Endpoint = { ip: 'fd00::2', port: 8080, name: 'orders' };
const naming = { id: 'id-1', node: 'node-a', session: 'abcd', src, dst };

interface Parts {
  head: string;
  method: number;
  target: number;
  body?: string;
  trailers?: string;
}

/** Writes an exchange as the worker does; `request` or `response` may be left out. */
function write(
  writer: RecordWriter,
  request: Parts | undefined,
  response: (Parts & { status: number }) | undefined,
) {
  writer.begin(RecordKind.exchange, X.end);
  writer.u8(Common.protocol, 1);
  writer.u8(Common.protocolVersion, 11);
  writer.f64(Common.time, 1_800_000_000_000_001);
  writer.address(Common.src, 0, 0, 0xffff, 0x0a000001);
  writer.address(Common.dst, 0xfd000000 | 0, 0, 0, 2);
  writer.u16(Common.srcPort, 40000);
  writer.u16(Common.dstPort, 8080);
  writer.u32(Common.connection, 7);
  writer.f64(X.requestEnd, 1_800_000_000_000_501);
  writer.f64(X.responseStart, 1_800_000_000_010_501);
  writer.f64(X.responseEnd, 1_800_000_000_020_001);
  writer.i32(X.requestSeq, -1);
  writer.i32(X.responseSeq, 16);
  writer.f64(X.requestWire, 255);
  writer.f64(X.requestDecodedSize, Number.NaN);
  writer.f64(X.responseDecodedSize, Number.NaN);
  const part = (text: string, at: number) => {
    const bytes = ascii(text);
    writer.u32(at, bytes.length);
    writer.append(bytes, 0, bytes.length);
  };
  writer.u8(X.parts, (request ? PartFlag.request : 0) | (response ? PartFlag.response : 0));
  part(request?.head ?? '', X.requestHeadLength);
  part(request?.trailers ?? '', X.requestTrailersLength);
  part(request?.body ?? '', X.requestBodyLength);
  part(response?.head ?? '', X.responseHeadLength);
  part(response?.trailers ?? '', X.responseTrailersLength);
  part(response?.body ?? '', X.responseBodyLength);
  if (request) {
    writer.u16(X.methodLength, request.method);
    writer.u32(X.targetLength, request.target);
    if (request.body) writer.u8(X.requestBodyKind, BodyKind.text);
  }
  if (response) {
    writer.u16(X.status, response.status);
    writer.u16(X.reasonStart, 13);
    writer.u16(X.reasonLength, 2);
    if (response.body) writer.u8(X.responseBodyKind, BodyKind.text);
  }
}

const GET: Parts = {
  head: 'GET /a%20b/c?x=1&x=%32&flag&bad=%zz HTTP/1.1\r\nHost: orders:80\r\nX-Folded: one\r\n\ttwo\r\nCookie: a=1; b=2=3\r\nNo-Colon\r\nEmpty:\r\n\r\n',
  method: 3,
  target: '/a%20b/c?x=1&x=%32&flag&bad=%zz'.length,
};
const OK: Parts & { status: number } = {
  head: 'HTTP/1.1 200 OK\nContent-Type: Application/JSON; charset=utf-8\nSet-Cookie: a\nSet-Cookie: b\n\n',
  method: 0,
  target: 0,
  status: 200,
  body: '{"é":1}',
  trailers: 'Checksum: 9\r\n\r\n',
};

function only(writer: RecordWriter): RecordView {
  writer.commit();
  return new RecordView().at(writer.bytes.subarray(0, writer.committed), 0);
}

test('an exchange comes back as a flow', () => {
  const writer = new RecordWriter();
  write(writer, GET, OK);
  const flow = toFlow(only(writer), naming);
  expect(flow).toMatchObject({
    id: 'id-1',
    time: '2027-01-15T08:00:00.000001Z',
    protocol: { name: 'http', version: '1.1' },
    node: 'node-a',
    src,
    dst,
    elapsedMs: 20,
    completeness: ['complete'],
    fingerprint: 'ffffffff.00000010.ff',
    connection: 'abcd-7',
    timing: { requestMs: 0.5, serverMs: 10, ttfbMs: 10.5, responseMs: 9.5, clientMs: 20 },
  });
  expect(flow.request).toEqual({
    method: 'GET',
    target: '/a%20b/c?x=1&x=%32&flag&bad=%zz',
    url: expect.stringMatching(/^http:\/\/orders:80\/a%20b\/c\?x=1/),
    path: '/a%20b/c',
    query: { x: ['1', '2'], flag: '', bad: '%zz' },
    host: 'orders:80',
    headers: [
      ['Host', 'orders:80'],
      ['X-Folded', 'one two'],
      ['Cookie', 'a=1; b=2=3'],
      ['No-Colon', ''],
      ['Empty', ''],
    ],
    cookies: { a: '1', b: '2=3' },
    bodySize: 0,
  });
  expect(flow.response).toEqual({
    status: 200,
    reason: 'OK',
    headers: [
      ['Content-Type', 'Application/JSON; charset=utf-8'],
      ['Set-Cookie', 'a'],
      ['Set-Cookie', 'b'],
    ],
    trailers: [['Checksum', '9']],
    bodySize: 0,
    body: { text: '{"é":1}', mime: 'application/json' },
  });
});

test('one-sided flows have no other side and no elapsed time', () => {
  const writer = new RecordWriter();
  write(writer, GET, undefined);
  const asked = toFlow(only(writer), naming);
  expect(asked.response).toBeUndefined();
  expect(asked.elapsedMs).toBeUndefined();
  expect(toRow(only(writer), naming)).toMatchObject({ method: 'GET', status: 0, elapsedMs: null });

  const other = new RecordWriter();
  write(other, undefined, OK);
  const answered = toFlow(only(other), naming);
  expect(answered.request).toBeUndefined();
  expect(answered.response?.status).toBe(200);
  expect(answered.fingerprint).toBe('-.00000010.ff');
});

test.each([
  ['GET http://a.example/x?y=1 HTTP/1.1\r\nHost: b\r\n\r\n', 3, 22, 'http://a.example/x?y=1', '/x'],
  ['GET http://a.example HTTP/1.1\r\nHost: b\r\n\r\n', 3, 16, 'http://a.example', '/'],
  ['OPTIONS * HTTP/1.1\r\nHost: b\r\n\r\n', 7, 1, 'http://b', '*'],
  ['CONNECT c:443 HTTP/1.1\r\nHost: b\r\n\r\n', 7, 5, 'c:443', ''],
  ['GET /p HTTP/1.1\r\n\r\n', 3, 2, 'http://[fd00::2]:8080/p', '/p'],
  ['GET /r?u=http://x/y HTTP/1.1\r\nHost: b\r\n\r\n', 3, 15, 'http://b/r?u=http://x/y', '/r'],
])('the target URI of %j', (head, method, target, url, path) => {
  const writer = new RecordWriter();
  write(writer, { head, method, target }, undefined);
  expect(toFlow(only(writer), naming).request).toMatchObject({ url, path });
});

test('hops come back, and leave everything else as it is', () => {
  const writer = new RecordWriter();
  write(writer, GET, OK);
  const before = toFlow(only(writer), naming);
  const hop = { time: before.time, node: 'n', src: naming.src, dst: { ...naming.dst, name: 'käse' } };
  const hops = [{ ...hop, status: 200, connection: 'abcd-1' }];
  const padded = new Uint8Array([...[1, 2, 3], ...withHops(only(writer), hops)]);
  const view = new RecordView().at(padded, 3);
  expect(toFlow(view, naming)).toEqual({ ...before, hops });
  expect(lazyFlow(view, naming).hops).toEqual(hops);
  expect(RecordView.lengthAt(padded, 3)).toBe(padded.length - 3);
  expect(withHops(view, [])).toEqual(padded.slice(3));
});

test('a connection comes back', () => {
  const writer = new RecordWriter();
  writer.begin(RecordKind.connection, ConnectionLayout.end);
  writer.u32(Common.connection, 9);
  writer.f64(Common.time, 1_800_000_000_000_000);
  writer.f64(ConnectionLayout.endTime, 1_800_000_001_000_000);
  writer.f64(ConnectionLayout.roundTrip, 1500);
  writer.u8(ConnectionLayout.closedBy, 1);
  writer.u8(ConnectionLayout.closeReason, 2);
  writer.f64(ConnectionLayout.client + 16, 3);
  expect(toConnection(only(writer), naming)).toMatchObject({
    id: 'abcd-9',
    handshakeMs: 1.5,
    closedBy: 'server',
    closed: 'rst',
    end: '2027-01-15T08:00:01.000000Z',
    client: { retransmissions: 3 },
  });
  expect(only(writer).serverName).toBe('');
});

test('a connection by TLS says who was asked for', () => {
  const writer = new RecordWriter();
  writer.begin(RecordKind.connection, ConnectionLayout.end);
  writer.u16(ConnectionLayout.serverNameLength, 3);
  for (const octet of ascii('a.b')) writer.appendU8(octet);
  writer.commit();
  const view = only(writer);
  expect(view.serverName).toBe('a.b');
  const cut = view.bytes.slice();
  new DataView(cut.buffer).setUint16(ConnectionLayout.serverNameLength, 4, true);
  expect(() => new RecordView().at(cut, 0)).toThrow(RecordError);
});

describe('hostile bytes', () => {
  const records = () => {
    const writer = new RecordWriter();
    write(writer, GET, OK);
    writer.commit();
    return writer.take();
  };

  test('a cut record is refused', () => {
    const whole = records();
    for (let length = 0; length < whole.length; length++) {
      expect(() => new RecordView().at(whole.subarray(0, length), 0)).toThrow(RecordError);
    }
  });

  test('changed bytes are refused or read, and never anything else', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 }), (changes) => {
        const bytes = records();
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        try {
          const view = new RecordView().at(bytes, 0);
          if (view.kind === RecordKind.exchange) JSON.stringify(toFlow(view, naming));
        } catch (error) {
          if (!(error instanceof RecordError)) throw error;
        }
      }),
      { numRuns: 2000 },
    );
  });
});

test('records lie one behind the other while the buffer grows', () => {
  const writer = new RecordWriter();
  for (let n = 0; n < 2000; n++) {
    write(writer, GET, OK);
    writer.commit();
  }
  expect(writer.count).toBe(2000);
  const bytes = writer.take();
  let count = 0;
  for (let at = 0; at < bytes.length; at += RecordView.lengthAt(bytes, at)) {
    expect(new RecordView().at(bytes, at).method).toBe('GET');
    count++;
  }
  expect(count).toBe(2000);
  expect(writer.committed).toBe(0);
});
