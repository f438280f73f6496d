/** Packets on their whole way: recorded by a worker, asked for by the hub, downloaded, opened by others and by ourselves. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { RecordKind, RecordView } from '../../flow/record.ts';
import type { PacketsMessage } from '../../flow/wire.ts';
import { Packet } from '../../worker/packet/packet.ts';
import { DEFAULT_MAX_BODY, Pipeline } from '../../worker/pipeline.ts';
import { PacketAnswers } from '../../worker/record/packet-answers.ts';
import { createPolicy } from '../../worker/redact/policy.ts';
import { Replay } from '../../worker/replay.ts';
import { Uplink } from '../../worker/uplink/uplink.ts';
import { Conversation, load, type TimedFrame } from '../packets/index.ts';
import { BEARER, startHub, type TestHub, WORKER_TOKEN } from './hub-api-support.ts';

const CANARY = 'CANARY-7f3a';
const OPTIONS = { maxBody: DEFAULT_MAX_BODY, redact: { enabled: true, fields: [], keep: [] } };
const LARGE = `{"items":[${'1,'.repeat(200_000)}1]}`;

let hub: TestHub;
let uplink: Uplink;
const pipeline = new Pipeline({ ...OPTIONS, recordBytes: 8 * 1024 * 1024 });
/** What the worker was asked; it answers nothing before `held`. */
const asked: PacketsMessage[] = [];
let held: Promise<void> | undefined;
const directory = mkdtempSync(join(tmpdir(), 'packets-'));

beforeAll(async () => {
  hub = await startHub();
  const answers = new PacketAnswers(pipeline.recorder!, createPolicy({ enabled: true }));
  uplink = open('node-a', pipeline.limits, async (message) => {
    asked.push(message);
    await held;
    return answers.answer(message);
  });
  send(traffic());
  await vi.waitFor(async () => expect(await flows()).toHaveLength(4), { timeout: 10_000 });
});

afterAll(async () => {
  await uplink?.close(100);
  await hub?.close();
  rmSync(directory, { recursive: true });
});

function open(
  node: string,
  limits: Readonly<Record<string, number>>,
  onPackets?: PacketAnswers['answer'],
): Uplink {
  return new Uplink({
    url: `ws://127.0.0.1:${hub.port}/worker`,
    credentials: () => ({ token: WORKER_TOKEN }),
    worker: { version: '1', node, mode: 'live', sources: ['any'], limits: { ...limits } },
    status: () => ({ counters: { packetsCaptured: 7, kernelDrops: 2, interfaceDrops: 1 } }),
    onPackets,
    log: { info: () => {}, warn: () => {} },
  });
}

/** Captures the frames; all their exchanges are over. */
function send(frames: readonly TimedFrame[]): void {
  const packet = new Packet();
  for (const frame of frames) pipeline.packet(load(packet, frame));
  uplink.send(pipeline.records.written, pipeline.records.count);
  pipeline.records.clear();
}

/** One exchange on a connection that stays open: the second time it goes on where it was. */
const kept = new Conversation({ clientPort: 4003 });
function live(path: string): TimedFrame[] {
  const before = kept.packets.length;
  if (before === 0) kept.handshake();
  kept.client.send(`GET ${path} HTTP/1.1\r\nHost: shop\r\n\r\n`);
  kept.server.send('HTTP/1.1 204 No Content\r\n\r\n');
  return kept.packets.slice(before);
}

function traffic(): TimedFrame[] {
  const one = new Conversation({ clientPort: 4001, acknowledge: true });
  one.handshake();
  one.client.send(`GET /cart?token=${CANARY}&page=2 HTTP/1.1\r\nHost: shop\r\nCookie: sid=${CANARY}\r\n\r\n`);
  one.server.send(
    `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${LARGE.length}\r\n\r\n${LARGE}`,
  );
  const login = `{"user":"x","password":"${CANARY}"}`;
  one.client.send(
    `POST /login HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\nContent-Length: ${login.length}\r\n\r\n${login}`,
  );
  one.server.send(`HTTP/1.1 303 See Other\r\nSet-Cookie: sid=${CANARY}\r\nContent-Length: 0\r\n\r\n`);
  one.close();
  const two = new Conversation({
    clientPort: 4002,
    clientAddress: 'fd00::1',
    serverAddress: 'fd00::2',
    time: one.packets[3]!.time,
  });
  two.handshake();
  two.client.send('GET /a HTTP/1.1\r\nHost: shop\r\n\r\n');
  two.server.send('HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nno!\r\n0\r\n\r\n');
  two.client.send('GET /b HTTP/1.1\r\nHost: shop\r\n\r\n');
  two.server.send('HTTP/1.1 204 No Content\r\n\r\n');
  two.close();
  return [...one.packets, ...two.packets].sort((a, b) => a.time - b.time);
}

