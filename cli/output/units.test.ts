import { expect, test } from 'vitest';
import { bytes, count, milliseconds } from './units.ts';

test('bytes', () => {
  expect([0, 999, 1000, 1024, 1536, 20 * 2 ** 20, 2 ** 31, 5 * 2 ** 50].map(bytes)).toEqual([
    '0 B',
    '999 B',
    '1.0 KiB',
    '1.0 KiB',
    '1.5 KiB',
    '20 MiB',
    '2.0 GiB',
    '5120 TiB',
  ]);
});

test('milliseconds', () => {
  expect([0, 0.314, 12.34, 450.4, 999.4, 1200].map(milliseconds)).toEqual([
    '0.00 ms',
    '0.31 ms',
    '12.3 ms',
    '450 ms',
    '999 ms',
    '1.20 s',
  ]);
});

test('counts', () => {
  expect([0, 999, 1000, 1234567.4].map(count)).toEqual(['0', '999', '1,000', '1,234,567']);
});
