import { expect, test } from 'vitest';
import { readMarks } from './pcapng-marks.ts';

const FLOW = '00060e1d5f0000-0123456789abcdef';
const option = (code: number, text: string) => {
  const value = Buffer.from(text);
  const head = Buffer.alloc(4);
  head.writeUInt16LE(code, 0);
  head.writeUInt16LE(value.length, 2);
  return Buffer.concat([head, value, Buffer.alloc(-value.length & 3)]);
};
const way = (n: number) => `flow ${FLOW}, way ${n} of 3: GET /ä → 200`;
const read = (...options: Buffer[]) => {
  const all = Buffer.concat(options);
  const stats = { marksLeftOut: 0 };
  return { marks: readMarks(all, 0, all.length, true, stats), ...stats };
};

test('the marks among the options of a packet', () => {
  expect(
    read(option(2, way(1)), option(1, 'mine'), option(1, way(2)), option(1, 'flow'), option(0, '')),
  ).toEqual({ marks: [{ flow: FLOW, way: 2, ways: 3 }], marksLeftOut: 0 });
});

test('options that run over their block, wherever it is cut, give nothing', () => {
  const whole = option(1, way(1));
  for (let end = 0; end < 4 + Buffer.from(way(1)).length; end++) {
    expect(readMarks(whole, 0, end, true, { marksLeftOut: 0 })).toEqual([]);
  }
});

test('of very many and very long ones few are taken, and the others counted', () => {
  const many = Array.from({ length: 100_000 }, () => option(1, way(1)));
  const { marks, marksLeftOut } = read(...many, option(1, 'flow'), option(1, `flow ${FLOW}: no mark`));
  expect([marks.length, marksLeftOut]).toEqual([16, 99_984]);
  expect(read(option(1, `flow ${'a'.repeat(60_000)}`))).toEqual({ marks: [], marksLeftOut: 0 });
});
