import fc from 'fast-check';
import { expect, test } from 'vitest';
import { copyOctets, wordsOf } from './copy.ts';

const SIZE = 2048;

test('whatever the length and the places, within an array or from one to another: exactly that is copied', () => {
  const range = fc.record({
    length: fc.nat({ max: SIZE / 2 }),
    from: fc.nat({ max: SIZE }),
    to: fc.nat({ max: SIZE }),
    isWithin: fc.boolean(),
  });
  fc.assert(
    fc.property(range, ({ length, from, to, isWithin }) => {
      // Two halves, so that they never overlap.
      const source = Uint8Array.from({ length: 4 * SIZE }, (_, i) => (i * 31) % 253);
      const target = isWithin ? source : new Uint8Array(4 * SIZE).fill(0xee);
      const at = 2 * SIZE + to;
      const expected = Buffer.from(target);
      expected.set(source.subarray(from, from + length), at);
      copyOctets(target, wordsOf(target), at, source, wordsOf(source), from, from + length);
      expect(Buffer.compare(target, expected)).toBe(0);
    }),
    { numRuns: 500 },
  );
});
