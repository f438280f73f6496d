import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { connectionOf, IN_SEGMENT, Sender, sentIn } from '../../test/recorded-packets.ts';
import { MiB } from '../../test/recording.ts';
import { forgetKey, isInMemory } from './key-file.ts';
import { DEFAULT_RECORD_LIMITS, type RecordLimits } from './limits.ts';
import { Recorder } from './recorder.ts';
import { select } from './selection.ts';
import { Turns } from './turns.ts';

const MEMORY = '/dev/shm';
const START = 1e15;
const EVER = [{ from: 0, to: Number.MAX_SAFE_INTEGER }];

/** The thread takes its time to start on a busy machine. */
const soon = (check: () => void) => vi.waitFor(check, { timeout: 25_000, interval: 20 });

let root = '';
let directory = '';
let keyDirectory = '';
let recorders: Recorder[] = [];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'remora-restart-'));
  directory = join(root, 'packets');
  keyDirectory = `${MEMORY}/${root.split('/').at(-1)}`;
});
afterEach(async () => {
  await Promise.all(recorders.map((recorder) => recorder.close()));
  recorders = [];
  rmSync(root, { recursive: true });
  if (isInMemory(MEMORY)) forgetKey(keyDirectory);
});

function startWorker(session: string, limits: Partial<RecordLimits> = {}, key = keyDirectory): Recorder {
  const all = { ...DEFAULT_RECORD_LIMITS, recordBytes: 64 * MiB, recordSegmentBytes: MiB, ...limits };
  const recorder = new Recorder(all, session, { directory, keyDirectory: key });
  recorders.push(recorder);
  return recorder;
}

/** Ends it in order. */
async function stop(recorder: Recorder): Promise<void> {
  await recorder.close();
  recorders = recorders.filter((other) => other !== recorder);
}

/** Four whole files of connection 1, and what is left in one that is not. */
async function recordFive(session: string, first = 0): Promise<void> {
  const recorder = startWorker(session);
  new Sender(START + first).send(recorder, connectionOf(1), 4 * IN_SEGMENT + 3);
  await stop(recorder);
}

const restored = (recorder: Recorder, packets: number) =>
  soon(() => {
    recorder.advance(START + 1e6);
    expect(recorder.counters['recordRestoredPackets']).toBe(packets);
    expect(recorder.stretches.length).toBeGreaterThan(packets === 0 ? 0 : 1);
  });
const filesIn = (path: string) =>
  readdirSync(path)
    .filter((name) => name.endsWith('.aes'))
    .sort();

