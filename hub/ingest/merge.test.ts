import { describe, expect, test } from 'vitest';
import { ExchangeLayout, PartFlag, RecordView, toFlow } from '../../flow/record.ts';
import {
  type ConnectionSpec,
  connectionRecord,
  type ExchangeSpec,
  exchangeRecord,
} from '../../test/records.ts';
import type { Arrival } from '../store/store.ts';
import type { Held } from './held.ts';
import { FingerprintMerger } from './merge.ts';
import { AddressNamer, type Namer, type SeenEnd, Standing } from './namer.ts';
import { type Observation, observe } from './observation.ts';
import { MAX_REMEMBERED } from './remembered.ts';

const T = 1_700_000_000_000_000;
const ONE_SIDED = 4;

/** A small cluster: node-a (10.0.0.1) with the client's pod 10.1.1.5, node-b (10.0.0.2) with the pods of cart. */
const cluster: Namer = {
  src: (view) => end(view.srcIp, view.srcPort),
  dst: (view) => end(view.dstIp, view.dstPort),
};
const ENDS: Record<string, Omit<SeenEnd, 'endpoint'> & { pod?: string; node?: string }> = {
  '10.0.0.1': { standing: Standing.onTheWay, node: 'node-a' },
  '10.0.0.2': { standing: Standing.onTheWay, node: 'node-b' },
  '10.1.2.1': { standing: Standing.onTheWay, node: 'node-b' },
  '10.9.0.10': { standing: Standing.onTheWay, service: 'cart' },
  '10.1.1.5': { standing: Standing.own, pod: 'client', node: 'node-a' },
  '10.1.2.7': { standing: Standing.own, pod: 'cart-7', node: 'node-b' },
};
function end(ip: string, port: number): SeenEnd {
  const { standing, service, pod, node } = ENDS[ip] ?? { standing: Standing.outside };
  const dialled = port === 30_080 ? 'cart' : service;
  return {
    endpoint: { ip, port, name: pod ?? ip, ...(pod && { pod }), ...(node && { node }) },
    standing,
    ...(dialled && { service: dialled }),
  };
}

function seen(node: string, spec: Partial<ExchangeSpec>, namer = cluster): Observation {
  const record = exchangeRecord(spec);
  return observe(new RecordView().at(record, 0), record, { node, session: `of-${node}` }, namer);
}

/** The client's pod asks the service; node-a sees it before and after translation, node-b after. */
const CLIENT = { src: '10.1.1.5', srcPort: 40_001 };
const beforeNat = (spec: Partial<ExchangeSpec> = {}, node = 'node-a') =>
  seen(node, { ...CLIENT, dst: '10.9.0.10', dstPort: 80, elapsed: 3000, ...spec });
const afterNat = (spec: Partial<ExchangeSpec> = {}, node = 'node-b') =>
  seen(node, { ...CLIENT, time: T + 40, dst: '10.1.2.7', dstPort: 8080, elapsed: 2000, ...spec });

/** What comes of them: arrivals in the order in which they were begun. */
function merged(observations: readonly Observation[], merger = new FingerprintMerger(0)): Arrival[] {
  const held = observations.flatMap((one) => merger.add(one) ?? []);
  return sealAll(held);
}
const sealAll = (held: readonly Held[]): Arrival[] => held.flatMap((one) => one.seal() ?? []);

/** All orders of a few things. */
function orders<T>(things: readonly T[]): T[][] {
  if (things.length < 2) return [[...things]];
  return things.flatMap((first, i) => orders(things.toSpliced(i, 1)).map((rest) => [first, ...rest]));
}

test('before and after translation, on both nodes, in any order: one exchange with its real ends', () => {
  for (const order of orders([0, 1, 2])) {
    const all = [beforeNat(), afterNat({}, 'node-a'), afterNat()];
    const { id } = all[order[0]];
    const arrivals = merged(order.map((i) => all[i]));
    expect(arrivals).toHaveLength(1);
    expect(arrivals[0]).toMatchObject({
      id,
      src: { ip: '10.1.1.5', port: 40_001, pod: 'client' },
      dst: { ip: '10.1.2.7', port: 8080, pod: 'cart-7', service: 'cart' },
      observations: 3,
    });
  }
});

