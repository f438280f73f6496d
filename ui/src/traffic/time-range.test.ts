import { expect, test } from 'vitest';
import { parseInstant } from '../../../hub/api/time-range.ts';
import { fromLocal, RELATIVE, rangeWords, toLocal } from './time-range.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');

test('the hub understands every relative range, and the fields begin where it does', () => {
  for (const { from } of RELATIVE.filter((one) => one.from !== '')) {
    const start = fromLocal(toLocal(from, NOW), '');
    expect(start).toEqual({ from: new Date(parseInstant(from, NOW * 1000) / 1000).toISOString(), to: '' });
  }
});

test('a range in words', () => {
  expect(rangeWords({ from: '', to: '' })).toBe('All');
  expect(rangeWords({ from: '-15m', to: '' })).toBe('Last 15 minutes');
  expect(rangeWords({ from: '-1h', to: '' })).toBe('Last hour');
  expect(rangeWords({ from: '-90s', to: '' })).toBe('Last 90s');
  const [from, to] = [new Date(2026, 2, 1, 14, 2).toISOString(), new Date(2026, 2, 1, 14, 5).toISOString()];
  expect(rangeWords({ from, to })).toBe('2026-03-01 14:02:00 – 14:05:00');
  expect(rangeWords({ from, to: '' })).toBe('From 2026-03-01 14:02:00');
});

test('local times there and back; what is no range is told', () => {
  const from = new Date(2026, 2, 1, 14, 2, 3).toISOString();
  expect(toLocal(from, NOW)).toBe('2026-03-01T14:02:03');
  expect(fromLocal(toLocal(from, NOW), '')).toEqual({ from, to: '' });
  expect(fromLocal('2026-03-01T14:02', '2026-03-01T14:02')).toMatch(/before/);
  expect(fromLocal('', '')).toMatch(/Write/);
  expect(fromLocal('x', '')).toMatch(/not a time/);
});