describe.runIf(isInMemory(MEMORY))('with the key in memory', () => {
  test('packets of a worker that was told to end are there for the next one, before its own', async () => {
    await recordFive('session-a');
    expect(filesIn(directory)).toHaveLength(5);
    const next = startWorker('session-b');
    new Sender(START + 500).send(next, connectionOf(1), 2);
    await restored(next, 4 * IN_SEGMENT + 3);
    expect(next.earlierSessions).toEqual(['session-a']);
    expect(next.oldest).toBe(START);
    expect(next.stretches.map(({ session }) => session)).toEqual([
      ...Array.from({ length: 5 }, () => 'session-a'),
      'session-b',
    ]);
    const sizes = filesIn(directory).map((name) => statSync(join(directory, name)).size);
    const used = next.counters['recordedBytes']! - MiB;
    expect(used).toBeGreaterThanOrEqual(sizes.reduce((sum, size) => sum + size, 0));
    expect(used).toBeLessThan(4.1 * MiB);
    const files = filesIn(directory).map((name) => readFileSync(join(directory, name)));
    expect(files.some((file) => file.includes('canary'))).toBe(false);

    // Both workers have a connection of that number.
    const wanted = new Map([[1, EVER]]);
    const own = await select(next, wanted, new Turns());
    const earlier = await select(next, wanted, new Turns(), 'session-a');
    expect(own.wanted).toHaveLength(2);
    expect(earlier.wanted).toHaveLength(4 * IN_SEGMENT + 3);
    expect((await select(next, wanted, new Turns(), 'session-c')).wanted).toHaveLength(0);
    expect(await sentIn(next)).toEqual([
      ...Array.from({ length: 4 * IN_SEGMENT + 3 }, (_, i) => `canary 1 ${START + i}`),
      `canary 1 ${START + 500}`,
      `canary 1 ${START + 501}`,
    ]);
  });

  test('several restarts: oldest first, whatever the names', async () => {
    await recordFive('session-z', 0);
    await recordFive('session-y', 1000);
    const last = startWorker('session-x');
    await restored(last, 8 * IN_SEGMENT + 6);
    expect(last.earlierSessions).toEqual(['session-z', 'session-y']);
    const times = (await sentIn(last)).map((text) => Number(text.split(' ')[2]));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times).toHaveLength(8 * IN_SEGMENT + 6);
  });

  test('files that are cut off, changed or of nobody are removed and counted; the others are there', async () => {
    await recordFive('session-a');
    const path = (number: number) => join(directory, `packets-session-a-${number}.aes`);
    truncateSync(path(0), 70_000);
    const bytes = readFileSync(path(2));
    bytes[5000]! ^= 8;
    writeFileSync(path(2), bytes);
    writeFileSync(join(directory, 'packets-3.aes'), 'of an older version');
    const next = startWorker('session-b');
    await restored(next, 2 * IN_SEGMENT + 3);
    expect(next.counters['recordUnrestoredFiles']).toBe(3);
    expect(filesIn(directory)).toEqual([1, 3, 4].map((number) => `packets-session-a-${number}.aes`));
  });

  test('without the key of the worker before, its files are noise, and removed', async () => {
    await recordFive('session-a');
    forgetKey(keyDirectory);
    const next = startWorker('session-b');
    await soon(() => expect(filesIn(directory)).toEqual([]));
    next.advance(START);
    expect(next.counters).toMatchObject({ recordRestoredPackets: 0, recordKeyRefused: 0 });
  });

  test('less room than before: the oldest of the earlier worker are let go', async () => {
    await recordFive('session-a');
    for (const [i, name] of filesIn(directory).entries())
      utimesSync(join(directory, name), 1000 + i, 1000 + i);
    const next = startWorker('session-b', { recordBytes: 3 * MiB });
    await soon(() => {
      next.advance(START + 1e6);
      expect(next.earlierSessions).toEqual(['session-a']);
    });
    expect(next.stretches.map(({ number }) => number)).toEqual([3, 4, 0]);
    expect(next.counters['recordedBytes']).toBeLessThanOrEqual(3 * MiB);
    await soon(() => expect(filesIn(directory)).toHaveLength(2));
  });

  test('what is too old is let go, of an earlier worker too', async () => {
    await recordFive('session-a');
    const next = startWorker('session-b');
    await restored(next, 4 * IN_SEGMENT + 3);
    next.advance(START + 3601e6);
    expect(next.earlierSessions).toEqual([]);
    expect(next.oldest).toBeUndefined();
    expect(next.overwrittenAt(START)).toBe(START + 3601e6);
    await soon(() => expect(filesIn(directory)).toEqual([]));
  });

  test('what would be lost is written soon, also where it is little', async () => {
    const recorder = startWorker('session-a');
    const sender = new Sender(START);
    sender.send(recorder, connectionOf(1), 1);
    recorder.advance(START + 4e6);
    expect(recorder.stretches).toHaveLength(1);
    recorder.advance(START + 5e6);
    expect(recorder.stretches).toHaveLength(2);
    await soon(() => expect(filesIn(directory)).toEqual(['packets-session-a-0.aes']));
    recorder.advance(START + 50e6);
    expect(recorder.stretches).toHaveLength(2);
    expect(recorder.counters['recordedBytes']).toBeLessThan(MiB + 60_000);
    sender.send(recorder, connectionOf(1), 1);
    expect(await sentIn(recorder)).toEqual([`canary 1 ${START}`, `canary 1 ${START + 1}`]);
  });
});

test('where the key would be on a disk it stays in the process, and packets end with it', async () => {
  const onDisk = join(import.meta.dirname, 'no-such-directory');
  const recorder = startWorker('session-a', {}, onDisk);
  await soon(() => expect(recorder.keyProblem?.code).toBe('KEY_NOT_IN_MEMORY'));
  expect(recorder.counters['recordKeyRefused']).toBe(1);
  new Sender(START).send(recorder, connectionOf(1), 2 * IN_SEGMENT);
  recorder.advance(START + 60e6);
  await soon(() => expect(filesIn(directory)).toHaveLength(1));
  await stop(recorder);
  expect(filesIn(directory)).toEqual([]);
  expect(readdirSync(import.meta.dirname)).not.toContain('no-such-directory');
});
