import { expect, test } from 'vitest';
import { baseOf, flowsOf, stepAt, stepsOf, writeSpan } from './ranges.ts';

const span = (minutes: number) => ({
  from: '2026-03-01T10:00:00.000Z',
  to: new Date(Date.parse('2026-03-01T10:00:00Z') + minutes * 60_000).toISOString(),
});

test('a span is replayed minute by minute, a long one in as many minutes as keep it short', () => {
  expect(stepsOf(span(2.5)).map(({ from, to }) => `${from.slice(14, 19)}-${to.slice(14, 19)}`)).toEqual([
    '00:00-01:00',
    '01:00-02:00',
    '02:00-02:30',
  ]);
  expect(stepsOf(span(240))).toHaveLength(240);
  expect(stepsOf(span(241))).toHaveLength(121);
  expect(stepsOf(span(60 * 24 * 30)).length).toBeLessThanOrEqual(240);
  expect(stepsOf(span(0))).toEqual([]);
  expect(stepsOf({ from: 'x', to: 'y' })).toEqual([]);
});

test('a time is found in its step', () => {
  const steps = stepsOf(span(10));
  expect(stepAt(steps, '2026-03-01T10:03:00Z')).toBe(3);
  expect(stepAt(steps, '2026-03-01T10:03:59Z')).toBe(3);
  expect(stepAt(steps, 'nonsense')).toBe(0);
});

test('what a span is compared with', () => {
  expect(baseOf('before', span(10))).toEqual({ from: '2026-03-01T09:50:00.000Z', to: span(0).from });
  expect(baseOf('day', span(10))).toEqual({
    from: '2026-02-28T10:00:00.000Z',
    to: '2026-02-28T10:10:00.000Z',
  });
  expect(baseOf(writeSpan(span(5)), span(10))).toEqual(span(5));
  for (const nonsense of ['', 'x', 'constructor', 'a/b', `${span(5).to}/${span(5).from}`, '1/2/3'])
    expect(baseOf(nonsense, span(10))).toBeUndefined();
  expect(baseOf('before', { from: '', to: '' })).toBeUndefined();
});

test('the flows of a range are those that the map is of', () => {
  const map = { from: '2026-03-01T11:00:00Z', to: '2026-03-01T12:00:00Z' };
  expect(flowsOf({ kind: 'live', id: '5m' }, map)).toEqual({ from: '-5m', to: '' });
  expect(flowsOf({ kind: 'live', id: 'all' }, map)).toEqual(map);
  const half = { from: '2026-03-01T11:30:00Z', to: map.to };
  expect(flowsOf({ kind: 'fixed', ...half }, map)).toEqual(half);
});
