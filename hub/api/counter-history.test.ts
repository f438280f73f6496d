import { expect, test } from 'vitest';
import type { WorkerHealth } from '../../flow/api.ts';
import { CounterHistory } from './counter-history.ts';

const worker = (session: string, packets: number) =>
  ({ session, counters: { packets } }) as unknown as WorkerHealth;

test('tells the growth over the last minute and forgets what was before', () => {
  const history = new CounterHistory();
  for (let s = 0; s <= 300; s += 5) history.sample(s * 1000, {}, [worker('a', s * 10)]);
  expect(history.growth('a', { packets: 3000 })).toEqual({ packets: 600 });
  expect(history.age('a', 300_000)).toBe(300_000);
});

test('what is not known yet has not grown', () => {
  const history = new CounterHistory();
  expect(history.growth('a', { packets: 3000 })).toEqual({ packets: 0 });
  expect(history.age('a', 5000)).toBe(0);
});

test('a counter that is new has grown from nothing, one that fell has not grown', () => {
  const history = new CounterHistory();
  history.sample(0, { old: 10 }, []);
  expect(history.growth('', { old: 4, new: 3 })).toEqual({ old: 0, new: 3 });
});

test('the counters of a sample are those of its time', () => {
  const history = new CounterHistory();
  const counters = { packets: 1 };
  history.sample(0, counters, []);
  counters.packets = 5;
  expect(history.growth('', counters)).toEqual({ packets: 4 });
});

test('sessions that are gone are forgotten', () => {
  const history = new CounterHistory();
  history.sample(0, {}, [worker('a', 1)]);
  history.sample(5000, {}, []);
  expect(history.age('a', 9000)).toBe(0);
});
