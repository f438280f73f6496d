import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { checksum } from '../../test/packets/checksum.ts';
import { Conversation, concat, LinkType, load, type TimedFrame } from '../../test/packets/index.ts';
import { Packet } from '../packet/packet.ts';
import { DEFAULT_MAX_BODY, Pipeline } from '../pipeline.ts';
import { createPolicy } from '../redact/policy.ts';
import { batchesOf, type GivenPacket, hideSecrets, maskedPacket } from './mask.ts';
import { select } from './selection.ts';
import { Turns } from './turns.ts';

const CANARY = 'CANARY-7f3a';
const POLICY = createPolicy({ enabled: true });
const OPTIONS = {
  maxBody: DEFAULT_MAX_BODY,
  redact: { enabled: true, fields: [], keep: [] },
  recordBytes: 8 * 1024 * 1024,
};

function through(frames: readonly TimedFrame[], linkType: number = LinkType.ethernet): Pipeline {
  const pipeline = new Pipeline(OPTIONS);
  const packet = new Packet();
  for (const frame of frames) pipeline.packet(load(packet, frame, linkType));
  return pipeline;
}

async function exported(frames: readonly TimedFrame[], linkType?: number): Promise<GivenPacket[]> {
  const recorder = through(frames, linkType).recorder!;
  const turns = new Turns();
  const all = new Map(Array.from({ length: 8 }, (_, id) => [id, [{ from: 0, to: Infinity }]]));
  const { connections, wanted } = await select(recorder, all, turns);
  for (const batch of batchesOf(connections, recorder)) await hideSecrets(batch, recorder, POLICY, turns);
  const packets = wanted.map((stored) =>
    recorder.look(stored.stretch, (segment) => maskedPacket(stored, segment)),
  );
  return (await Promise.all(packets)).filter((packet) => packet !== undefined);
}

/** All bytes of all packets, as Latin-1. */
function bytesOf(packets: readonly GivenPacket[]): string {
  return packets.map(({ data }) => Buffer.from(data).toString('latin1')).join('\n');
}

/** The payloads of one direction one behind the other. */
function sent(packets: readonly GivenPacket[], port = 80, from = true): string {
  return packets
    .filter(({ data }) => (((data[20]! << 8) | data[21]!) === port) === from)
    .map(({ data }) => Buffer.from(data.subarray(20 + ((data[32]! >> 4) << 2))).toString('latin1'))
    .join('');
}

function talk(request: string | Uint8Array, response: string | Uint8Array, mss = 1460): Conversation {
  const conversation = new Conversation({ mss });
  conversation.handshake();
  conversation.client.send(request);
  conversation.server.send(response);
  conversation.close();
  return conversation;
}

const OK = 'HTTP/1.1 204 No Content\r\n\r\n';
const json = (text: string | Uint8Array, fields = '') =>
  concat(
    `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n${fields}Content-Length: ${text.length}\r\n\r\n`,
    text,
  );

test('what holds no secret comes out as it came in', async () => {
  const request = 'GET /cart?item=7 HTTP/1.1\r\nHost: shop\r\nAccept: */*\r\n\r\n';
  const packets = await exported(talk(request, json('{"items":[1,2]}')).packets);
  expect(sent(packets, 80, false)).toBe(request);
  expect(sent(packets)).toBe(Buffer.from(json('{"items":[1,2]}')).toString('latin1'));
});

test('a secret becomes stars of the same length, and nothing else changes', async () => {
  const request = `GET /a?token=${CANARY}&b=1 HTTP/1.1\r\nHost: shop\r\nAuthorization: ${CANARY}\r\n\r\n`;
  const packets = await exported(talk(request, OK).packets);
  expect(sent(packets, 80, false)).toBe(request.replaceAll(CANARY, '*'.repeat(CANARY.length)));
});

const GZIPPED = gzipSync(`{"note":"${CANARY}"}`, { level: 0 });
const CHUNKED =
  'POST /login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n' +
  `f;sig=${CANARY}\r\n{"password":"CA\r\na\r\nNARY-7f3a"\r\n1\r\n}\r\n0\r\nX-Token: ${CANARY}\r\n\r\n`;

