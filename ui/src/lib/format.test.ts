import { describe, expect, test } from 'vitest';
import {
  ago,
  bytes,
  clockTime,
  counted,
  dateTime,
  dayTime,
  duration,
  percent,
  rate,
  sentence,
  short,
  statusKind,
  whole,
} from './format.ts';

describe('duration', () => {
  test.each([
    [0, '0.00 ms'],
    [0.4213, '0.42 ms'],
    [9.996, '10.0 ms'],
    [12.34, '12.3 ms'],
    [99.96, '100 ms'],
    [347.6, '348 ms'],
    [999.6, '1.00 s'],
    [1240, '1.24 s'],
    [12_340, '12.3 s'],
    [59_960, '1 m 00 s'],
    [125_000, '2 m 05 s'],
    [3_599_600, '1 h 00 m'],
    [10_920_000, '3 h 02 m'],
    [259_200_000, '3 d'],
    [-3, '−3.00 ms'],
  ])('%d ms is %s', (ms, text) => expect(duration(ms)).toBe(text));
  test('what was not measured is a dash', () => {
    expect([null, undefined, Number.NaN].map(duration)).toEqual(['–', '–', '–']);
  });
});

describe('bytes', () => {
  test.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [9949, '9.9 kB'],
    [9950, '10 kB'],
    [65_536, '66 kB'],
    [999_600, '1.0 MB'],
    [2.5e9, '2.5 GB'],
    [-1, '–'],
  ])('%d is %s', (n, text) => expect(bytes(n)).toBe(text));
});

test('counts and rates keep their unit', () => {
  expect([0, 940, 1234, 64_000, 999_999, 1.5e6].map(short)).toEqual([
    '0',
    '940',
    '1.2k',
    '64k',
    '1.0M',
    '1.5M',
  ]);
  expect([0, 0.001, 0.25, 0.999, 4.21, 1234].map(rate)).toEqual([
    '0/s',
    '<0.01/s',
    '0.25/s',
    '1.0/s',
    '4.2/s',
    '1.2k/s',
  ]);
  expect(whole(1234567)).toBe('1\u2009234\u2009567');
  expect(whole(-999)).toBe('−999');
});

test('a share that is not nought never reads as nought, and less than all never as all', () => {
  expect([0, 0.0001, 0.024, 0.38, 0.9999, 1].map(percent)).toEqual([
    '0%',
    '<0.1%',
    '2.4%',
    '38%',
    '99%',
    '100%',
  ]);
});

test('status classes of RFC 9110', () => {
  expect([0, 101, 204, 304, 404, 503, 999].map(statusKind)).toEqual([
    'none',
    'info',
    'ok',
    'redirect',
    'client-error',
    'server-error',
    'server-error',
  ]);
});

test('times are local and a wrong time is a dash, not an exception', () => {
  const local = new Date(2026, 2, 1, 3, 4, 5, 67);
  expect(clockTime(local.toISOString())).toBe('03:04:05.067');
  expect(dateTime(local.toISOString())).toBe('2026-03-01 03:04:05');
  expect(dayTime(local.toISOString())).toBe('2026-03-01 03:04:05.067');
  expect(clockTime('garbage')).toBe('–');
  expect(ago(local.toISOString(), local.getTime() + 12_000)).toBe('12 s ago');
  expect(ago(local.toISOString(), local.getTime())).toBe('just now');
});

test('what the hub says reads as sentences', () => {
  expect(['the disk is full', 'Really?', ' done. ', ''].map(sentence)).toEqual([
    'The disk is full.',
    'Really?',
    'Done.',
    '',
  ]);
});

test('one of a thing, or many', () => {
  expect([0, 1, 12_345].map((n) => counted(n, 'request'))).toEqual([
    ...['0 requests', '1 request', '12\u2009345 requests'],
  ]);
});
