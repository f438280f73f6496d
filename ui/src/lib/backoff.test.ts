import { expect, test } from 'vitest';
import { backoffMs } from './backoff.ts';

test('waits grow to ten seconds and stay there for ever', () => {
  const middle = (): number => 0.5;
  expect([1, 2, 3, 4, 5, 6, 1000].map((n) => backoffMs(n, middle))).toEqual([
    500, 1000, 2000, 4000, 8000, 10_000, 10_000,
  ]);
});

test('jitter keeps a thousand pages from coming back at once', () => {
  expect(backoffMs(1, () => 0)).toBe(375);
  expect(backoffMs(6, () => 1)).toBe(12_500);
});
