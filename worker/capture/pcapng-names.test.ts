import { expect, test } from 'vitest';
import { readNames } from './pcapng-names.ts';

const record = (type: number, ...value: (number | string)[]) => {
  const bytes = Buffer.concat(
    value.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.of(part))),
  );
  const head = Buffer.alloc(4);
  head.writeUInt16LE(type, 0);
  head.writeUInt16LE(bytes.length, 2);
  return Buffer.concat([head, bytes, Buffer.alloc(-bytes.length & 3)]);
};
const V6 = [0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
const read = (...records: Buffer[]) => upTo(100, ...records).names;
const upTo = (most: number, ...records: Buffer[]) => {
  const body = Buffer.concat(records);
  const stats = { namesLeftOut: 0 };
  return { names: readNames(body, 0, body.length, true, most, stats), ...stats };
};

test('addresses with all of their names', () => {
  expect(read(record(1, 10, 0, 0, 1, 'a.shop\0a.shop.pod\0'), record(2, ...V6, 'b\0'), record(0))).toEqual([
    ['10.0.0.1', 'a.shop', 'a.shop.pod'],
    ['fd00::1', 'b'],
  ]);
});

test('what is no address, no name, or behind the end is left out', () => {
  expect(
    read(record(3, 1, 2, 3, 4, 5, 6, 'mac\0'), record(1, 10, 0, 0, 1), record(1, 10, 0, 0, 2, 'x y\0\0ok\0')),
  ).toEqual([['10.0.0.2', 'ok']]);
  expect(read(record(0), record(1, 10, 0, 0, 1, 'a\0'))).toEqual([]);
});

test('a record that runs over its block ends there, wherever it is cut', () => {
  const whole = Buffer.concat([record(1, 10, 0, 0, 1, 'name\0'), record(1, 10, 0, 0, 2, 'other\0')]);
  for (let end = 0; end < whole.length - 2; end++) {
    expect(readNames(whole, 0, end, true, 100, { namesLeftOut: 0 }).length).toBeLessThan(2);
  }
});

test('names beyond what is read are counted', () => {
  const many = Array.from({ length: 10 }, (_, n) => `n${n}\0`).join('');
  const read = upTo(1, record(1, 10, 0, 0, 1, many), record(1, 10, 0, 0, 2, 'x y\0a\0b\0'));
  expect(read.names).toEqual([['10.0.0.1', 'n2', 'n3', 'n4', 'n5', 'n6', 'n7', 'n8', 'n9']]);
  expect(read.namesLeftOut).toBe(4);
});
