import { expect, test } from 'vitest';
import { formatBytes, formatCount, formatDuration, formatShare } from './quantities.ts';

test('quantities as people read them', () => {
  expect([0, 999, 1234567].map(formatCount)).toEqual(['0', '999', '1,234,567']);
  expect([0, 0.000_01, 0.0012, 0.012, 0.5, 1].map(formatShare)).toEqual([
    ...['0%', 'less than 0.01%', '0.12%', '1.2%', '50%', '100%'],
  ]);
  expect([0, 1023, 1536, 2 ** 31, 5 * 2 ** 50].map(formatBytes)).toEqual([
    ...['0 bytes', '1023 bytes', '1.5 KiB', '2 GiB', '5120 TiB'],
  ]);
  expect([0, 119_000, 120_000, 7_200_000, 172_800_000].map(formatDuration)).toEqual([
    ...['0 s', '119 s', '2 min', '2 h', '2 d'],
  ]);
});
