import { expect, test } from 'vitest';
import { Conversation, load, packetOf, type TimedFrame } from '../../test/packets/index.ts';
import { Packet } from '../packet/packet.ts';
import { DEFAULT_MAX_BODY, Pipeline } from '../pipeline.ts';
import type { Recorder } from './recorder.ts';

const MiB = 1024 * 1024;

function recording(recordBytes = 2 * MiB): {
  pipeline: Pipeline;
  recorder: Recorder;
  take(frames: readonly TimedFrame[]): void;
} {
  const pipeline = new Pipeline({
    maxBody: DEFAULT_MAX_BODY,
    redact: { enabled: true, fields: [], keep: [] },
    recordBytes,
  });
  const packet = new Packet();
  return {
    pipeline,
    recorder: pipeline.recorder!,
    take: (frames) => {
      for (const frame of frames) pipeline.packet(load(packet, frame));
    },
  };
}

function exchange(clientPort: number, bodySize: number, time = 1e15): TimedFrame[] {
  const talk = new Conversation({ clientPort, time });
  talk.handshake();
  talk.client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  talk.server.send(`HTTP/1.1 200 OK\r\nContent-Length: ${bodySize}\r\n\r\n${'x'.repeat(bodySize)}`);
  talk.close();
  return talk.packets;
}

const storedOf = (recorder: Recorder, ids: number) =>
  Array.from({ length: ids }, (_, id) => recorder.packets(id, Infinity).length);

test('each packet of a connection is kept once, in order', () => {
  const { take, recorder } = recording();
  const frames = exchange(4000, 3000);
  take(frames.flatMap((frame) => [frame, frame]));
  const id = storedOf(recorder, 4).findIndex((count) => count > 0);
  const stored = recorder.packets(id, Infinity);
  expect(stored.map(({ segment, at }) => segment.timeOf(at))).toEqual(frames.map(({ time }) => time));
  const last = packetOf(frames[4]!);
  const { segment, at } = stored[4]!;
  expect(Buffer.from(segment.bytesOf(at))).toEqual(
    Buffer.from(last.data.subarray(last.start + 34, last.end)),
  );
});

test('packets after a time are left out', () => {
  const { take, recorder } = recording();
  const frames = exchange(4000, 10);
  take(frames);
  const id = storedOf(recorder, 4).findIndex((count) => count > 0);
  expect(recorder.packets(id, frames[2]!.time)).toHaveLength(3);
});

test('the memory is bounded: the oldest packets are let go, and connections with none left are forgotten', () => {
  const { take, recorder } = recording();
  for (let i = 0; i < 100; i++) take(exchange(4000 + i, 100_000, 1e15 + i * 1e6));
  const counts = storedOf(recorder, 102).filter((count) => count > 0);
  expect(recorder.counters.recordedBytes).toBe(2 * MiB);
  expect(counts.length).toBeGreaterThan(8);
  expect(counts.length).toBeLessThan(21);
  expect(recorder.counters.recordOverwrittenConnections).toBe(100 - counts.length);
  const kept = counts.reduce((sum, count) => sum + count);
  expect(recorder.counters.recordedPackets - recorder.counters.recordOverwrittenPackets).toBe(kept);
  expect(recorder.oldest).toBeGreaterThan(1e15);
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

test('of a connection that cannot be read, only the packets before that was known are kept', () => {
  const { take, recorder } = recording();
  const talk = new Conversation();
  talk.handshake();
  talk.client.send(Uint8Array.of(0x16, 3, 1, 0, 100, 1, ...new Uint8Array(99)));
  for (let i = 0; i < 10; i++) talk.server.send('y'.repeat(1000));
  take(talk.packets);
  expect(recorder.counters.recordedPackets).toBe(3);
});

test('without memory nothing is kept', () => {
  expect(recording(0).pipeline.recorder).toBeUndefined();
});
