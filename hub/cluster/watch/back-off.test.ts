import { expect, test } from 'vitest';
import { BackOff } from './back-off.ts';

function waits(backOff: BackOff, count: number): number[] {
  return Array.from({ length: count }, () => backOff.next());
}

test('twice as long each time, up to the longest, and anew after a success', () => {
  const backOff = new BackOff(100, 1000, () => 1);
  expect(waits(backOff, 6)).toEqual([100, 200, 400, 800, 1000, 1000]);
  backOff.reset();
  expect(backOff.next()).toBe(100);
});

test('by chance up to half of it less, so that not all come back at the same moment', () => {
  expect(waits(new BackOff(100, 1000, () => 0), 5)).toEqual([50, 100, 200, 400, 500]);
});

test('never before the time that the server asked for', () => {
  const backOff = new BackOff(100, 1000, () => 0);
  expect(backOff.next(5000)).toBe(5000);
  expect(new BackOff(100, 1000, () => 1).next(5000)).toBeLessThanOrEqual(5100);
});

test('years of failures do not overflow', () => {
  const backOff = new BackOff(100, 1000, () => 1);
  expect(waits(backOff, 5000).at(-1)).toBe(1000);
});
