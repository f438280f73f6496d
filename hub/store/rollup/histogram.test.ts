import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BUCKETS, bucketOf, percentiles } from './histogram.ts';

test('every percentile is within 5 % of the exact one', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 3_600_000_000 }), { minLength: 1, maxLength: 300 }),
      (values) => {
        const counts = new Uint32Array(BUCKETS);
        for (const value of values) counts[bucketOf(value)]++;
        values.sort((a, b) => a - b);
        for (const [name, answer] of Object.entries(percentiles(counts, (us) => us))) {
          const share = Number(name.slice(1)) / 100;
          const exact = values[Math.max(0, Math.ceil(share * values.length) - 1)];
          expect(Math.abs(answer - exact) / exact).toBeLessThanOrEqual(0.05);
        }
      },
    ),
  );
});

test('no values, no percentile', () => {
  expect(percentiles(new Uint32Array(BUCKETS), (us) => us)).toEqual({ p50: null, p95: null, p99: null });
});

test('values outside the range are counted at its ends', () => {
  expect(bucketOf(-5)).toBe(0);
  expect(bucketOf(0.2)).toBe(0);
  expect(bucketOf(1e15)).toBe(BUCKETS - 1);
});
