import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { MiB, storedIn } from '../../test/recording.ts';
import { Packet } from '../packet/packet.ts';
import type { ConnectionInfo } from '../tcp/stream.ts';
import { DEFAULT_RECORD_LIMITS, type RecordLimits } from './limits.ts';
import { RecordMarks } from './marks.ts';
import { Recorder } from './recorder.ts';

const SIZE = 50_000;
/** Packets of that size in a segment. */
const IN_SEGMENT = 20;

/** The thread takes its time to start on a busy machine. */
const soon = (check: () => void) => vi.waitFor(check, { timeout: 25_000, interval: 20 });

let directory = '';
let recorders: Recorder[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'remora-record-'));
});
afterEach(async () => {
  await Promise.all(recorders.map((recorder) => recorder.close()));
  recorders = [];
  rmSync(directory, { recursive: true });
});

function recorderIn(path: string, limits: Partial<RecordLimits> = {}): Recorder {
  const recorder = new Recorder({ ...DEFAULT_RECORD_LIMITS, recordBytes: 64 * MiB, ...limits }, 'session-a', {
    directory: path,
  });
  recorders.push(recorder);
  return recorder;
}

/** What the recorder looks at of a connection. */
function connectionOf(id: number): ConnectionInfo {
  const addresses = { client0: 0, client1: 0, client2: 0xffff, client3: 1 };
  const servers = { server0: 0, server1: 0, server2: 0xffff, server3: 2 };
  return { id, recordMark: RecordMarks.unseen, ipVersion: 4, ...addresses, ...servers } as ConnectionInfo;
}

/** Packets one behind the other, number and connection in their bytes. */
class Sender {
  sent = 0;
  readonly #packet = new Packet();

  send(recorder: Recorder, connection: ConnectionInfo, count: number): void {
    const packet = this.#packet;
    packet.data = new Uint8Array(SIZE);
    packet.payloadEnd = SIZE;
    for (let i = 0; i < count; i++) {
      packet.data.set(Buffer.from(`canary ${connection.id} ${this.sent}`), 100);
      packet.time = 1e15 + this.sent++;
      recorder.packet(connection, 0, packet);
    }
  }
}

const text = (bytes: Uint8Array) => /canary \d+ \d+/.exec(Buffer.from(bytes).toString('latin1'))![0];
const filesIn = (path: string) => readdirSync(path).filter((name) => name.endsWith('.aes'));
const written = (recorder: Recorder, count: number) =>
  soon(() => expect(recorder.stretches.filter(({ segment }) => segment === undefined)).toHaveLength(count));

test('packets are read from the disk as they were recorded, and nothing readable is on it', async () => {
  const recorder = recorderIn(directory);
  new Sender().send(recorder, connectionOf(7), 5 * IN_SEGMENT);
  await soon(() => expect(filesIn(directory)).toHaveLength(4));
  const stored = await storedIn(recorder);
  expect(stored.map(({ bytes }) => text(bytes))).toEqual(
    Array.from({ length: 100 }, (_, i) => `canary 7 ${i}`),
  );
  expect(stored.every(({ id }) => id === 7)).toBe(true);
  const files = filesIn(directory).map((name) => join(directory, name));
  for (const file of files) {
    expect(readFileSync(file).includes('canary')).toBe(false);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  }
  // Zeros, encrypted with one key, are nowhere the same.
  const blocks = files.flatMap((file) =>
    [0, 1, 2, 3].map((i) => readFileSync(file).toString('hex', i * 8192, i * 8192 + 4096)),
  );
  expect(new Set(blocks).size).toBe(blocks.length);
});

test('what a worker that has died left behind is removed, and nothing else; at its end a worker removes its own', async () => {
  const inside = join(directory, 'packets');
  mkdirSync(inside);
  writeFileSync(join(inside, 'packets-3.aes'), 'of another');
  writeFileSync(join(inside, 'notes.txt'), 'mine');
  const recorder = recorderIn(inside);
  await soon(() => expect(readdirSync(inside)).toEqual(['notes.txt']));
  new Sender().send(recorder, connectionOf(1), 5 * IN_SEGMENT);
  await soon(() => expect(filesIn(inside)).toHaveLength(4));
  await recorder.close();
  recorders = [];
  expect(readdirSync(inside)).toEqual(['notes.txt']);
});

