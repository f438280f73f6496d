/** A recorder behind a pipeline, traffic for it, and what it has. For tests. */

import { Packet } from '../worker/packet/packet.ts';
import { DEFAULT_MAX_BODY, Pipeline } from '../worker/pipeline.ts';
import type { Recorder } from '../worker/record/recorder.ts';
import { Conversation, load, type TimedFrame } from './packets/index.ts';

export const MiB = 1024 * 1024;

export function recording(
  recordBytes = 2 * MiB,
  recordDirectory?: string,
): {
  pipeline: Pipeline;
  recorder: Recorder;
  take(frames: readonly TimedFrame[]): void;
} {
  const pipeline = new Pipeline({
    maxBody: DEFAULT_MAX_BODY,
    redact: { enabled: true, fields: [], keep: [] },
    recordBytes,
    recordDirectory,
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

/** One exchange on a connection of its own. */
export function exchange(clientPort: number, bodySize: number, time = 1e15): TimedFrame[] {
  const talk = new Conversation({ clientPort, time });
  talk.handshake();
  talk.client.send('GET / HTTP/1.1\r\nHost: a\r\nCookie: id=canary\r\n\r\n');
  talk.server.send(`HTTP/1.1 200 OK\r\nContent-Length: ${bodySize}\r\n\r\n${'x'.repeat(bodySize)}`);
  talk.close();
  return talk.packets;
}

/** All packets that are kept: connection, time, bytes. */
export async function storedIn(
  recorder: Recorder,
): Promise<{ id: number; time: number; bytes: Uint8Array }[]> {
  const found: { id: number; time: number; bytes: Uint8Array }[] = [];
  for (const stretch of [...recorder.stretches]) {
    await recorder.look(stretch, (segment) => {
      for (let at = 0; at < segment.end; at = segment.next(at)) {
        if (segment.isDescription(at)) continue;
        const bytes = segment.bytesOf(at).slice();
        found.push({ id: segment.connectionOf(at), time: segment.timeOf(at), bytes });
      }
    });
  }
  return found;
}
