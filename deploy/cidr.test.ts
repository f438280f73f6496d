import { expect, test } from 'vitest';
import { isWithin, readCidr } from './cidr.ts';

test.each([
  ['10.0.0.7', '10.0.0.7/32'],
  ['10.0.3.1/16', '10.0.0.0/16'],
  ['0.0.0.0/0', '0.0.0.0/0'],
  [' 10.0.0.0/8 ', '10.0.0.0/8'],
  ['FD00:0:0::1', 'fd00::1/128'],
  ['fd00::1234/64', 'fd00::/64'],
  ['::/0', '::/0'],
])('%j is the range %s', (text, range) => {
  expect(readCidr(text)).toBe(range);
});

test.each([
  '',
  '10/8',
  '10.0.0.0/33',
  '10.0.0.0/',
  '10.0.0.0/-1',
  'fd00::/129',
  'fe80::1%eth0/64',
  '10.0.0.0/8/8',
  'any',
])('%j is none', (text) => {
  expect(readCidr(text)).toBeUndefined();
});

test('an address is within ranges of its own family', () => {
  expect(isWithin('10.1.2.3', ['fd00::/8', '10.0.0.0/8'])).toBe(true);
  expect(isWithin('11.1.2.3', ['10.0.0.0/8'])).toBe(false);
  expect(isWithin('10.1.2.3', ['::/0'])).toBe(false);
  expect(isWithin('fd00::1', ['fd00::1/128'])).toBe(true);
  expect(isWithin('node-1', ['0.0.0.0/0'])).toBe(false);
  expect(isWithin('10.1.2.3', [])).toBe(false);
});
