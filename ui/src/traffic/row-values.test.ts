import { expect, test } from 'vitest';
import { compileFilter } from '../../../flow/filter.ts';
import { rowOf, shopFlow } from '../../../test/browser/shop.ts';
import { rowValues } from './row-values.ts';

test('every value of a row makes a filter that finds its flow', () => {
  for (let n = 0; n < 50; n++) {
    const flow = shopFlow(n, 1_700_000_000_000);
    const values = rowValues(rowOf(flow));
    expect(values.length).toBeGreaterThan(8);
    for (const { clause } of values) expect(compileFilter(clause).matches(flow), clause).toBe(true);
  }
});

test('what was redacted is nothing to filter by', () => {
  const row = rowOf(shopFlow(1, 1_700_000_000_000));
  const fields = rowValues({ ...row, path: '/reset/[REDACTED]/now' }).map(({ field }) => field);
  expect(fields).not.toContain('path');
  expect(fields).toContain('dst.name');
});
