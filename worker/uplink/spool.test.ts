import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BATCH_HEADER } from '../../flow/wire.ts';
import { Spool } from './spool.ts';

const FRAME = 1000;
const records = new Uint8Array(FRAME - BATCH_HEADER);
const number = (frame: Uint8Array | undefined) => frame && new DataView(frame.buffer).getUint32(4, true);

test('the frame is the one of flow/wire.ts', () => {
  const spool = new Spool(FRAME * 10, FRAME * 10, 'drop');
  spool.add(Uint8Array.of(7, 8, 9), 2);
  expect(Array.from(spool.take()!)).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 7, 8, 9]);
});

test('the window is half of the limit at most, and opens with acknowledgements', () => {
  const spool = new Spool(FRAME * 4, FRAME * 100, 'drop');
  for (let i = 0; i < 4; i++) spool.add(records, 1);
  expect([number(spool.take()), number(spool.take()), number(spool.take())]).toEqual([1, 2, undefined]);
  spool.acknowledge(1);
  expect([number(spool.take()), number(spool.take())]).toEqual([3, undefined]);
});

test('without room the oldest unsent batch goes, and its flows are counted', () => {
  const spool = new Spool(FRAME * 4, FRAME, 'drop');
  for (let i = 0; i < 4; i++) spool.add(records, 10);
  expect(number(spool.take())).toBe(1);
  spool.add(records, 10);
  expect(spool.droppedFlows).toBe(10);
  spool.acknowledge(1);
  expect(number(spool.take())).toBe(3);
});

test('what was sent on a connection that is lost is sent again, and dropped last', () => {
  const spool = new Spool(FRAME * 4, FRAME * 2, 'drop');
  for (let i = 0; i < 3; i++) spool.add(records, 1);
  spool.take();
  spool.take();
  spool.rewind();
  spool.add(records, 1);
  spool.add(records, 1);
  expect(spool.droppedBatches).toBe(1);
  const sent: (number | undefined)[] = [];
  for (let frame = spool.take(); frame !== undefined; frame = spool.take()) {
    sent.push(number(frame));
    spool.acknowledge(number(frame)!);
  }
  expect(sent).toEqual([1, 2, 4, 5]);
});

test('a single batch is kept whatever its size', () => {
  const spool = new Spool(FRAME, FRAME, 'drop');
  spool.add(new Uint8Array(FRAME * 20), 3);
  expect(spool.droppedFlows).toBe(0);
  expect(number(spool.take())).toBe(1);
});

test('where the sender waits nothing is dropped', () => {
  const spool = new Spool(FRAME * 2, FRAME, 'wait');
  for (let i = 0; i < 5; i++) spool.add(records, 1);
  expect(spool.full).toBe(true);
  expect(spool.droppedFlows).toBe(0);
  spool.acknowledge(3);
  expect(spool.full).toBe(true);
  expect(spool.roomy).toBe(false);
  spool.acknowledge(4);
  expect(spool.roomy).toBe(true);
});

test('whatever happens: bounded, in order, and every batch is sent, acknowledged or counted', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('add' as const), size: fc.integer({ min: 1, max: 5 }) }),
    fc.record({ do: fc.constantFrom('take' as const, 'rewind' as const, 'ack' as const) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const spool = new Spool(10 * FRAME, 4 * FRAME, 'drop');
      let added = 0;
      let last = 0;
      let acknowledged = 0;
      for (const one of steps) {
        if (one.do === 'add') {
          spool.add(new Uint8Array(one.size * FRAME - BATCH_HEADER), 1);
          added++;
        } else if (one.do === 'take') {
          const sent = number(spool.take());
          if (sent !== undefined) {
            expect(sent).toBeGreaterThan(last);
            last = sent;
          }
        } else if (one.do === 'rewind') {
          spool.rewind();
          last = acknowledged;
        } else {
          acknowledged = Math.max(acknowledged, last);
          spool.acknowledge(acknowledged);
        }
        expect(spool.bytes).toBeLessThanOrEqual(10 * FRAME);
      }
      // All that is left can be sent after a reconnect, in order, and nothing else.
      spool.rewind();
      const left = spool.batches;
      let sent = 0;
      for (let frame = spool.take(); frame !== undefined; frame = spool.take()) {
        sent++;
        spool.acknowledge(number(frame)!);
      }
      expect(sent).toBe(left);
      expect(spool.bytes).toBe(0);
      expect(spool.droppedBatches + left).toBeLessThanOrEqual(added);
    }),
  );
});