describe('no exported byte is of a secret', () => {
  const cases: [string, string | Uint8Array, string | Uint8Array][] = [
    ['header', `GET / HTTP/1.1\r\nHost: a\r\nCookie: sid=${CANARY}\r\n\r\n`, OK],
    [
      'answer header',
      'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
      `HTTP/1.1 204 OK\r\nSet-Cookie: sid=${CANARY}\r\n\r\n`,
    ],
    ['behind the version', `GET / HTTP/1.1;password=${CANARY}\r\nHost: a\r\n\r\n`, OK],
    ['as a version', `GET / HTTP/1.1&token=${CANARY}\r\nHost: a\r\n\r\n`, OK],
    ['query', `GET /?api_key=${CANARY} HTTP/1.1\r\nHost: a\r\n\r\n`, OK],
    [
      'form',
      concat(
        `POST / HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${9 + CANARY.length}\r\n\r\n`,
        `password=${CANARY}`,
      ),
      OK,
    ],
    ['json', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', json(`{"a":[{"password":"${CANARY}"}]}`)],
    ['chunks', CHUNKED, OK],
    ['compressed', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', json(GZIPPED, 'Content-Encoding: gzip\r\n')],
    [
      'binary',
      'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
      concat(
        `HTTP/1.1 200 OK\r\nContent-Type: application/x-thing\r\nContent-Length: 15\r\n\r\n`,
        `\0\x01\x02\x03${CANARY}`,
      ),
    ],
    [
      'cut body',
      'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
      `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"token":"${CANARY}`,
    ],
    ['cut head', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', `HTTP/1.1 200 OK\r\nSet-Cookie: ${CANARY}`],
    ['interim', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', `HTTP/1.1 103 Early\r\nLink: ${CANARY}\r\n\r\n${OK}`],
    ['no HTTP behind it', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', `${OK}${CANARY}\r\n${CANARY}`],
    [
      'upgraded',
      'GET / HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
      `HTTP/1.1 101 X\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n${CANARY}`,
    ],
    ['no HTTP at all', CANARY, CANARY],
  ];
  test.each(cases)('%s', async (_name, request, response) => {
    for (const mss of [1460, 7, 1]) {
      const packets = await exported(talk(request, response, mss).packets);
      expect(packets.length).toBeGreaterThan(0);
      for (const text of [bytesOf(packets), sent(packets), sent(packets, 80, false)]) {
        expect(text).not.toContain(CANARY);
        expect(text).not.toContain(CANARY.slice(3));
      }
    }
  });
});

test('chunk sizes and line ends stay', async () => {
  const packets = await exported(talk(CHUNKED, OK, 9).packets);
  expect(sent(packets, 80, false)).toContain(
    `\r\nf${'*'.repeat(5 + CANARY.length)}\r\n{"password":"**\r\na\r\n*********"\r\n1\r\n}\r\n0\r\n`,
  );
});

test('interim answers can still be told', async () => {
  const answer = `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: </a>\r\n\r\n${OK}`;
  const packets = await exported(talk('GET / HTTP/1.1\r\nHost: a\r\n\r\n', answer).packets);
  expect(sent(packets)).toBe(`HTTP/1.1 100 ********\r\n\r\nHTTP/1.1 103 *****\r\n****:*****\r\n\r\n${OK}`);
});

test('retransmitted copies are masked too, and one that says something else shows nothing of that', async () => {
  const conversation = new Conversation();
  conversation.handshake();
  const body = `{"token":"${CANARY}","a":"harmless-thing"}`;
  const at = conversation.server.seq;
  conversation.client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  conversation.server.send(json(body));
  conversation.server.segment({ seq: at, payload: json(body) });
  conversation.server.segment({ seq: at, payload: json(body.replace('harmless-thing', `xyz${CANARY}`)) });
  conversation.close();
  const packets = await exported(conversation.packets);
  expect(packets.filter(({ data }) => data.length > 140)).toHaveLength(3);
  expect(bytesOf(packets)).not.toContain(CANARY);
  expect(bytesOf(packets)).not.toContain('xyz');
});

test('checksums are right, of IPv4 and IPv6', async () => {
  const secret = `GET /?token=${CANARY} HTTP/1.1\r\nHost: a\r\n\r\n`;
  for (const [clientAddress, serverAddress] of [
    ['10.0.0.1', '10.0.0.2'],
    ['fd00::1', 'fd00::2'],
  ]) {
    const conversation = new Conversation({ clientAddress, serverAddress, timestamps: true });
    conversation.handshake();
    conversation.client.send(secret);
    conversation.server.send(OK);
    conversation.close();
    const packets = await exported(conversation.packets);
    expect(packets.length).toBe(conversation.packets.length);
    for (const { data } of packets) {
      const start = data[0]! >> 4 === 4 ? 20 : 40;
      if (start === 20) expect(checksum(data, 0, 20)).toBe(0);
      let pseudo = 6 + data.length - start;
      for (let i = start === 20 ? 12 : 8; i < start; i += 2) pseudo += (data[i]! << 8) | data[i + 1]!;
      expect(checksum(data, start, data.length, pseudo)).toBe(0);
    }
  }
});

test('a connection whose beginning is gone shows what is read again, and no more', async () => {
  const conversation = new Conversation({ mss: 40 });
  conversation.handshake();
  conversation.client.send('GET /one HTTP/1.1\r\nHost: a\r\n\r\n');
  conversation.server.send(json(`{"password":"${'x'.repeat(60)}${CANARY}"}`));
  conversation.client.send('GET /two HTTP/1.1\r\nHost: a\r\n\r\n');
  conversation.server.send(OK);
  conversation.close();
  const packets = await exported(conversation.packets.slice(6));
  expect(bytesOf(packets)).not.toContain(CANARY);
  expect(bytesOf(packets)).toContain('GET /two');
});
