import { homedir } from 'node:os';
import { expect, test } from 'vitest';
import { choice, cidrs, integer, names, path, showSize, size, text, toggle, WrongValue } from './values.ts';

const anySize = size(0, 2 ** 50);

test.each([
  ['65536', 65536],
  [65536, 65536],
  ['64Ki', 65536],
  ['64KiB', 65536],
  ['64k', 64000],
  ['64KB', 64000],
  ['1.5Gi', 1610612736],
  ['2Ti', 2199023255552],
  ['10 M', 10_000_000],
  ['7B', 7],
  ['0', 0],
])('size %s is %d bytes', (raw, expected) => {
  expect(anySize.parse(raw, '')).toBe(expected);
});

test.each([
  '',
  'Ki',
  '64Q',
  '-1',
  '64i',
  '1e6',
  '0x10',
  ' 64Ki',
  '64Ki ',
  'NaN',
  true,
  null,
  [1],
  { a: 1 },
  -5,
  Number.NaN,
])('size refuses %j', (raw) => {
  expect(() => anySize.parse(raw, '')).toThrow(WrongValue);
});

test('a size outside its bounds is refused, and the message names the bounds', () => {
  expect(() => size(1024, 65536).parse('64Mi', '')).toThrow('from 1Ki to 64Ki, not "64Mi"');
  expect(size(1024, 65536).parse('64Ki', '')).toBe(65536);
});

test('sizes are shown in the largest exact unit', () => {
  expect([0, 1000, 1024, 65536, 2 ** 31, 2 ** 20 + 1].map(showSize)).toEqual([
    '0',
    '1000',
    '1Ki',
    '64Ki',
    '2Gi',
    '1048577',
  ]);
});

test('ranges of addresses, made regular; or any, alone', () => {
  expect(cidrs.parse('10.0.3.1/16,fd00::1/64', '')).toEqual(['10.0.0.0/16', 'fd00::/64']);
  expect(cidrs.parse(['10.0.0.7', '10.0.0.8'], '')).toEqual(['10.0.0.7/32', '10.0.0.8/32']);
  expect(cidrs.parse('any', '')).toEqual(['any']);
  expect(cidrs.parse([], '')).toEqual([]);
  for (const wrong of ['10.0.0.0/33', 'node1', 'any,10.0.0.0/8', ['any', 'any'], 7]) {
    expect(() => cidrs.parse(wrong, '')).toThrow(WrongValue);
  }
  expect(() => cidrs.parse('10.0.0/8', '')).toThrow(
    'expected a range such as 10.0.0.0/16, or any alone, not "10.0.0/8"',
  );
});

test('whole numbers', () => {
  const port = integer('PORT', 0, 65535);
  expect(port.parse('8899', '')).toBe(8899);
  expect(port.parse(0, '')).toBe(0);
  for (const raw of ['', '65536', '-1', '1.5', 1.5, '80a', '٣', true, null]) {
    expect(() => port.parse(raw, '')).toThrow(WrongValue);
  }
});

test('toggles take booleans and the usual words, and nothing else', () => {
  expect([true, 'true', '1'].map((raw) => toggle.parse(raw, ''))).toEqual([true, true, true]);
  expect([false, 'false', '0'].map((raw) => toggle.parse(raw, ''))).toEqual([false, false, false]);
  for (const raw of ['yes', '', 1, null, 'TRUE']) expect(() => toggle.parse(raw, '')).toThrow(WrongValue);
});

test('names are lists, or words between commas', () => {
  expect(names.parse(['a,b', ' c '], '')).toEqual(['a', 'b', 'c']);
  expect(names.parse('a, b,', '')).toEqual(['a', 'b']);
  expect(() => names.parse([1], '')).toThrow('expected names, not 1');
  expect(() => names.parse({ a: true }, '')).toThrow('a mapping');
});

test('choices name what can be chosen', () => {
  expect(choice('ui', 'text').parse('text', '')).toBe('text');
  expect(() => choice('ui', 'text').parse('xml', '')).toThrow('expected ui, text, not "xml"');
});

test('paths are against the place they stand in; ~ is the home directory', () => {
  expect(path.parse('data', '/etc/remora')).toBe('/etc/remora/data');
  expect(path.parse('/data', '/etc/remora')).toBe('/data');
  expect(path.parse('~/data', '/etc')).toBe(`${homedir()}/data`);
  expect(() => path.parse('', '/etc')).toThrow(WrongValue);
});

test('text is text: a number in a file is a mistake', () => {
  expect(text.parse('eth0', '')).toBe('eth0');
  expect(() => text.parse(5, '')).toThrow('expected text, not 5');
});
