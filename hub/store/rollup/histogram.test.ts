import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BUCKETS, bucketOf, percentile } from './histogram.ts';

test('every percentile is within 5 % of the exact one', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 3_600_000_000 }), { minLength: 1, maxLength: 300 }),
      fc.constantFrom(0.5, 0.95, 0.99),
      (values, q) => {
        const counts = new Uint32Array(BUCKETS);
        for (const value of values) counts[bucketOf(value)]++;
        const exact = values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(q * values.length) - 1)];
        const answer = percentile(counts, q)!;
        expect(Math.abs(answer - exact) / exact).toBeLessThanOrEqual(0.05);
      },
    ),
  );
});

test('no values, no percentile', () => {
  expect(percentile(new Uint32Array(BUCKETS), 0.5)).toBeNull();
});

test('values outside the range are counted at its ends', () => {
  expect(bucketOf(-5)).toBe(0);
  expect(bucketOf(0.2)).toBe(0);
  expect(bucketOf(1e15)).toBe(BUCKETS - 1);
});
