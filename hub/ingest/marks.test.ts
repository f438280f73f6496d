import { expect, test } from 'vitest';
import type { MarkedPacket } from '../../flow/exchange-mark.ts';
import type { RecordView } from '../../flow/record.ts';
import { Marks } from './marks.ts';

const marked = (n: number): MarkedPacket => ({
  ...{ time: n, from: '10.0.0.1:40000', to: '10.0.0.2:80' },
  mark: { flow: `f-${n}`, way: 1, ways: 2 },
});
const exchange = (n: number) =>
  ({ time: n, srcIp: '10.0.0.1', srcPort: 40_000, dstIp: '10.0.0.2', dstPort: 80 }) as RecordView;

test('of too many marks the first are forgotten, and counted where nobody had asked for them', () => {
  const marks = new Marks();
  const most = marks.limits.marks;
  marks.learn(Array.from({ length: most }, (_, n) => marked(n)));
  expect(marks.of(exchange(1))).toMatchObject({ flow: 'f-1' });
  expect(marks.counters.forgottenMarks).toBe(0);
  marks.learn([marked(most), marked(most + 1), marked(most + 2)]);
  expect([0, 1, 2, 3].map((n) => marks.of(exchange(n))?.flow)).toEqual([
    undefined,
    undefined,
    undefined,
    'f-3',
  ]);
  expect(marks.counters.forgottenMarks).toBe(2);
});
