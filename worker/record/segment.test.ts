import fc from 'fast-check';
import { expect, test } from 'vitest';
import { connectionOf } from '../../test/recorded-packets.ts';
import { COPY_ROOM } from '../packet/frame-memory.ts';
import { Packet } from '../packet/packet.ts';
import { Segment } from './segment.ts';
import { Stage } from './stage.ts';

const SEGMENT = 512 * 1024;
const FRAMES = 150_000;
/** What packets come from, each after many of another: memory of two sources with room behind it, and without. */
const MEMORIES = [COPY_ROOM, COPY_ROOM, 0].map((room, n) => {
  const data = new Uint8Array(FRAMES + room);
  for (let i = 0; i < FRAMES; i++) data[i] = (i * 7 + n * 13) % 251;
  return { data, copyRoom: room > 0 ? FRAMES : -1 };
});
const arrival = fc.record({
  memory: fc.nat({ max: MEMORIES.length - 1 }),
  size: fc.oneof(fc.integer({ min: 20, max: 1500 }), fc.integer({ min: 1, max: 140_000 })),
  start: fc.integer({ min: 0, max: 64 }),
  isDescribed: fc.boolean(),
  /** Somebody reads what is there so far. */
  isRead: fc.boolean(),
});

test('whatever is added, and whenever it is read: each entry is there as it came', () => {
  const stage = new Stage(SEGMENT);
  const packet = new Packet();
  fc.assert(
    fc.property(fc.array(arrival, { maxLength: 60 }), (packets) => {
      const segment = new Segment(3, new ArrayBuffer(SEGMENT), stage);
      const expected: unknown[] = [];
      const entries = () => {
        segment.settle();
        const found: unknown[] = [];
        for (let at = 0; at < segment.end; at = segment.next(at)) {
          const isDescription = segment.isDescription(at);
          found.push([
            isDescription,
            segment.timeOf(at),
            segment.connectionOf(at),
            isDescription ? '' : Buffer.from(segment.bytesOf(at)).toString('base64'),
          ]);
        }
        return found;
      };
      for (const [n, { memory, size, start, isDescribed, isRead }] of packets.entries()) {
        if (!segment.hasRoom(size)) continue;
        if (isDescribed) {
          segment.describe(1000 + n, connectionOf(n));
          expected.push([true, 1000 + n, n, '']);
        }
        Object.assign(packet, MEMORIES[memory], {
          time: 1000 + n,
          tcpStart: start,
          payloadEnd: start + size,
        });
        segment.append(n, 0, packet);
        expected.push([
          false,
          1000 + n,
          n,
          Buffer.from(packet.data.subarray(start, start + size)).toString('base64'),
        ]);
        if (isRead) expect(entries()).toEqual(expected);
      }
      expect(entries()).toEqual(expected);
      expect(segment.first).toBe(expected.length === 0 ? 0 : segment.timeOf(0));
    }),
    { numRuns: 60 },
  );
});
