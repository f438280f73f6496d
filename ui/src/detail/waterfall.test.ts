import { expect, test } from 'vitest';
import type { Flow, Timing } from '../../../flow/flow.ts';
import { waterfall } from './waterfall.ts';

const flow = (timing: Timing, elapsedMs?: number): Flow =>
  ({ timing, ...(elapsedMs === undefined ? {} : { elapsedMs }) }) as Flow;

test('the parts follow one another and the network is what is left', () => {
  const { spans, totalMs } = waterfall(
    flow({ requestMs: 1, serverMs: 20, ttfbMs: 21, responseMs: 4, networkMs: 2, clientMs: 27 }, 25),
  );
  expect(spans.map(({ id, start, ms }) => [id, start, ms])).toEqual([
    ['request', 0, 1],
    ['server', 1, 20],
    ['response', 21, 4],
    ['network', 25, 2],
  ]);
  expect(totalMs).toBe(27);
});

test('an answer that began before the request ended is drawn where it was', () => {
  const { spans } = waterfall(flow({ requestMs: 100, ttfbMs: 10, responseMs: 50 }, 100));
  expect(spans.map(({ id, start }) => [id, start])).toEqual([
    ['request', 0],
    ['response', 10],
  ]);
});

test('nothing measured, nothing drawn', () => {
  expect(waterfall(flow({}))).toEqual({ spans: [], totalMs: 0 });
});
