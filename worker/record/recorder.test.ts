import { expect, test } from 'vitest';
import { Conversation, packetOf } from '../../test/packets/index.ts';
import { exchange, MiB, recording, storedIn } from '../../test/recording.ts';

test('each packet of a connection is kept once, in order', async () => {
  const { take, recorder } = recording();
  const frames = exchange(4000, 3000);
  take(frames.flatMap((frame) => [frame, frame]));
  const stored = await storedIn(recorder);
  expect(stored.map(({ time }) => time)).toEqual(frames.map(({ time }) => time));
  const last = packetOf(frames[4]!);
  expect(Buffer.from(stored[4]!.bytes)).toEqual(Buffer.from(last.data.subarray(last.start + 34, last.end)));
});

test('the memory is bounded: the oldest packets are let go, and it is known when', async () => {
  const { take, recorder } = recording();
  for (let i = 0; i < 100; i++) take(exchange(4000 + i, 100_000, 1e15 + i * 1e6));
  const stored = await storedIn(recorder);
  const connections = new Set(stored.map(({ id }) => id)).size;
  expect(recorder.counters['recordedBytes']).toBe(2 * MiB);
  expect(connections).toBeGreaterThan(8);
  expect(connections).toBeLessThan(21);
  expect(recorder.counters['recordedPackets']! - recorder.counters['recordOverwrittenPackets']!).toBe(
    stored.length,
  );
  expect(recorder.oldest).toBe(stored[0]!.time);
  const gone = recorder.overwrittenAt(1e15)!;
  expect(gone).toBeGreaterThan(1e15 + 8e6);
  expect(gone).toBeLessThan(1e15 + 31e6);
  expect(recorder.overwrittenAt(1e15 + 99e6)).toBeUndefined();
});

test.each([256 * 1024, 700_000, 3 * MiB])('a room of %i octets is not passed', async (room) => {
  const { take, recorder } = recording(room);
  for (let i = 0; i < 60; i++) {
    take(exchange(4000 + i, 100_000, 1e15 + i * 1e6));
    expect(recorder.counters['recordedBytes']).toBeLessThanOrEqual(room);
  }
  const stored = await storedIn(recorder);
  const octets = stored.reduce((sum, { bytes }) => sum + bytes.length, 0);
  expect(octets).toBeGreaterThan(room * 0.6);
  expect(octets).toBeLessThanOrEqual(room);
});

test('each segment says whose its packets are', async () => {
  const { take, recorder } = recording();
  for (let i = 0; i < 100; i++) take(exchange(4000 + i, 100_000, 1e15 + i * 1e6));
  for (const stretch of recorder.stretches) {
    await recorder.look(stretch, (segment) => {
      const described = new Set<number>();
      for (let at = 0; at < segment.end; at = segment.next(at)) {
        const id = segment.connectionOf(at);
        if (segment.isDescription(at)) described.add(id);
        else expect(described).toContain(id);
      }
    });
  }
});

test('what is too old is let go even when no packets come', () => {
  const { take, recorder, pipeline } = recording();
  take(exchange(4000, 10));
  pipeline.advance(1e15 + 3599e6);
  expect(recorder.oldest).toBe(1e15);
  pipeline.advance(1e15 + 3601e6);
  expect(recorder.oldest).toBeUndefined();
  take(exchange(4001, 10, 1e15 + 3602e6));
  expect(recorder.oldest).toBe(1e15 + 3602e6);
});

test('of a connection that cannot be read, only the packets until that was known are kept', () => {
  const { take, recorder } = recording();
  const talk = new Conversation();
  talk.handshake();
  talk.client.send(Uint8Array.of(0x16, 3, 1, 0, 100, 1, ...new Uint8Array(99)));
  for (let i = 0; i < 10; i++) talk.server.send('y'.repeat(1000));
  take(talk.packets);
  expect(recorder.counters['recordedPackets']).toBe(4);
});

test('without memory nothing is kept', () => {
  expect(recording(0).pipeline.recorder).toBeUndefined();
});
