import { expect, test } from 'vitest';
import { Throttle } from './throttle.ts';

test('lets a burst through, then the rate, and never saves more than a burst', () => {
  const throttle = new Throttle(3, 2, 0);
  const at = (...times: number[]) => times.map((ms) => throttle.take(ms));
  expect(at(0, 0, 0, 0)).toEqual([true, true, true, false]);
  expect(at(499, 501, 502)).toEqual([false, true, false]);
  expect(at(1e9, 1e9, 1e9, 1e9)).toEqual([true, true, true, false]);
});
