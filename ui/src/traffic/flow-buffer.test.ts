import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FlowRow } from '../../../flow/api.ts';
import { FlowBuffer } from './flow-buffer.ts';

function row(n: number, status = 200): FlowRow {
  const end = { ip: '10.0.0.1', port: 80, name: 'a' };
  return {
    id: String(n).padStart(8, '0'),
    time: new Date(n).toISOString(),
    protocol: 'http',
    node: 'n',
    src: end,
    dst: end,
    method: 'GET',
    host: 'a',
    path: '/',
    status,
    requestSize: 0,
    responseSize: 0,
    mime: '',
    elapsedMs: 1,
    completeness: ['complete'],
    redacted: 0,
  };
}
const ids = (buffer: FlowBuffer): number[] =>
  Array.from({ length: buffer.length }, (_, n) => Number(buffer.fromNewest(n)!.id));

test('newest first, whatever the order of arrival', () => {
  const buffer = new FlowBuffer();
  expect(buffer.add([row(3), row(1)])).toBe(2);
  expect(buffer.add([row(2), row(5), row(4)])).toBe(3);
  expect(ids(buffer)).toEqual([5, 4, 3, 2, 1]);
  expect(buffer.indexFromNewest('00000004')).toBe(1);
  expect(buffer.indexFromNewest('00000009')).toBe(-1);
});

test('a flow that comes again is replaced, also within a batch', () => {
  const buffer = new FlowBuffer();
  buffer.add([row(1, 0), row(2)]);
  expect(buffer.add([row(1, 504), row(3, 0), row(3, 200)])).toBe(1);
  expect(buffer.fromNewest(2)!.status).toBe(504);
  expect(buffer.fromNewest(0)!.status).toBe(200);
  expect(buffer.length).toBe(3);
});

test('full: the oldest go, in strides, and are counted', () => {
  const buffer = new FlowBuffer(1000);
  for (let n = 0; n < 20_000; n += 100) buffer.add(Array.from({ length: 100 }, (_, k) => row(n + k)));
  expect(buffer.length).toBeLessThanOrEqual(1000 + 4096);
  expect(buffer.length + buffer.trimmed).toBe(20_000);
  expect(buffer.newest!.id).toBe('00019999');
  expect(buffer.has(buffer.oldest!.id)).toBe(true);
  expect(buffer.has('00000000')).toBe(false);
});

test('history is put below, without doubles, as far as there is room', () => {
  const buffer = new FlowBuffer(5);
  buffer.add([row(10), row(11)]);
  expect(buffer.addOlder([row(10), row(9), row(8), row(7), row(6)])).toBe(3);
  expect(ids(buffer)).toEqual([11, 10, 9, 8, 7]);
  expect(buffer.trimmed).toBe(0);
});

test('the same as a sorted set, for every order of batches', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 20 }), { maxLength: 20 }),
      (batches) => {
        const buffer = new FlowBuffer();
        const all = new Set<number>();
        for (const batch of batches) {
          buffer.add(batch.map((n) => row(n)));
          for (const n of batch) all.add(n);
        }
        expect(ids(buffer)).toEqual([...all].sort((a, b) => b - a));
      },
    ),
  );
});

test('a thousand flows into a full buffer cost far less than a frame', () => {
  const buffer = new FlowBuffer(100_000);
  buffer.add(Array.from({ length: 100_000 }, (_, n) => row(n)));
  let next = 100_000;
  // The best of some tries: what else the machine does is no cost of the buffer.
  const tries = Array.from({ length: 8 }, () => {
    const started = performance.now();
    for (let n = 0; n < 50; n++, next += 20) buffer.add(Array.from({ length: 20 }, (_, k) => row(next + k)));
    return performance.now() - started;
  });
  expect(Math.min(...tries)).toBeLessThan(50);
});
