import { expect, test } from 'vitest';
import { ArrivalRate } from './arrival-rate.ts';

test('a steady stream reads as what it is, and the past is forgotten', () => {
  const rate = new ArrivalRate();
  let value = 0;
  for (let at = 0; at <= 6_000; at += 100) value = rate.count(100, at);
  expect(value).toBeGreaterThan(950);
  expect(value).toBeLessThan(1_050);
  expect(rate.count(1, 60_000)).toBeLessThan(1);
});

test('the first batch is not taken for a flood', () => {
  expect(new ArrivalRate().count(10, 5)).toBe(10);
});
