import { expect, test } from 'vitest';
import { exportName, progressText } from './export-progress.ts';

test('a name is one that the hub takes, and always another', () => {
  expect(exportName()).toMatch(/^[A-Za-z0-9_-]{8,64}$/);
  expect(exportName()).not.toBe(exportName());
});

test('how far the search is, then how much is written', () => {
  const found = {
    running: true,
    flows: 1234,
    since: '2026-11-21T14:02:11.123456Z',
    searched: 0.348,
    packets: null,
  };
  expect(progressText(found)).toBe('34% of the time searched, back to 2026-11-21T14:02:11Z, 1,234 flows');
  expect(progressText({ ...found, flows: 1, since: null, searched: 0 })).toBe(
    '0% of the time searched, 1 flow',
  );
  expect(progressText({ ...found, packets: { written: 5000, total: 40_000 } })).toBe('12% of 40,000 packets');
  expect(progressText({ ...found, packets: { written: 41, total: 40 } })).toBe('100% of 40 packets');
});
