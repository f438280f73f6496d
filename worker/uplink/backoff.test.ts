import { expect, test } from 'vitest';
import { Backoff } from './backoff.ts';

test('pauses double up to the last one and begin anew after a reset', () => {
  const backoff = new Backoff(100, 1000, () => 0);
  expect([1, 2, 3, 4, 5, 6].map(() => backoff.next())).toEqual([100, 200, 400, 800, 1000, 1000]);
  backoff.reset();
  expect(backoff.next()).toBe(100);
});

test('chance takes up to half of a pause', () => {
  expect(new Backoff(100, 1000, () => 1).next()).toBe(50);
});
