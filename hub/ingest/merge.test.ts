import { expect, test } from 'vitest';
import { RecordView } from '../../flow/record.ts';
import { arrival, connectionArrival } from '../../test/arrivals.ts';
import type { ExchangeSpec } from '../../test/records.ts';
import type { Arrival } from '../store/store.ts';
import { FingerprintMerger } from './merge.ts';

const T = 1_700_000_000_000_000;
const add = (merger: FingerprintMerger, one: Arrival) => merger.add(one, new RecordView().at(one.record, 0));

/** A pod's request to a service: on the client's device to the ClusterIP, on the server's to the pod. */
const beforeNat = (spec: Partial<ExchangeSpec> = {}, changes: Partial<Arrival> = {}) =>
  arrival(
    { src: '10.244.0.5', srcPort: 40_001, dst: '10.96.0.10', dstPort: 80, ...spec },
    { dst: { ip: '10.96.0.10', port: 80, name: 'cart', namespace: 'shop', service: 'cart' }, ...changes },
  );
const afterNat = (spec: Partial<ExchangeSpec> = {}, changes: Partial<Arrival> = {}) =>
  arrival(
    { time: T + 40, src: '10.244.0.5', srcPort: 40_001, dst: '10.244.1.7', dstPort: 8080, ...spec },
    {
      dst: { ip: '10.244.1.7', port: 8080, name: 'cart', namespace: 'shop', pod: 'cart-7', workload: 'cart' },
      ...changes,
    },
  );

test.each([
  ['client side first', beforeNat(), afterNat()],
  ['server side first', afterNat(), beforeNat()],
])('before and after address translation is one exchange: %s', (_, first, second) => {
  const merger = new FingerprintMerger(0);
  const held = add(merger, first)!;
  expect(add(merger, second)).toBeUndefined();
  expect(held.seal()).toMatchObject({
    id: first.id,
    src: { ip: '10.244.0.5', port: 40_001 },
    dst: { ip: '10.244.1.7', port: 8080, pod: 'cart-7', service: 'cart' },
    observations: 2,
  });
  expect(merger.counters).toMatchObject({ mergedFlows: 1, mergedLate: 0 });
});

test('one that comes after its exchange was committed is dropped and counted', () => {
  const merger = new FingerprintMerger(0);
  add(merger, beforeNat())!.seal();
  expect(add(merger, afterNat())).toBeUndefined();
  expect(merger.counters).toMatchObject({ mergedFlows: 0, mergedLate: 1 });
});

test('two nodes may be two seconds apart, one node may not', () => {
  const merger = new FingerprintMerger(500);
  add(merger, beforeNat({}, { node: 'a' }));
  expect(add(merger, afterNat({ time: T + 1.9e6 }, { node: 'b' }))).toBeUndefined();
  const local = new FingerprintMerger(0);
  add(local, beforeNat());
  expect(add(local, afterNat({ time: T + 30_000 }))).toBeDefined();
});

test('the record that lacks less is kept', () => {
  const merger = new FingerprintMerger(0);
  const broken = beforeNat({ completeness: 1, gapBytes: 500 });
  const whole = afterNat();
  const held = add(merger, broken)!;
  add(merger, whole);
  expect(held.seal().record).toBe(whole.record);
});

test.each<[string, Partial<ExchangeSpec>]>([
  ['another target', { target: '/other' }],
  ['another status', { status: 404 }],
  ['another sequence number of the answer', { responseSeq: 0x7000_0001 }],
  ['no address in common', { src: '10.9.9.9', dst: '10.8.8.8' }],
])('not merged: %s', (_, spec) => {
  const merger = new FingerprintMerger(0);
  add(merger, beforeNat());
  expect(add(merger, afterNat(spec))).toBeDefined();
});

test('captures made by programs number all connections alike: those are not merged', () => {
  const merger = new FingerprintMerger(0);
  add(merger, beforeNat({ requestSeq: 1001, responseSeq: 5001 }));
  expect(add(merger, afterNat({ requestSeq: 1001, responseSeq: 5001 }))).toBeDefined();
});

test('connections are never merged', () => {
  const merger = new FingerprintMerger(0);
  add(merger, connectionArrival());
  expect(add(merger, connectionArrival())).toBeDefined();
});
