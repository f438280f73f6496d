import { once } from 'node:events';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { RecordView, RecordWriter, withHops } from '../../flow/record.ts';
import { BATCH_HEADER } from '../../flow/wire.ts';
import { FakeStore } from '../../test/fake-store.ts';
import { type IngestServer, startIngest } from '../../test/ingest-server.ts';
import { connectionRecord, exchangeRecord, writeExchange } from '../../test/records.ts';
import { StoreError } from '../store/error.ts';
import type { Arrival } from '../store/store.ts';
import { INGEST_LIMITS } from './limits.ts';
import type { PacketReader } from './packet-requests.ts';
import { EVERYTHING, type TargetFollower } from './target-source.ts';

const SESSION = 'session-of-the-test';
const END = { ip: '10.0.0.1', port: 1, name: '10.0.0.1' };
let store: FakeStore;
let server: IngestServer;
let published: Arrival[];
const sockets: WebSocket[] = [];
const until = (what: () => unknown) => vi.waitUntil(what, 20_000);
let followers: { node: string; follower: TargetFollower; stopped: boolean }[];

function follow(node: string, follower: TargetFollower): () => void {
  const entry = { node, follower, stopped: false };
  followers.push(entry);
  return () => {
    entry.stopped = true;
  };
}

beforeEach(async () => {
  store = new FakeStore();
  published = [];
  followers = [];
  server = await startIngest(store, {
    onCommitted: (arrivals) => published.push(...arrivals),
    targets: { follow: (node, follower) => follow(node, follower) },
  });
});
afterEach(async () => {
  store.gate = undefined;
  store.failure = undefined;
  for (const socket of sockets.splice(0)) socket.terminate();
  await server.close();
});

interface Client {
  socket: WebSocket;
  messages: { type: string; lastBatch?: number; batch?: number; code?: string }[];
  hear(type: string): Promise<Client['messages'][number]>;
}

async function connect(): Promise<Client> {
  const socket = new WebSocket(server.url);
  sockets.push(socket);
  const messages: Client['messages'] = [];
  socket.on('message', (data) => messages.push(JSON.parse(String(data))));
  socket.on('error', () => {});
  await once(socket, 'open');
  const hear = async (type: string) => {
    await vi.waitUntil(() => messages.some((message) => message.type === type), {
      timeout: 5000,
      interval: 5,
    });
    return messages.findLast((message) => message.type === type)!;
  };
  return { socket, messages, hear };
}

async function greet(session = SESSION, hello = {}): Promise<Client & { welcome: number }> {
  const client = await connect();
  client.socket.send(
    JSON.stringify({
      type: 'hello',
      wire: 1,
      version: '1',
      session,
      node: 'n1',
      mode: 'live',
      sources: ['any'],
      limits: {},
      ...hello,
    }),
  );
  const { lastBatch } = await client.hear('welcome');
  return { ...client, welcome: lastBatch! };
}

function batch(number: number, records: Uint8Array, count = 1): Buffer {
  const frame = Buffer.alloc(BATCH_HEADER + records.length);
  frame[0] = 1;
  frame.writeUInt32LE(number, 4);
  frame.writeUInt32LE(count, 8);
  frame.set(records, BATCH_HEADER);
  return frame;
}

function exchanges(count: number, first = 0): Uint8Array {
  const writer = new RecordWriter();
  for (let i = 0; i < count; i++) {
    writeExchange(writer, {
      connection: first + i,
      requestSeq: 0x4000_0000 + (first + i) * 1000,
      srcPort: 1000 + ((first + i) % 60_000),
    });
  }
  return writer.take();
}

test('batches are committed, acknowledged, and given to the live side', async () => {
  const client = await greet();
  expect(client.welcome).toBe(0);
  client.socket.send(batch(1, exchanges(3), 3));
  client.socket.send(batch(2, connectionRecord({ connection: 8 })));
  await until(() => client.messages.some((message) => message.batch === 2));
  expect(store.sessions.get(SESSION)).toBe(2);
  expect(store.ids.size).toBe(4);
  expect(store.ids).toContain(`${SESSION}-8`);
  expect(published).toHaveLength(4);
  expect(published[0]).toMatchObject({
    node: 'n1',
    session: SESSION,
    dst: { name: 'catalogue.shop' },
  });
});