async function flows(): Promise<{ id: string; connection: string; path: string }[]> {
  const { text } = await hub.get('/api/v1/flows.ndjson');
  return text
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
    .map(({ id, connection, request }) => ({ id, connection, path: request.path }));
}

async function download(path: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    http
      .get({ host: '127.0.0.1', port: hub.port, path, headers: BEARER, agent: false }, async (answer) => {
        const bytes = Buffer.concat(await answer.toArray());
        if (answer.statusCode === 200) resolve(bytes);
        else reject(new Error(`${answer.statusCode}: ${bytes}`));
      })
      .on('error', reject);
  });
}

async function file(path: string): Promise<string> {
  const name = join(directory, `${Math.random()}.pcapng`);
  writeFileSync(name, await download(path));
  return name;
}

/** Method, path and status of each exchange in a capture file, as our own pipeline reads it. */
async function reread(path: string): Promise<string[]> {
  const replay = await Replay.open([{ path, node: 'n' }], OPTIONS);
  const found: string[] = [];
  let more = true;
  while (more) {
    more = await replay.step((_node, records) => {
      for (let at = 0; at < records.length; ) {
        const view = new RecordView().at(records, at);
        at += view.length;
        if (view.kind === RecordKind.exchange) found.push(`${view.method} ${view.path} ${view.status}`);
      }
    });
  }
  await replay.close();
  expect(replay.problems).toEqual([]);
  return found.sort();
}

test('no byte of the file is of a secret', async () => {
  const bytes = await download('/api/v1/flows.pcapng');
  expect(bytes.toString('latin1')).not.toContain(CANARY);
  expect(bytes.toString('latin1')).toContain('GET /cart?token=***********&page=2');
});

test('the file has the packets in the order of their times, and says where each exchange begins', async () => {
  const text = (await download('/api/v1/flows.pcapng')).toString('utf8');
  for (const { id, path } of await flows())
    expect(text).toContain(`flow ${id}: ${path === '/login' ? 'POST' : 'GET'} ${path} → `);
});

test('one flow has its own packets and no others', async () => {
  const a = (await flows()).find(({ path }) => path === '/a')!;
  const text = (await download(`/api/v1/flows.pcapng?flow=${a.id}`)).toString('latin1');
  expect(text).toContain('GET /a');
  expect(text).not.toContain('/cart');
});

test('a connection has all its exchanges', async () => {
  const { connection } = (await flows()).find(({ path }) => path === '/cart')!;
  const text = (await download(`/api/v1/flows.pcapng?connection=${connection}`)).toString('latin1');
  expect(text).toContain('GET /cart');
  expect(text).toContain('POST /login');
  expect(text).not.toContain('GET /a ');
});

