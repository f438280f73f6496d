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
const read = (...records: Buffer[]) => {
  const body = Buffer.concat(records);
  return readNames(body, 0, body.length, true, 100);
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
    expect(readNames(whole, 0, end, true, 100).length).toBeLessThan(2);
  }
});