test('nothing is acknowledged before it is committed', async () => {
  let open = () => {};
  store.gate = new Promise((resolve) => {
    open = resolve;
  });
  const client = await greet();
  client.socket.send(batch(1, exchanges(1)));
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(client.messages.map((message) => message.type)).toEqual(['welcome']);
  open();
  expect((await client.hear('ack')).batch).toBe(1);
});

test('a full disk is told, nothing is acknowledged, and all goes on when there is room again', async () => {
  store.failure = new StoreError('STORE_FULL', 'The disk is full.');
  const client = await greet();
  client.socket.send(batch(1, exchanges(2), 2));
  await until(() => server.workers.problem !== undefined);
  expect(server.workers.problem).toBe('The disk is full.');
  expect(server.workers.counters['commitFailures']).toBeGreaterThan(0);
  client.socket.send(batch(2, exchanges(2, 2), 2));
  expect(client.messages.some((message) => message.type === 'ack')).toBe(false);
  store.failure = undefined;
  await until(() => client.messages.some((message) => message.batch === 2));
  expect(store.ids.size).toBe(4);
  expect(server.workers.problem).toBeUndefined();
});

test('after a reconnect the hub says what it has, and a batch that comes again changes nothing', async () => {
  const first = await greet();
  first.socket.send(batch(1, exchanges(2), 2));
  await first.hear('ack');
  first.socket.terminate();
  const second = await greet();
  expect(second.welcome).toBe(1);
  second.socket.send(batch(1, exchanges(2), 2));
  expect((await second.hear('ack')).batch).toBe(1);
  second.socket.send(batch(4, exchanges(1, 5)));
  await until(() => second.messages.some((message) => message.batch === 4));
  expect(store.commits.flatMap((commit) => commit.arrivals)).toHaveLength(3);
  expect(server.workers.workers()[0].counters).toMatchObject({
    resentBatches: 1,
    missingBatches: 2,
    reconnects: 1,
  });
});

test('a batch that was received on a lost connection is acknowledged on the next', async () => {
  let open = () => {};
  store.gate = new Promise((resolve) => {
    open = resolve;
  });
  const first = await greet();
  first.socket.send(batch(1, exchanges(2), 2));
  await new Promise((resolve) => setTimeout(resolve, 50));
  first.socket.terminate();
  const second = await greet();
  expect(second.welcome).toBe(0);
  second.socket.send(batch(1, exchanges(2), 2));
  open();
  expect((await second.hear('ack')).batch).toBe(1);
  expect(store.commits.flatMap((commit) => commit.arrivals)).toHaveLength(2);
});

test('with too much waiting the hub stops reading, and goes on later', async () => {
  let open = () => {};
  store.gate = new Promise((resolve) => {
    open = resolve;
  });
  const client = await greet();
  const big = exchangeRecord({ responseBody: 'x'.repeat(4 * 1024 * 1024) });
  const count = 40;
  for (let i = 1; i <= count; i++) client.socket.send(batch(i, big));
  await until(() => server.workers.counters['ingestPauses'] > 0);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(server.workers.counters['ingestQueuedBytes']).toBeLessThan(
    INGEST_LIMITS.ingestQueueBytes + 2 * big.length,
  );
  open();
  await until(() => client.messages.some((message) => message.batch === count));
  expect(server.workers.counters['ingestQueuedBytes']).toBe(0);
});

test('records that are none are counted and left out', async () => {
  const client = await greet();
  const good = exchanges(1);
  const wrongKind = exchangeRecord({ connection: 7 });
  wrongKind[5] = 9;
  const noTime = exchangeRecord({ time: Number.NaN });
  const longTarget = exchangeRecord();
  new DataView(longTarget.buffer).setUint32(204, 0x7fff_ffff, true);
  client.socket.send(batch(1, Buffer.concat([good, wrongKind, noTime, longTarget, exchanges(1, 1)]), 5));
  await client.hear('ack');
  expect(store.ids.size).toBe(2);
  client.socket.send(batch(2, Buffer.concat([good, Buffer.alloc(40)]), 3));
  await until(() => client.messages.some((message) => message.batch === 2));
  expect(server.workers.counters['badRecords']).toBe(5);
});

