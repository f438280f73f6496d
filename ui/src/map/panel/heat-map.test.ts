import { expect, test } from 'vitest';
import type { LatencyHistory } from '../../../../flow/api.ts';
import { compileFilter } from '../../../../flow/filter.ts';
import type { Flow } from '../../../../flow/flow.ts';
import { HistoryBuilder } from '../../../../hub/store/rollup/history-builder.ts';
import { bandClause, cellWords, DEPTHS, heatRows, heatWords, ratesOf, timeWriter } from './heat-map.ts';

const SECOND = 1_000_000;
const START = Date.parse('2026-03-01T12:00:00Z') * 1000;

function history(latencies: readonly [seconds: number, us: number][]): LatencyHistory {
  const builder = new HistoryBuilder(START, START + 60 * SECOND, () => true);
  for (const [at, us] of latencies) builder.totals.add(builder.rowAt(START + at * SECOND), false, 1, 0, us);
  return builder.build();
}

test('the slowest stand on top, the newest at the right', () => {
  const rows = heatRows(
    history([
      [0, 1000],
      [50, 900_000],
    ]),
  );
  expect(rows[0]!.cells.map(({ count }) => count)).toEqual([0, 0, 0, 0, 0, 1]);
  expect(rows.at(-1)!.cells.map(({ count }) => count)).toEqual([1, 0, 0, 0, 0, 0]);
  expect(rows[0]!.cells.at(-1)!.to).toBe('2026-03-01T12:01:00.000000Z');
  expect(rows[0]!.label).toMatch(/^9\d\d ms$/);
  expect(rows.filter(({ label }) => label !== '').length).toBeLessThanOrEqual(5);
});

test('rates are by the second, in a shorter last stretch too', () => {
  const stretch = (start: string, count: number) => ({ start, count, errors: 0, latencies: [] });
  const stretches = [stretch('2026-03-01T12:00:00Z', 40), stretch('2026-03-01T12:00:20Z', 20)];
  expect(ratesOf({ to: '2026-03-01T12:00:30Z', bands: [], stretches })).toEqual([2, 2]);
});

test('one among thousands is seen, and more is never paler', () => {
  const rows = heatRows({
    to: '',
    bands: [1],
    stretches: [0, 1, 9, 100, 5000].map((count) => ({ start: '', count, errors: 0, latencies: [count] })),
  });
  const depths = rows[0]!.cells.map(({ depth }) => depth);
  expect(depths[0]).toBe(0);
  expect(depths[1]).toBe(1);
  expect(depths).toEqual([...depths].sort());
  expect(depths.at(-1)).toBe(DEPTHS);
});

test('a single request is as deep as can be', () => {
  expect(heatRows(history([[0, 1000]])).flatMap(({ cells }) => cells.map(({ depth }) => depth))).toContain(
    DEPTHS,
  );
});

test.each([1, 999, 1000, 45_950, 1_234_567])(
  'a latency of %i µs is found by the filter of its row alone',
  (us) => {
    const rows = heatRows(
      history([
        [0, 1],
        [0, us],
        [0, 9_000_000],
      ]),
    );
    const flow = { elapsedMs: us / 1000 } as Flow;
    const found = rows.filter((row) => compileFilter(bandClause(row)).matches(flow));
    expect(found).toHaveLength(1);
    expect(found[0]!.cells[0]!.count).toBeGreaterThan(0);
  },
);

test('what has no latency is in no row', () => {
  const rows = heatRows(history([[0, 1]]));
  const unanswered = {} as Flow;
  expect(rows.filter((row) => compileFilter(bandClause(row)).matches(unanswered))).toEqual([]);
});

test('the picture in words', () => {
  const time = timeWriter('2026-03-01T12:00:00Z', '2026-03-01T12:01:00Z');
  const rows = heatRows(
    history([
      [0, 1000],
      [1, 1000],
      [1, 1000],
      [30, 900_000],
    ]),
  );
  expect(heatWords(rows, time)).toMatch(/^4 answered; most often, 75% of them, it took under 2\.\d\d ms\./);
  expect(heatWords(rows, time)).toMatch(/The slowest took 4\d\d ms to 9\d\d ms, at last at \d\d:\d\d:30\.$/);
  expect(cellWords(rows.at(-1)!, rows.at(-1)!.cells[0]!, time)).toMatch(
    /^3 requests, under .* ms, from \d\d:\d\d:00 to \d\d:\d\d:10$/,
  );
  expect(heatWords(heatRows(history([])), time)).toBe('No request got an answer in this time.');
});

test('times of several days have their day', () => {
  expect(timeWriter('2026-03-01T12:00:00Z', '2026-03-04T12:00:00Z')('2026-03-02T12:00:00Z')).toMatch(
    /^2026-03-0\d /,
  );
});
