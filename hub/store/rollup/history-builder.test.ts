import { expect, test } from 'vitest';
import { formatTime } from '../../../flow/time.ts';
import { HistoryBuilder } from './history-builder.ts';
import { LEVELS } from './rollup.ts';

const SECOND = 1_000_000;
const NOW = Date.parse('2026-03-01T12:00:07Z') * 1000;

/** What the buckets of a range have when requests come evenly, one in each of the shortest. */
function evenly(from: number, to: number) {
  const builder = new HistoryBuilder(from, to, () => true);
  for (const { level, from: start, to: end } of builder.plan) {
    for (let time = start; time < end; time += LEVELS[level]) {
      for (let n = 0; n < LEVELS[level] / LEVELS[0]; n++)
        builder.totals.add(builder.rowAt(time), false, 1, 0, 1000);
    }
  }
  return builder.build();
}

test.each([60, 300, 305, 900, 3600, 3605, 7 * 3600, 86_400])(
  'what comes evenly is shown evenly over %i seconds, but for the first and the last stretch',
  (seconds) => {
    const { stretches } = evenly(NOW - seconds * SECOND, NOW);
    const inner = stretches.slice(1, -1).map(({ count }) => count);
    expect(new Set(inner).size).toBe(1);
    expect(stretches.length).toBeLessThanOrEqual(31);
    expect(Math.max(stretches[0].count, stretches.at(-1)!.count)).toBeLessThanOrEqual(inner[0]);
  },
);

test('stretches begin where the range does and go on to its end, in whole buckets', () => {
  const { stretches, to } = evenly(NOW - 300 * SECOND, NOW);
  expect(stretches[0].start).toBe(formatTime(NOW - 307 * SECOND));
  expect(stretches[1].start).toBe('2026-03-01T11:55:20.000000Z');
  expect(to).toBe('2026-03-01T12:00:10.000000Z');
});

test('as time goes on, a stretch keeps where it begins', () => {
  const starts = (now: number) =>
    evenly(now - 300 * SECOND, now)
      .stretches.slice(1)
      .map(({ start }) => start);
  expect(starts(NOW).slice(1)).toEqual(starts(NOW + 20 * SECOND).slice(0, -1));
});

test('bands reach from the shortest to the longest latency that there is', () => {
  const builder = new HistoryBuilder(0, 60 * SECOND, () => true);
  for (const us of [900, 1000, 40_000]) builder.totals.add(builder.rowAt(5 * SECOND), false, 1, 0, us);
  const { bands, stretches } = builder.build();
  expect(bands[0]).toBeGreaterThan(0.9);
  expect(bands.at(-2)).toBeLessThan(40);
  expect(bands.at(-1)).toBeGreaterThan(40);
  expect(stretches[0].latencies.reduce((sum, count) => sum + count)).toBe(3);
});