test.each<[string, string | Buffer, string]>([
  ['a batch without hello', batch(1, new Uint8Array(0)), 'HELLO_EXPECTED'],
  ['no JSON', '{', 'MESSAGE_INVALID'],
  ['a status first', '{"type":"status","counters":{}}', 'HELLO_EXPECTED'],
])('refused: %s', async (_, message, code) => {
  const client = await connect();
  client.socket.send(message);
  const refuse = await client.hear('refuse');
  expect(refuse.code).toBe(code);
  await until(() => client.socket.readyState === WebSocket.CLOSED);
});

test('a frame that is no batch ends the session with a code; others go on', async () => {
  const good = await greet('another-session');
  const bad = await greet();
  bad.socket.send(Buffer.from('garbage garbage garbage'));
  expect((await bad.hear('refuse')).code).toBe('FRAME_INVALID');
  good.socket.send(batch(1, exchanges(1)));
  await good.hear('ack');
  expect(server.workers.counters['workersRefused']).toBe(1);
});

test('mutated batches: read, left out or refused, never worse', async () => {
  const frame = batch(1, exchanges(4), 4);
  let number = 1;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(frame.length - 1), fc.nat(255)), { minLength: 1, maxLength: 12 }),
      fc.nat(frame.length),
      async (changes, cut) => {
        const mutated = Buffer.from(frame.subarray(0, Math.max(BATCH_HEADER, frame.length - (cut % 50))));
        for (const [at, value] of changes) if (at < mutated.length) mutated[at] = value;
        mutated[0] = 1;
        mutated.writeUInt32LE(number, 4);
        const client = await greet();
        client.socket.send(mutated);
        await vi.waitUntil(() => client.messages.some((message) => message.batch === number), {
          timeout: 5000,
          interval: 5,
        });
        number++;
        client.socket.terminate();
      },
    ),
    { numRuns: 30 },
  );
});

test('how far the clock of a worker is from the hub, and how many cores it uses', async () => {
  const client = await greet();
  const report = (clock: number, cpuMs: number) =>
    client.socket.send(JSON.stringify({ type: 'status', counters: { cpuMs }, clock }));
  report(Date.now() - 60_000, 0);
  await until(() => server.workers.workers()[0].clockOffsetMs !== undefined);
  // Between machines in one process only waiting makes a difference.
  const { clockOffsetMs } = server.workers.workers()[0];
  expect(clockOffsetMs).toBeGreaterThan(-65_000);
  expect(clockOffsetMs).toBeLessThan(-55_000);
  report(Date.now() - 60_000, 1e9);
  await until(() => server.workers.workers()[0].cores! > 1);
});

test('health: state, counters, rates', async () => {
  const client = await greet();
  const status = (changes: object) =>
    client.socket.send(JSON.stringify({ type: 'status', counters: { packets: 10 }, ...changes }));
  const state = () => server.workers.workers()[0].state;
  status({ progress: 0.5 });
  await until(() => server.workers.workers()[0].progress === 0.5);
  expect(server.workers.workers()[0]).toMatchObject({
    node: 'n1',
    session: SESSION,
    state: 'connected',
    sources: ['any'],
  });
  status({
    problem: { code: 'CAPTURE_NOT_PERMITTED', message: 'Not permitted.', remedy: 'Run it as root.' },
  });
  await until(() => state() === 'failed');
  status({ done: true });
  await until(() => state() === 'done');
  status({});
  await until(() => state() === 'connected');
  status({ problem: { code: 'CAPTURE_FAILED', message: 'The interface is gone.' } });
  await until(() => state() === 'failed');
  client.socket.terminate();
  await until(() => state() === 'away');
  expect(server.workers.workers()[0].packetsPerSecond).toBe(0);
  expect(server.workers.workers()[0].problem).toBeUndefined();
});

