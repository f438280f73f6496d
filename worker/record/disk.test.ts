import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { canaryIn, connectionOf, IN_SEGMENT, Sender } from '../../test/recorded-packets.ts';
import { MiB, storedIn } from '../../test/recording.ts';
import { DEFAULT_RECORD_LIMITS, type RecordLimits } from './limits.ts';
import { Recorder } from './recorder.ts';

const START = 1e15;

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
  const recorder = new Recorder(
    { ...DEFAULT_RECORD_LIMITS, recordBytes: 64 * MiB, recordSegmentBytes: MiB, ...limits },
    'session-a',
    {
      directory: path,
    },
  );
  recorders.push(recorder);
  return recorder;
}

const filesIn = (path: string) => readdirSync(path).filter((name) => name.endsWith('.aes'));
const written = (recorder: Recorder, count: number) =>
  soon(() => expect(recorder.stretches.filter(({ segment }) => segment === undefined)).toHaveLength(count));

test('packets are read from the disk as they were recorded, and nothing readable is on it', async () => {
  const recorder = recorderIn(directory);
  new Sender(START).send(recorder, connectionOf(7), 5 * IN_SEGMENT);
  await soon(() => expect(filesIn(directory)).toHaveLength(4));
  const stored = await storedIn(recorder);
  expect(stored.map(({ bytes }) => canaryIn(bytes))).toEqual(
    Array.from({ length: 100 }, (_, i) => `canary 7 ${START + i}`),
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
  new Sender(START).send(recorder, connectionOf(1), 5 * IN_SEGMENT);
  await soon(() => expect(filesIn(inside)).toHaveLength(4));
  await recorder.close();
  recorders = [];
  expect(readdirSync(inside)).toEqual(['notes.txt']);
});

test('the room is bounded: files of the oldest packets are removed', async () => {
  const recorder = recorderIn(directory, { recordBytes: 3 * MiB });
  const sender = new Sender(START);
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
  recorder.advance(START + 3601e6);
  expect(recorder.oldest).toBeUndefined();
  await soon(() => expect(filesIn(directory)).toEqual([]));
});

test('packets that are being looked for when they are let go are not there', async () => {
  const recorder = recorderIn(directory, { recordReadBytes: 0 });
  new Sender(START).send(recorder, connectionOf(1), 2 * IN_SEGMENT);
  await written(recorder, 1);
  const [stretch] = recorder.stretches;
  const looked = recorder.look(stretch!, () => 'seen');
  recorder.advance(START + 3601e6);
  expect(await looked).toBeUndefined();
  expect(await recorder.look(stretch!, () => 'seen')).toBeUndefined();
});

test('a file that was changed is not believed', async () => {
  const recorder = recorderIn(directory);
  new Sender(START).send(recorder, connectionOf(1), 3 * IN_SEGMENT);
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
  const sender = new Sender(START);
  const old = connectionOf(1);
  const late = connectionOf(2);
  // Nothing is written before this function gives others a turn.
  sender.send(recorder, old, 3 * IN_SEGMENT);
  recorder.advance(START);
  sender.send(recorder, late, 5);
  expect(recorder.counters).toMatchObject({ recordShedPackets: 5, recordShedConnections: 1 });
  sender.send(recorder, old, 3 * IN_SEGMENT);
  expect(recorder.counters).toMatchObject({ recordShedPackets: 5 + IN_SEGMENT, recordShedConnections: 2 });
  await written(recorder, 4);
  await soon(() => {
    recorder.advance(START);
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
  const sender = new Sender(START);
  sender.send(recorder, connectionOf(1), 2 * IN_SEGMENT);
  await soon(() => expect(recorder.counters['recordWriteErrors']).toBeGreaterThan(0));
  sender.send(recorder, connectionOf(2), 5 * IN_SEGMENT);
  const stored = (await storedIn(recorder)).map(({ bytes }) => canaryIn(bytes));
  expect(stored).toHaveLength(3 * IN_SEGMENT);
  expect(recorder.counters).toMatchObject({
    recordOverwrittenPackets: 4 * IN_SEGMENT,
    recordShedPackets: 0,
  });
  rmSync(path);
  await soon(() => expect(filesIn(path)).toHaveLength(2));
  expect((await storedIn(recorder)).map(({ bytes }) => canaryIn(bytes))).toEqual(stored);
});
