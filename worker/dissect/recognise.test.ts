import { expect, test } from 'vitest';
import { clientHello } from '../../test/dissect/client-hello.ts';
import { Drive } from '../../test/dissect/drive.ts';

const GET = 'GET /a HTTP/1.1\r\nHost: h\r\n\r\n';
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

const targets = (drive: Drive) => drive.exchanges.map(({ request }) => request?.target);

test('HTTP is recognised by its bytes, also one at a time', () => {
  const drive = new Drive({ segment: 1 }).client(GET).server(OK).close();
  expect(targets(drive)).toEqual(['/a']);
  expect(drive.counters.httpConnections).toBe(1);
});

test('a TLS connection is known by its first record and never looked at again', () => {
  const drive = new Drive()
    .client(hex('16 03 01 02 00 01 00 01 fc 03 03'))
    .server(hex('16 03 03 00 7a 02 00 00'));
  drive.client(GET).server(OK).close();
  expect(drive.exchanges).toEqual([]);
  const { tlsConnections, tlsBytes, otherBytes, httpConnections } = drive.counters;
  expect([tlsConnections, tlsBytes, otherBytes, httpConnections]).toEqual([
    1,
    19 + GET.length + OK.length,
    0,
    0,
  ]);
});

test('who is asked for by TLS is told, whichever end TCP took for the client', () => {
  const seen = (drive: Drive) => drive.serverNames;
  const hello = clientHello('api.example');
  expect(seen(new Drive().client(hello).client(hello).close())).toEqual([
    { name: 'api.example', swapped: false },
  ]);
  expect(seen(new Drive({ handshake: false }).server(hello).close())).toEqual([
    { name: 'api.example', swapped: true },
  ]);
  expect(seen(new Drive().client(clientHello('')).close())).toEqual([]);
});

test('HTTP/2 by prior knowledge is told from HTTP/1', () => {
  const drive = new Drive()
    .client('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
    .server(hex('00 00 00 04 00 00 00 00 00'))
    .close();
  expect(drive.exchanges).toEqual([]);
  expect([drive.counters.http2Connections, drive.counters.http2Bytes]).toEqual([1, 33]);
});

test.each([
  ['SSH', 'SSH-2.0-OpenSSH_9.6\r\n', 'SSH-2.0-OpenSSH_9.6\r\n'],
  ['Redis', '*2\r\n$3\r\nGET\r\n$1\r\na\r\n', '$2\r\nok\r\n'],
  ['SMTP', 'EHLO h\r\n', '220 h ESMTP\r\n'],
  ['PostgreSQL', hex('00 00 00 08 04 d2 16 2f'), 'N'],
  ['MySQL', hex('01 00 00 00 0e'), hex('4a 00 00 00 0a 38 2e 30')],
])('%s is no HTTP', (_, client, server) => {
  const drive = new Drive();
  for (let i = 0; i < 20; i++) drive.client(client).server(server);
  drive.close();
  expect(drive.exchanges).toEqual([]);
  expect([drive.counters.httpConnections, drive.counters.otherConnections]).toEqual([0, 1]);
  expect(drive.counters.otherBytes).toBe(20 * (client.length + server.length));
});

test('HTTP inside SOCKS5 is found', () => {
  const drive = new Drive()
    .client(hex('05 01 00'))
    .server(hex('05 00'))
    .client(hex('05 01 00 01 7f 00 00 01 00 50'))
    .server(hex('05 00 00 01 7f 00 00 01 c0 00'))
    .client(GET)
    .server(OK)
    .close();
  expect(targets(drive)).toEqual(['/a']);
  expect(drive.exchanges[0].response?.stream).toEqual([12, 52]);
});

test('after enough segments of something else nothing is looked for any more', () => {
  const drive = new Drive();
  for (let i = 0; i < 20; i++) drive.client(hex('00 01 02')).server(hex('00 01 02'));
  drive.client(GET).server(OK).close();
  expect(drive.exchanges).toEqual([]);
  expect(drive.counters.otherConnections).toBe(1);
});

test('a capture that begins in the middle of a body', () => {
  const drive = new Drive({ handshake: false });
  for (let i = 0; i < 30; i++) drive.server('{"rest": "of a body"}\r\n');
  drive.client(GET).server(OK).close();
  expect(targets(drive)).toEqual(['/a']);
  expect(drive.exchanges[0].response?.status).toBe(200);
});

test('a capture that begins with an answer: the ends are the other way round', () => {
  const drive = new Drive({ handshake: false }).client(OK, 0).server(GET).client(OK).close();
  expect(drive.exchanges.map(({ request, response }) => [request?.target, response?.status])).toEqual([
    [undefined, 200],
    ['/a', 200],
  ]);
  expect(drive.exchanges.every(({ swapped }) => swapped)).toBe(true);
  expect(drive.exchanges[1].request?.seq).toBe(5000);
});

test('who sent the SYN stays the client', () => {
  const drive = new Drive().client('HTTP/1.1 200 OK\r\n\r\n').server(GET).close();
  expect(drive.exchanges).toEqual([]);
});

test('the end of a connection is told once, whatever it carried', () => {
  expect(new Drive().close().closed).toBe(1);
  expect(new Drive().client(GET).server(OK).close().closed).toBe(1);
  expect(new Drive().client(hex('00')).close().closed).toBe(1);
});
