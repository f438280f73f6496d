import { expect, test } from 'vitest';
import { barsOf, rangeBetween, uncounted } from './timeline.ts';

test('a bar is as high as its share of the highest; what fails is seen however rare it is', () => {
  const bars = barsOf(
    [
      { start: '2026-11-21T10:00:00Z', counts: [0, 0, 999, 0, 0, 1] },
      { start: '2026-11-21T10:00:10Z', counts: [0, 0, 500, 0, 0, 0] },
      { start: '2026-11-21T10:00:20Z', counts: [0, 0, 0, 0, 0, 0] },
    ],
    300,
    40,
  );
  expect(bars.map(({ x, width }) => [x, width])).toEqual([
    [0, 99],
    [100, 99],
    [200, 99],
  ]);
  expect(bars[0].parts.map(({ name }) => name)).toEqual(['ok', 'server-error']);
  expect(bars[0].parts[1].height).toBe(1);
  expect(bars[1].parts[0]).toMatchObject({ y: 20, height: 20 });
  expect(bars[2].parts).toEqual([]);
  expect(bars[0].title).toContain('999 × 2xx, 1 × 5xx');
  expect(bars[2].title).toContain('nothing');
});

test('dragging from anywhere to anywhere is a range within the timeline', () => {
  const whole = { from: '2026-11-21T10:00:00.000Z', to: '2026-11-21T10:01:40.000Z' };
  const middle = { from: '2026-11-21T10:00:25.000Z', to: '2026-11-21T10:00:50.000Z' };
  expect(rangeBetween(whole, 0.25, 0.5)).toEqual(middle);
  expect(rangeBetween(whole, 0.5, 0.25)).toEqual(middle);
  expect(rangeBetween(whole, -3, 9)).toEqual(whole);
  expect(rangeBetween(whole, 0.4, 0.4)).toBeUndefined();
});

test('what was not counted is a share of the timeline, from its start', () => {
  const whole = { from: '2026-11-21T10:00:00.000Z', to: '2026-11-21T10:01:40.000Z' };
  expect(uncounted({ ...whole, since: '2026-11-21T10:00:25.000Z' })).toBe(0.25);
  expect(uncounted({ ...whole, since: whole.from })).toBe(0);
  expect(uncounted({ from: whole.from, to: whole.from, since: whole.from })).toBe(0);
});
