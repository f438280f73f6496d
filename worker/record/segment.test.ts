import fc from 'fast-check';
import { expect, test } from 'vitest';
import { connectionOf } from '../../test/recorded-packets.ts';
import { Segment } from './segment.ts';
import { Stage } from './stage.ts';

const SEGMENT = 512 * 1024;
const packet = fc.record({
  size: fc.oneof(fc.integer({ min: 20, max: 1500 }), fc.integer({ min: 1, max: 140_000 })),
  start: fc.integer({ min: 0, max: 64 }),
  isDescribed: fc.boolean(),
  /** Somebody reads what is there so far. */
  isRead: fc.boolean(),
});

test('whatever is added, and whenever it is read: each entry is there as it came', () => {
  const data = Uint8Array.from({ length: 150_000 }, (_, i) => (i * 7) % 251);
  const view = new DataView(data.buffer);
  const stage = new Stage(SEGMENT);
  fc.assert(
    fc.property(fc.array(packet, { maxLength: 60 }), (packets) => {
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
      for (const [n, { size, start, isDescribed, isRead }] of packets.entries()) {
        if (!segment.hasRoom(size)) continue;
        if (isDescribed) {
          segment.describe(1000 + n, connectionOf(n));
          expected.push([true, 1000 + n, n, '']);
        }
        segment.append(1000 + n, n, 0, -1, size, data, view, start, start + size);
        expected.push([
          false,
          1000 + n,
          n,
          Buffer.from(data.subarray(start, start + size)).toString('base64'),
        ]);
        if (isRead) expect(entries()).toEqual(expected);
      }
      expect(entries()).toEqual(expected);
      expect(segment.first).toBe(expected.length === 0 ? 0 : segment.timeOf(0));
    }),
    { numRuns: 60 },
  );
});