test('its packets are asked of whoever saw the addresses that are shown, in any order', () => {
  for (const order of orders([0, 1, 2])) {
    const all = [beforeNat(), afterNat({ src: '10.0.0.1', srcPort: 6001 }), afterNat({}, 'node-c')];
    expect(merged(order.map((i) => all[i]))).toMatchObject([{ session: 'of-node-c' }]);
    // A hole counts more.
    all[2] = afterNat({ completeness: ONE_SIDED, gapBytes: 9 }, 'node-c');
    expect(merged(order.map((i) => all[i]))).toMatchObject([{ session: 'of-node-b' }]);
  }
});

test('a port of another node, both ends translated twice', () => {
  for (const order of orders([0, 1, 2])) {
    const all = [
      seen('node-a', { ...CLIENT, dst: '10.0.0.2', dstPort: 30_080 }),
      seen('node-b', { src: '10.0.0.1', srcPort: 6001, dst: '10.0.0.2', dstPort: 30_080 }),
      seen('node-b', { src: '10.1.2.1', srcPort: 7001, dst: '10.1.2.7', dstPort: 8080 }),
    ];
    const [one, ...others] = merged(order.map((i) => all[i]));
    expect(others).toEqual([]);
    expect(one).toMatchObject({
      src: { pod: 'client' },
      dst: { pod: 'cart-7', port: 8080, service: 'cart' },
    });
  }
});

test('an outside client through a node to a pod of another one keeps its address', () => {
  const [one, ...others] = merged([
    seen('node-b', { src: '10.0.0.1', srcPort: 6001, dst: '10.1.2.7', dstPort: 8080 }),
    seen('node-a', { src: '192.0.2.9', srcPort: 5001, dst: '10.0.0.1', dstPort: 30_080 }),
  ]);
  expect(others).toEqual([]);
  expect(one).toMatchObject({
    src: { ip: '192.0.2.9', port: 5001 },
    dst: { pod: 'cart-7', service: 'cart' },
  });
});

test('a pod that calls itself through its service, with no cluster known', () => {
  const names = new AddressNamer();
  const arrivals = merged([
    seen('node-b', { src: '10.1.2.7', srcPort: 4001, dst: '10.9.0.10', dstPort: 80 }, names),
    seen('node-b', { time: T + 20, src: '10.1.2.1', srcPort: 1212, dst: '10.1.2.7', dstPort: 8080 }, names),
  ]);
  expect(arrivals).toMatchObject([
    { src: { ip: '10.1.2.7', port: 4001 }, dst: { ip: '10.1.2.7', port: 8080 } },
  ]);
});

test('times at both ends are kept, whichever record is', () => {
  const times = (order: Observation[]) => {
    const [arrival] = merged(order);
    return toFlow(new RecordView().at(arrival.record, 0), arrival).timing;
  };
  const expected = { serverMs: 1.98, clientMs: 3, networkMs: 1 };
  expect(times([beforeNat(), afterNat()])).toMatchObject(expected);
  expect(times([afterNat(), beforeNat()])).toMatchObject(expected);
  // The server's node had the shortest wait of all, and yet it is not what counts: the pod's own node is.
  const elsewhere = afterNat({ elapsed: 1000 }, 'node-c');
  expect(times([elsewhere, beforeNat(), afterNat()])).toMatchObject(expected);
  expect(times([afterNat()])).toMatchObject({ serverMs: 1.98, clientMs: 2 });
  expect(times([afterNat()])).not.toHaveProperty('networkMs');
});

test('what one worker lost another one has', () => {
  const noAnswer = () => beforeNat({ status: 0, completeness: ONE_SIDED });
  const whole = () => afterNat();
  const noRequest = () => answerOnly(afterNat({}, 'node-a'));
  for (const order of orders([0, 1, 2])) {
    const all = [noAnswer(), whole(), noRequest()];
    const arrivals = merged(order.map((i) => all[i]));
    expect(arrivals).toHaveLength(1);
    expect(arrivals[0].dst).toMatchObject({ pod: 'cart-7', service: 'cart' });
    expect(arrivals[0].observations).toBe(3);
    expect(toFlow(new RecordView().at(arrivals[0].record, 0), arrivals[0]).completeness).toEqual([
      'complete',
    ]);
  }
});

/** The same observation by a worker that saw nothing of the request. */
function answerOnly(one: Observation): Observation {
  const record = one.record.slice();
  record[ExchangeLayout.parts] = PartFlag.response;
  new DataView(record.buffer).setUint16(ExchangeLayout.completeness, ONE_SIDED, true);
  return {
    ...one,
    requestKey: 0,
    requestTime: Number.NaN,
    randomSeqs: 1,
    record,
  };
}

