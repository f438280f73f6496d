import { expect, test } from 'vitest';
import { fromBase64, hexDump } from './hex.ts';

test('three columns that stay in line to the last octet', () => {
  const bytes = Uint8Array.from([
    0x25, 0x50, 0x44, 0x46, 0, 255, 0x7f, 0x20, 1, 2, 3, 4, 5, 6, 7, 8, 0x41, 0x42,
  ]);
  const [first, second] = hexDump(bytes).split('\n');
  expect(first).toBe('00000000  25 50 44 46 00 ff 7f 20  01 02 03 04 05 06 07 08  %PDF··· ········');
  expect(second).toBe(`00000010  41 42 ${' '.repeat(43)} AB`);
  expect(second!.indexOf('AB')).toBe(first!.indexOf('%PDF'));
});

test('a part of it', () => {
  expect(hexDump(new Uint8Array(64), 16, 32)).toMatch(/^00000010 {2}00/);
  expect(hexDump(new Uint8Array(0))).toBe('');
});

test('wrong base64 is no octets, not an exception', () => {
  expect([...fromBase64('QUI=')]).toEqual([0x41, 0x42]);
  expect(fromBase64('!!')).toHaveLength(0);
});