test('a worker that was replaced on its node is told of no more', async () => {
  const sessions = () => server.workers.workers().map(({ session, state }) => `${session} ${state}`);
  const first = await greet('session-of-the-first-pod');
  const second = await greet('session-of-the-second-pod');
  expect(sessions()).toEqual(['session-of-the-first-pod connected', 'session-of-the-second-pod connected']);
  first.socket.terminate();
  await until(() => sessions().length === 1);
  expect(sessions()).toEqual(['session-of-the-second-pod connected']);
  second.socket.terminate();
  await until(() => sessions()[0] === 'session-of-the-second-pod away');
  await greet('session-of-the-first-pod');
  expect(sessions()).toEqual(['session-of-the-first-pod connected', 'session-of-the-second-pod away']);
});

test('closing commits what was received', async () => {
  const client = await greet();
  client.socket.send(batch(1, exchanges(500), 500));
  await until(() => server.workers.counters['records'] === 500);
  await server.workers.close();
  expect(store.ids.size).toBe(500);
  expect(store.sessions.get(SESSION)).toBe(1);
});

test('hops are the hub’s to tell: a record that has some is left out', async () => {
  const record = exchangeRecord();
  const hop = { time: '', node: '', src: END, dst: END, status: 200, connection: '' };
  const worker = await greet();
  worker.socket.send(batch(1, withHops(new RecordView().at(record, 0), [hop])));
  await worker.hear('ack');
  expect(published).toEqual([]);
  expect(server.workers.counters['badRecords']).toBe(1);
});

test('a worker that asks for targets is told them after welcome, as long as it is there', async () => {
  const worker = await greet(SESSION, { targets: true, node: 'node-b' });
  expect(followers).toHaveLength(1);
  const [entry] = followers;
  expect(entry).toMatchObject({ node: 'node-b', stopped: false });
  expect(entry!.follower.busy).toBe(false);
  entry!.follower.tell(['{"type":"targets","reset":true,"add":["10.0.0.1"],"remove":[]}']);
  expect(await worker.hear('targets')).toMatchObject({ add: ['10.0.0.1'] });
  worker.socket.terminate();
  await until(() => entry!.stopped);
});

test('a worker that does not ask for targets is told none', async () => {
  await greet();
  expect(followers).toEqual([]);
});

test('a worker that takes nothing in is busy', async () => {
  const worker = await greet(SESSION, { targets: true });
  worker.socket.pause();
  const { follower } = followers[0]!;
  const message = JSON.stringify({
    type: 'targets',
    reset: true,
    add: Array(1000).fill('10.0.0.1'),
    remove: [],
  });
  for (let sent = 0; sent < 10_000 && !follower.busy; sent++) {
    follower.tell([message]);
    if (sent % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  expect(follower.busy).toBe(true);
});

test('a hub that taps no cluster wants everything', async () => {
  const told: string[] = [];
  EVERYTHING.follow('n1', { busy: false, tell: (messages) => told.push(...messages) });
  expect(told.map((text) => JSON.parse(text))).toEqual([
    { type: 'targets', reset: true, add: ['*'], remove: [] },
  ]);
});

test('a worker that never recorded is no reason to wait for it when it has gone', async () => {
  const { socket } = await greet('session-of-none', { limits: { recordBytes: 0 } });
  expect(server.workers.packets('session-of-none')).toBe('not-recording');
  socket.close();
  await until(() => server.workers.workers().every(({ state }) => state !== 'connected'));
  expect(server.workers.packets('session-of-none')).toBe('not-recording');
});

test('packets of a worker that is no more are asked of the one that has them now', async () => {
  const records = { limits: { recordBytes: 1 } };
  const before = await greet('session-before', records);
  expect(server.workers.packets('session-before')).toBeInstanceOf(Object);
  before.socket.close();
  const after = await greet('session-after', records);
  await until(() => server.workers.packets('session-before') === 'away');
  const status = (recordedSessions?: string[]) =>
    after.socket.send(JSON.stringify({ type: 'status', counters: {}, recordedSessions }));
  status(['session-long-before', 'session-before']);
  await until(() => typeof server.workers.packets('session-before') === 'object');
  const reader = server.workers.packets('session-before') as PacketReader;
  reader.want([1, 0, 1]);
  const asked = await after.hear('packets');
  expect(asked).toMatchObject({ type: 'packets', session: 'session-before', want: [1, 0, 1] });
  expect(server.workers.packets('session-other')).toBe('away');

  // They are let go some time.
  status();
  await until(() => server.workers.packets('session-before') === 'away');
});