test('answers alone are one exchange by their position', () => {
  const arrivals = merged([
    answerOnly(beforeNat()),
    answerOnly(afterNat()),
    answerOnly(afterNat({}, 'node-a')),
  ]);
  expect(arrivals).toHaveLength(1);
});

test('the record that lacks less is kept', () => {
  const whole = afterNat();
  const { record } = whole;
  const [arrival] = merged([beforeNat({ completeness: 1, gapBytes: 500 }), whole]);
  expect(arrival.record).toBe(record);
});

test('one that comes after its exchange was committed is dropped and counted', () => {
  const merger = new FingerprintMerger(0);
  merger.add(beforeNat())!.seal();
  expect(merger.add(afterNat())).toBeUndefined();
  expect(merger.counters).toMatchObject({ mergedFlows: 0, mergedLate: 1 });
});

test('between nodes seconds may lie; of what is not translated no clock is asked if it is whole', () => {
  const later = (seconds: number, spec: Partial<ExchangeSpec> = {}) =>
    afterNat({ time: T + seconds * 1e6, ...spec });
  expect(merged([beforeNat(), later(4.9)])).toHaveLength(1);
  expect(merged([beforeNat(), later(5.1)])).toHaveLength(2);
  const part = () => afterNat({ status: 0 }, 'node-a');
  expect(merged([part(), later(4.9)])).toHaveLength(1);
  expect(merged([part(), later(5.1)])).toHaveLength(2);
  expect(merged([afterNat({}, 'node-a'), later(3600)])).toHaveLength(1);
});

test('on one node what is seen near the server lies within what is seen near the client', () => {
  const client = () => beforeNat({ elapsed: 300_000 });
  const server = (from: number, to: number) => afterNat({ time: T + from, elapsed: to - from }, 'node-a');
  // What was lost on the way to the server was sent again.
  expect(merged([client(), server(200_000, 299_000)])).toHaveLength(1);
  expect(merged([server(200_000, 299_000), client()])).toHaveLength(1);
  expect(merged([client(), server(200_000, 310_000)])).toHaveLength(2);
  expect(merged([client(), server(300_000, 400_000)])).toHaveLength(2);
  const part = (time: number) => afterNat({ time: T + time, status: 0 }, 'node-a');
  expect(merged([client(), part(240_000)])).toHaveLength(1);
  expect(merged([client(), part(260_000)])).toHaveLength(2);
});

test.each<[string, Partial<ExchangeSpec>]>([
  ['another target', { target: '/other' }],
  ['another method', { method: 'PUT' }],
  ['another status', { status: 404 }],
  ['another sequence number of the request', { requestSeq: 0x3000_0001 }],
  ['another sequence number of the answer', { responseSeq: 0x7000_0001 }],
])('not merged: %s', (_, spec) => {
  expect(merged([beforeNat(), afterNat(spec)])).toHaveLength(2);
});

test('positions that are alike by chance, between ends that have nothing to do with each other, are kept apart and counted', () => {
  const merger = new FingerprintMerger(0);
  const others = seen('node-a', { src: '192.0.2.1', dst: '192.0.2.2' });
  expect(merged([afterNat(), others], merger)).toHaveLength(2);
  expect(merger.counters.mergeAmbiguous).toBeGreaterThan(0);
});

test('both ends translated on one node, with no cluster known: the same at the same time is the same', () => {
  const names = new AddressNamer();
  const outer = { src: '192.0.2.1', srcPort: 5001, dst: '10.0.0.1', dstPort: 30_080, elapsed: 3000 };
  const inner = {
    time: T + 50,
    src: '10.1.2.1',
    srcPort: 7001,
    dst: '10.1.2.7',
    dstPort: 8080,
    elapsed: 2000,
  };
  expect(merged([seen('a', outer, names), seen('a', inner, names)])).toHaveLength(1);
  expect(merged([seen('a', outer, names), seen('b', inner, names)])).toHaveLength(2);
  expect(merged([seen('a', outer, names), seen('a', { ...inner, time: T + 3000 }, names)])).toHaveLength(2);
  const alike = { requestSeq: 1001 };
  expect(
    merged([seen('a', { ...outer, ...alike }, names), seen('a', { ...inner, ...alike }, names)]),
  ).toHaveLength(2);
});

test('at one place one connection has one exchange at a position: a capture that was made twice is not merged', () => {
  expect(merged([beforeNat(), beforeNat({ time: T + 10 })])).toHaveLength(2);
});