const tshark = (...args: string[]) =>
  execFileSync('tshark', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

test.skipIf(!installed())('tshark reads it: the same exchanges, right checksums, names, drops', async () => {
  const name = await file('/api/v1/flows.pcapng');
  const requests = tshark(
    '-r',
    name,
    '-Y',
    'http.request',
    '-T',
    'fields',
    '-e',
    'http.request.method',
    '-e',
    'http.request.uri',
  );
  expect(requests.trim().split('\n').sort()).toEqual([
    'GET\t/a',
    'GET\t/b',
    'GET\t/cart?token=***********&page=2',
    'POST\t/login',
  ]);
  const wrong = tshark(
    '-r',
    name,
    '-o',
    'tcp.check_checksum:TRUE',
    '-o',
    'ip.check_checksum:TRUE',
    '-Y',
    'tcp.checksum.status == 0 || ip.checksum.status == 0 || _ws.malformed',
  );
  expect(wrong).toBe('');
});

test('our own reading of it shows the same flows', async () => {
  expect(await reread(await file('/api/v1/flows.pcapng'))).toEqual([
    'GET /a 404',
    'GET /b 204',
    'GET /cart?token=[REDACTED]&page=2 200',
    'POST /login 303',
  ]);
});

test('classic pcap has the same packets', async () => {
  const name = join(directory, 'classic.pcap');
  writeFileSync(name, await download('/api/v1/flows.pcap'));
  expect(await reread(name)).toEqual(await reread(await file('/api/v1/flows.pcapng')));
});

test('an estimate tells what the file will be', async () => {
  const { json } = await hub.get('/api/v1/flows.pcapng?estimate=true');
  const bytes = (await download('/api/v1/flows.pcapng')).length;
  expect(json).toMatchObject({ flows: 4, packets: traffic().length, missing: [] });
  expect(Math.abs(json.bytes / bytes - 1)).toBeLessThan(0.05);
});

async function following(filter: string): Promise<http.IncomingMessage> {
  const path = `/api/v1/flows.pcapng?follow=true&filter=${encodeURIComponent(filter)}`;
  const outgoing = http.get({ host: '127.0.0.1', port: hub.port, path, headers: BEARER, agent: false });
  const [answer] = (await once(outgoing, 'response')) as [http.IncomingMessage];
  return answer;
}

test('following goes on as new flows come, and tells no packet twice', async () => {
  const answer = await following('');
  let text = '';
  answer.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk;
  });
  await vi.waitFor(() => expect(text).toContain('Remora 1.2.3'), { timeout: 10_000 });
  expect(text).not.toContain('GET /a');
  for (const path of ['/live-1', '/live-2']) {
    send(live(path));
    await vi.waitFor(() => expect(text).toContain(`GET ${path} HTTP`), { timeout: 10_000 });
  }
  answer.destroy();
  expect(text.split('GET /live-1 HTTP')).toHaveLength(2);
});

test('following ends with its client, though nothing comes: then there is room for other exports', async () => {
  const codeOf = async (format: string) => {
    const { json } = await hub.get(`/api/v1/flows.${format}?filter=status_code%20%3D%3D%20999`);
    return json?.code;
  };
  const all = await Promise.all(Array.from({ length: 4 }, () => following('path == "/never"')));
  expect([await codeOf('pcap'), await codeOf('ndjson')]).toEqual(['EXPORT_BUSY', 'EXPORT_BUSY']);
  for (const answer of all) answer.destroy();
  await expect.poll(() => codeOf('pcap'), { timeout: 10_000 }).toBe('EXPORT_EMPTY');
  expect(await codeOf('ndjson')).toBeUndefined();
});

test('an export that its client leaves before it has begun is ended at the worker', async () => {
  let letGo = () => {};
  held = new Promise((resolve) => {
    letGo = resolve;
  });
  asked.length = 0;
  const path = '/api/v1/flows.pcapng';
  const outgoing = http.get({ host: '127.0.0.1', port: hub.port, path, headers: BEARER, agent: false });
  outgoing.on('error', () => {});
  await expect.poll(() => asked.map(({ ask }) => ask)).toContain('estimate');
  outgoing.destroy();
  expect((await hub.get('/healthz')).status).toBe(200);
  letGo();
  await expect.poll(() => asked.map(({ ask }) => ask)).toContain('end');
  expect(asked.map(({ ask }) => ask)).not.toContain('next');
});

test('where there is nothing, the answer says why', async () => {
  const answer = async (query: string) => {
    const { status, json } = await hub.get(`/api/v1/flows.pcapng${query}`);
    return [status, json.code, json.message];
  };
  const none = 'no stored flow matches';
  expect(await answer('?filter=status_code%20%3D%3D%20999')).toEqual([404, 'EXPORT_EMPTY', none]);
  expect(await answer('?flow=00000000000000-0000000000000000')).toContain('FLOW_NOT_FOUND');
  expect(await answer('?connection=nobody-1')).toEqual([404, 'EXPORT_EMPTY', none]);
  expect(await answer('?follow=true&from=-1h')).toContain('REQUEST_INVALID');
  const [flow] = await flows();
  await uplink.close(1000);
  await expect
    .poll(() => answer(`?flow=${flow!.id}`))
    .toEqual([404, 'WORKER_AWAY', expect.stringContaining('one flow were with the worker on node-a')]);
});

function installed(): boolean {
  try {
    tshark('--version');
    return true;
  } catch {
    return false;
  }
}
