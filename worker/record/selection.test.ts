import { expect, test } from 'vitest';
import { packetOf } from '../../test/packets/index.ts';
import { exchange } from '../../test/recording.ts';
import type { ConnectionInfo } from '../tcp/stream.ts';
import { DEFAULT_RECORD_LIMITS } from './limits.ts';
import { Recorder } from './recorder.ts';
import { select } from './selection.ts';
import { Turns } from './turns.ts';

const ALL = new Map([[1, [{ from: 0, to: Number.MAX_SAFE_INTEGER }]]]);

test.each([
  [4, true],
  [100, false],
])(
  'of more than %d packets the last ones are left out, and that is told',
  async (recordExportPackets, isCut) => {
    const recorder = new Recorder({ ...DEFAULT_RECORD_LIMITS, recordExportPackets }, 'session-a');
    const words = {
      client0: 0,
      client1: 0,
      client2: 0,
      client3: 1,
      server0: 0,
      server1: 0,
      server2: 0,
      server3: 2,
    };
    const connection = { id: 1, ipVersion: 4, recordMark: -1, ...words } as ConnectionInfo;
    const frames = exchange(4000, 3000);
    for (const frame of frames) recorder.packet(connection, 0, packetOf(frame));
    const selection = await select(recorder, ALL, new Turns());
    const expected = Math.min(recordExportPackets, frames.length);
    expect(selection.wanted).toHaveLength(expected);
    expect(selection.isCut).toBe(isCut);
    expect(recorder.counters['recordUnexportedPackets']).toBe(frames.length - expected);
  },
);
