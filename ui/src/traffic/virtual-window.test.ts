import fc from 'fast-check';
import { expect, test } from 'vitest';
import { scrollFor, windowOf } from './virtual-window.ts';

test('every row that is seen is drawn, and not many more', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 100_000 }),
      fc.integer({ min: 0, max: 2_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (count, height, at) => {
        const scrollTop = Math.max(0, count * 26 - height) * at;
        const { first, end } = windowOf(scrollTop, height, 26, count);
        expect(first).toBeLessThanOrEqual(Math.floor(scrollTop / 26));
        expect(end).toBeGreaterThanOrEqual(Math.min(count, Math.ceil((scrollTop + height) / 26)));
        expect(end - first).toBeLessThanOrEqual(Math.ceil(height / 26) + 34);
        expect(first).toBeGreaterThanOrEqual(0);
        expect(end).toBeLessThanOrEqual(count);
      },
    ),
  );
});

test('scrolling to a row moves as little as can be', () => {
  expect(scrollFor(3, 200, 260, 26)).toBe(78);
  expect(scrollFor(10, 0, 260, 26)).toBe(26);
  expect(scrollFor(5, 0, 260, 26)).toBe(0);
});