test('the room is bounded: files of the oldest packets are removed', async () => {
  const recorder = recorderIn(directory, { recordBytes: 3 * MiB });
  const sender = new Sender();
  for (let i = 0; i < 10; i++) {
    sender.send(recorder, connectionOf(i), IN_SEGMENT);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await soon(() => expect(filesIn(directory)).toHaveLength(2));
  const { recordedBytes, recordShedPackets } = recorder.counters;
  expect(recordShedPackets).toBe(0);
  expect(recordedBytes).toBeGreaterThan(2.9 * MiB);
  expect(recordedBytes).toBeLessThanOrEqual(3 * MiB);
  expect((await storedIn(recorder)).map(({ id }) => id)[0]).toBe(7);
  recorder.advance(1e15 + 3601e6);
  expect(recorder.oldest).toBeUndefined();
  await soon(() => expect(filesIn(directory)).toEqual([]));
});

test('packets that are being looked for when they are let go are not there', async () => {
  const recorder = recorderIn(directory, { recordReadBytes: 0 });
  new Sender().send(recorder, connectionOf(1), 2 * IN_SEGMENT);
  await written(recorder, 1);
  const [stretch] = recorder.stretches;
  const looked = recorder.look(stretch!, () => 'seen');
  recorder.advance(1e15 + 3601e6);
  expect(await looked).toBeUndefined();
  expect(await recorder.look(stretch!, () => 'seen')).toBeUndefined();
});

test('a file that was changed is not believed', async () => {
  const recorder = recorderIn(directory);
  new Sender().send(recorder, connectionOf(1), 3 * IN_SEGMENT);
  await soon(() => expect(filesIn(directory)).toHaveLength(2));
  const file = join(directory, 'packets-session-a-0.aes');
  const bytes = readFileSync(file);
  bytes[500]! ^= 1;
  writeFileSync(file, bytes);
  rmSync(join(directory, 'packets-session-a-1.aes'));
  const [first, second, last] = recorder.stretches;
  expect(await recorder.look(first!, () => 'seen')).toBeUndefined();
  expect(await recorder.look(second!, () => 'seen')).toBeUndefined();
  expect(await recorder.look(last!, () => 'seen')).toBe('seen');
  expect(recorder.counters['recordReadErrors']).toBe(2);
});

test('when the disk is too slow whole connections are left out, new ones first, until all is written', async () => {
  const recorder = recorderIn(directory, { recordWaitingBytes: 4 * MiB });
  const sender = new Sender();
  const old = connectionOf(1);
  const late = connectionOf(2);
  // Nothing is written before this function gives others a turn.
  sender.send(recorder, old, 3 * IN_SEGMENT);
  recorder.advance(1e15);
  sender.send(recorder, late, 5);
  expect(recorder.counters).toMatchObject({ recordShedPackets: 5, recordShedConnections: 1 });
  sender.send(recorder, old, 3 * IN_SEGMENT);
  expect(recorder.counters).toMatchObject({ recordShedPackets: 5 + IN_SEGMENT, recordShedConnections: 2 });
  await written(recorder, 4);
  await soon(() => {
    recorder.advance(1e15);
    const before = recorder.counters['recordedPackets'];
    sender.send(recorder, late, 1);
    expect(recorder.counters['recordedPackets']).toBe(before! + 1);
  });
  const ids = (await storedIn(recorder)).map(({ id }) => id);
  expect(ids).toEqual([...Array.from({ length: 5 * IN_SEGMENT }, () => 1), 2]);
});

test('while nothing can be written the last packets are in memory; they are written when that works again', async () => {
  const path = join(directory, 'packets');
  writeFileSync(path, 'a file where the directory should be');
  const recorder = recorderIn(path, { recordWaitingBytes: 2 * MiB, recordRetryMs: 20 });
  const sender = new Sender();
  sender.send(recorder, connectionOf(1), 2 * IN_SEGMENT);
  await soon(() => expect(recorder.counters['recordWriteErrors']).toBeGreaterThan(0));
  sender.send(recorder, connectionOf(2), 5 * IN_SEGMENT);
  const stored = (await storedIn(recorder)).map(({ bytes }) => text(bytes));
  expect(stored).toHaveLength(3 * IN_SEGMENT);
  expect(recorder.counters).toMatchObject({
    recordOverwrittenPackets: 4 * IN_SEGMENT,
    recordShedPackets: 0,
  });
  rmSync(path);
  await soon(() => expect(filesIn(path)).toHaveLength(2));
  expect((await storedIn(recorder)).map(({ bytes }) => text(bytes))).toEqual(stored);
});
