import { expect, test } from 'vitest';
import type { MarkedPacket } from '../../../flow/exchange-mark.ts';
import { RecordView, toFlow } from '../../../flow/record.ts';
import { type ExchangeSpec, exchangeRecord } from '../../../test/records.ts';
import { CapturedNames } from '../captured-names.ts';
import { Held } from '../held.ts';
import { Marks } from '../marks.ts';
import { AddressNamer } from '../namer.ts';
import { observe } from '../observation.ts';
import { joinMarked } from './join-marked.ts';

const T = 1_700_000_000_000_000;
/** From the client to its sidecar, to the other one, to the server. */
const WAYS: Partial<ExchangeSpec>[] = [
  { time: T, src: '10.1.1.5', srcPort: 1, dst: '127.0.0.1', dstPort: 15_001 },
  { time: T + 900_000, src: '10.1.1.5', srcPort: 2, dst: '10.1.2.7', dstPort: 8080 },
  { time: T - 900_000, src: '127.0.0.6', srcPort: 3, dst: '10.1.2.7', dstPort: 8080 },
];

function mark(
  { time = T, src, srcPort, dst, dstPort }: Partial<ExchangeSpec>,
  way: number,
  flow = 'f',
): MarkedPacket {
  return { time, from: `${src}:${srcPort}`, to: `${dst}:${dstPort}`, mark: { flow, way, ways: 3 } };
}
const marked = (...told: MarkedPacket[]) => {
  const marks = new Marks();
  marks.learn(told);
  return marks;
};
const ALL = WAYS.map((way, n) => mark(way, n + 1));

function held(spec: Partial<ExchangeSpec>): Held {
  const record = exchangeRecord({ ...spec, requestSeq: spec.srcPort! * 1_000_000 });
  const namer = new CapturedNames(new AddressNamer(), new Marks());
  return new Held(observe(new RecordView().at(record, 0), record, { node: 'n', session: 's' }, namer));
}
const hopsOf = (all: readonly Held[]) =>
  all.flatMap((one) => {
    const arrival = one.seal();
    if (arrival === undefined) return [];
    return [toFlow(new RecordView().at(arrival.record, 0), arrival).hops?.map(({ src }) => src.port)];
  });

test('what a file says are ways of one flow becomes one, in their order, with no id and on any clock', () => {
  const all = [2, 0, 1].map((n) => held(WAYS[n]!));
  joinMarked(marked(...ALL), all, []);
  expect(hopsOf(all)).toEqual([[1, 2, 3]]);
});

test('it comes of the first of them, when that is due', () => {
  const [due, waiting] = [[held(WAYS[1]!)], [held(WAYS[0]!), held(WAYS[2]!)]];
  joinMarked(marked(...ALL), [], [...due, ...waiting]);
  expect([...due, ...waiting].some(({ joined }) => joined)).toBe(false);
  joinMarked(marked(...ALL), due, waiting);
  expect(hopsOf(due)).toEqual([[1, 2, 3]]);
  expect(hopsOf(waiting)).toEqual([]);
});

test.each<[string, Partial<ExchangeSpec>[], MarkedPacket[]]>([
  ['with no marks', WAYS, []],
  ['marked as different flows', WAYS, WAYS.map((way, n) => mark(way, n + 1, `f${n}`))],
  ['marked as one and the same way', WAYS, WAYS.map((way) => mark(way, 1))],
  ['requests that differ', WAYS.map((way, n) => ({ ...way, target: `/${n}` })), ALL],
  ['methods that differ', WAYS.map((way, n) => ({ ...way, method: ['GET', 'PUT', 'POST'][n]! })), ALL],
  ['of another time', WAYS.map((way) => ({ ...way, time: T + 5_000_000 })), ALL],
  ['without the others', WAYS.slice(0, 1), ALL],
])('what cannot be one stays apart: %s', (_, seen, told) => {
  const all = seen.map(held);
  joinMarked(marked(...told), all, []);
  expect(hopsOf(all)).toEqual(seen.map(() => undefined));
});

test('of a way that two claim to be the first is taken, and the other one is not lost', () => {
  const other = { ...WAYS[1]!, srcPort: 7 };
  const all = [...WAYS, other].map(held);
  joinMarked(marked(...ALL, mark(other, 2)), all, []);
  expect(hopsOf(all)).toEqual([[1, 2, 3], undefined]);
});

test('a packet that begins several exchanges says of none which way it is', () => {
  const all = WAYS.map(held);
  joinMarked(marked(...ALL, ...WAYS.map((way, n) => mark(way, n + 1, 'g'))), all, []);
  expect(hopsOf(all)).toEqual([undefined, undefined, undefined]);
});

test('the marks that are kept are bounded: the first ones go', () => {
  const marks = marked(...ALL);
  marks.learn(Array.from({ length: 100_000 }, (_, n) => ({ ...ALL[0]!, time: n })));
  const all = WAYS.map(held);
  joinMarked(marks, all, []);
  expect(hopsOf(all)).toHaveLength(3);
});

test('an exchange is named by the ends that its mark tells', () => {
  const marks = marked({
    ...mark(WAYS[1]!, 1),
    mark: {
      flow: 'f',
      way: 1,
      ways: 1,
      ends: { src: { ip: '192.0.2.9', port: 5 }, dst: { ip: '10.1.9.9', port: 80 } },
    },
  });
  const names = new CapturedNames(new AddressNamer(), marks);
  names.learn([['10.1.9.9', 'cart-1.shop.pod', 'cart.shop.workload', 'cart-1.shop']]);
  const view = new RecordView().at(exchangeRecord(WAYS[1]!), 0);
  expect(names.dst(view, 'n').endpoint).toMatchObject({
    ip: '10.1.9.9',
    port: 80,
    pod: 'cart-1',
    name: 'cart',
  });
  expect(names.src(view, 'n').endpoint).toEqual({ ip: '192.0.2.9', port: 5, name: '192.0.2.9' });
});

test.each(['', 'meta.example.org'])(
  'an end that the file names is called %j where the mark says so',
  (name) => {
    const way = WAYS[1]!;
    const marks = marked({ ...mark(way, 1), mark: { flow: 'f', way: 1, ways: 1, name, clientName: name } });
    const names = new CapturedNames(new AddressNamer(), marks);
    const view = new RecordView().at(exchangeRecord(way), 0);
    names.learn([
      [view.srcIp, 'one.example.org'],
      [view.dstIp, 'www.example.org'],
    ]);
    expect(names.dst(view, 'n').endpoint.name).toBe(name || view.dstIp);
    expect(names.src(view, 'n').endpoint.name).toBe(name || view.srcIp);
  },
);