test('many clients of one server, all numbered alike, one after the other, are as many exchanges', () => {
  const names = new AddressNamer();
  const clients = Array.from({ length: 9 }, (_, i) =>
    seen('node-a', { time: T + i * 2000, src: `10.7.0.${i % 3}`, srcPort: 1000 + i, connection: i }, names),
  );
  expect(merged(clients)).toHaveLength(9);
});

test('captures made by programs number all connections alike: only what the addresses prove is merged', () => {
  const alike = { requestSeq: 1001, responseSeq: 5001 };
  const names = new AddressNamer();
  const plain = (spec: Partial<ExchangeSpec>, node = 'node-a') =>
    seen(node, { ...CLIENT, ...alike, ...spec }, names);
  expect(merged([plain({ dst: '10.8.0.1' }), plain({ dst: '10.8.0.2' })])).toHaveLength(2);
  expect(merged([plain({ src: '10.8.0.1' }), plain({ src: '10.8.0.2' })])).toHaveLength(2);
  expect(merged([plain({}), plain({}, 'node-b')])).toHaveLength(1);
  expect(merged([beforeNat(alike), afterNat(alike)])).toHaveLength(1);
  const masqueraded = { ...alike, src: '10.1.2.1', srcPort: 7001 };
  expect(merged([beforeNat(alike), afterNat(masqueraded, 'node-a')])).toHaveLength(1);
  expect(merged([beforeNat(alike), afterNat({ ...masqueraded, time: T + 3000 }, 'node-a')])).toHaveLength(2);
});

test('what is seen at too many places is no exchange', () => {
  const places = Array.from({ length: 40 }, (_, i) => afterNat({}, `node-${i}`));
  expect(merged(places).map(({ observations }) => observations)).toEqual([16, 16, 8]);
});

test('memory is bounded, and what could still have been joined is counted', () => {
  const merger = new FingerprintMerger(0);
  const one = beforeNat();
  const add = (n: number) => merger.add({ ...one, requestKey: n, responseKey: 0 });
  for (let n = 1; n <= MAX_REMEMBERED; n++) add(n);
  expect(merger.counters.mergeForgotten).toBe(0);
  for (let n = 1; n <= 1000; n++) add(MAX_REMEMBERED + n);
  expect(merger.counters.mergeForgotten).toBe(1000);
  // The oldest went, the others are known.
  const again = { ...afterNat(), responseKey: 0 };
  expect(merger.add({ ...again, requestKey: 1000 })).toBeDefined();
  expect(merger.add({ ...again, requestKey: 1100 })).toBeUndefined();
});

describe('connections', () => {
  const connection = (node: string, spec: Partial<ConnectionSpec> = {}) => {
    const record = connectionRecord(spec);
    return observe(new RecordView().at(record, 0), record, { node, session: `of-${node}` }, cluster);
  };
  const refused = (node: string, spec: Partial<ConnectionSpec>) =>
    connection(node, { ...CLIENT, refused: true, ...spec });
  const SERVICE = { dst: '10.9.0.10', dstPort: 80 };
  const POD = { dst: '10.1.2.7', dstPort: 8080, connection: 5 };

  test('that were not refused are never merged', () => {
    expect(merged([connection('a'), connection('a')])).toHaveLength(2);
  });

  test('a refusal seen before and after translation, on both nodes, in any order, is one with its real ends', () => {
    for (const order of orders([0, 1, 2])) {
      const all = [
        refused('node-a', SERVICE),
        refused('node-a', { ...POD, time: T + 40 }),
        refused('node-b', { ...POD, time: T + 90_000 }),
      ];
      const arrivals = merged(order.map((i) => all[i]));
      expect(arrivals).toHaveLength(1);
      expect(arrivals[0]).toMatchObject({
        src: { ip: '10.1.1.5', port: 40_001, pod: 'client' },
        dst: { ip: '10.1.2.7', port: 8080, pod: 'cart-7', service: 'cart' },
      });
      // Its id is that of the record, by whose session it is found.
      expect(arrivals[0].id).toBe(`${arrivals[0].session}-5`);
    }
  });

  test.each([
    ['another sequence number', { clientSeq: 0x2000_0001 }],
    ['another client and server', { src: '192.0.2.1', dst: '192.0.2.2' }],
    ['much later', { time: T + 6_000_000 }],
  ])('refusals that are two: %s', (_, other) => {
    expect(merged([refused('node-a', POD), refused('node-b', { ...POD, ...other })])).toHaveLength(2);
  });
});
