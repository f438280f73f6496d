import { expect, test } from 'vitest';
import type { MarkedPacket } from '../../flow/exchange-mark.ts';
import { messagesOf, Told } from './told.ts';

const mark = (time: number): MarkedPacket => ({
  ...{ time, from: '10.0.0.1:40000', to: '10.0.0.2:80' },
  mark: { flow: 'f', way: 1, ways: 2 },
});

test('names and marks go in messages that a hub takes, each once and in order', () => {
  const marks = Array.from({ length: 5000 }, (_, n) => mark(n));
  const messages = [...messagesOf({ names: [['10.0.0.1', 'cart.shop']], marks })];
  expect(Math.max(...messages.map(({ length }) => length))).toBeLessThan(64 * 1024);
  const parsed = messages.map((message) => JSON.parse(message));
  expect(parsed[0]).toEqual({ type: 'names', names: [['10.0.0.1', 'cart.shop']] });
  expect(parsed.flatMap((message) => message.marks ?? [])).toEqual(marks);
  expect([...messagesOf({ names: [], marks: [] })]).toEqual([]);
});

test('what is kept to be told again is bounded: the last marks', () => {
  const told = new Told();
  for (let n = 0; n < 150; n++) {
    told.add({ names: [], marks: Array.from({ length: 1000 }, (_, i) => mark(n * 1000 + i)) });
  }
  expect(told.marks.length).toBeLessThanOrEqual(100_000);
  expect(told.marks.at(-1)!.time).toBe(149_999);
});
