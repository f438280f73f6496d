import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RecordView, toFlow } from '../../../flow/record.ts';
import { type ExchangeSpec, exchangeRecord } from '../../../test/records.ts';
import type { Arrival } from '../../store/store.ts';
import { Held } from '../held.ts';
import { type Namer, type SeenEnd, Standing } from '../namer.ts';
import { observe } from '../observation.ts';
import { joinWays } from './join.ts';

const T = 1_700_000_000_000_000;
const PODS: Record<string, string> = { '10.1.1.5': 'client', '10.1.2.7': 'cart', '10.1.3.9': 'other' };
const cluster: Namer = {
  src: (view) => end(view.srcIp, view.srcPort),
  dst: (view) => end(view.dstIp, view.dstPort),
};

function end(ip: string, port: number): SeenEnd {
  const pod = PODS[ip];
  if (pod === undefined) return { endpoint: { ip, port, name: ip }, standing: Standing.outside };
  return { endpoint: { ip, port, name: pod, namespace: 'shop', pod, workload: pod }, standing: Standing.own };
}

interface Seen extends Partial<ExchangeSpec> {
  id?: string;
  trace?: string;
}

let connections = 0;
function seen(node: string, { id, trace, ...spec }: Seen): Held {
  const fields = [
    'cart.shop',
    ...(id === undefined ? [] : [`X-Request-Id: ${id}`]),
    ...(trace === undefined ? [] : [`traceparent: 00-${trace.padStart(32, '0')}-${'1'.repeat(16)}-01`]),
  ];
  connections++;
  const record = exchangeRecord({
    ...{ host: fields.join('\r\n'), target: '/items', connection: connections },
    ...{ requestSeq: connections * 7_000_003, responseSeq: connections * 5_000_011 },
    ...spec,
  });
  return new Held(observe(new RecordView().at(record, 0), record, { node, session: `of-${node}` }, cluster));
}

/** The client's app to its sidecar, from there to the other one, from there to the app; µs after T. */
const outbound = (by: Seen = {}, node = 'pod-a') =>
  seen(node, {
    ...{ src: '10.1.1.5', srcPort: 40_001, dst: '127.0.0.1', dstPort: 15_001 },
    time: T,
    elapsed: 9000,
    ...by,
  });
const between = (by: Seen = {}, node = 'pod-a') =>
  seen(node, {
    ...{ src: '10.1.1.5', srcPort: 40_002, dst: '10.1.2.7', dstPort: 8080 },
    time: T + 1500,
    elapsed: 6000,
    ...by,
  });
const inbound = (by: Seen = {}, node = 'pod-a') =>
  seen(node, {
    ...{ src: '127.0.0.6', srcPort: 40_003, dst: '10.1.2.7', dstPort: 8080 },
    time: T + 3000,
    elapsed: 3000,
    ...by,
  });

/** What arrives of them. */
function joined(due: Held[], waiting: Held[] = []): Arrival[] {
  joinWays(due, waiting);
  return [...due, ...waiting].flatMap((held) => held.seal() ?? []);
}
const flowOf = (arrival: Arrival) => toFlow(new RecordView().at(arrival.record, 0), arrival);
const waysOf = (arrival: Arrival) =>
  flowOf(arrival).hops?.map(({ src, dst }) => `${src.ip} ${dst.ip}:${dst.port}`);

const ALL = ['10.1.1.5 127.0.0.1:15001', '10.1.1.5 10.1.2.7:8080', '127.0.0.6 10.1.2.7:8080'];

test.each([
  ['by x-request-id', { id: 'r1' }],
  ['by trace id', { trace: 'abc' }],
  ['with no id, when there is no other one', {}],
])('three ways become one exchange from pod to pod, %s', (_, by) => {
  const [arrival, ...others] = joined([inbound(by), between(by), outbound(by)]);
  expect(others).toEqual([]);
  const flow = flowOf(arrival!);
  expect(flow).toMatchObject({
    src: { pod: 'client', port: 40_002 },
    dst: { pod: 'cart', port: 8080 },
    elapsedMs: 6,
    timing: { clientMs: 9, networkMs: 6 },
    request: { path: '/items' },
    completeness: ['complete'],
  });
  expect(flow.timing.serverMs).toBeCloseTo(2.98);
  expect(flow.hops).toEqual([
    expect.objectContaining({
      elapsedMs: 9,
      status: 200,
      node: 'pod-a',
      connection: expect.stringMatching(/^of-pod-a-/),
    }),
    expect.objectContaining({ elapsedMs: 6 }),
    expect.objectContaining({ elapsedMs: 3 }),
  ]);
  expect(waysOf(arrival!)).toEqual(ALL);
});

test('in any order, and whatever is due: one exchange, committed with the first of them', () => {
  const by = { id: 'r1' };
  fc.assert(
    fc.property(
      fc.shuffledSubarray([inbound, between, outbound], { minLength: 3 }),
      fc.nat(3),
      (order, dueCount) => {
        const all = order.map((make) => make(by));
        joinWays(all.slice(0, dueCount), all.slice(dueCount));
        const due = all.slice(0, dueCount).flatMap((held) => held.seal() ?? []);
        expect(due).toHaveLength(dueCount === 0 ? 0 : 1);
        for (const arrival of due) expect(waysOf(arrival)).toEqual(ALL);
        joinWays(all.slice(dueCount), []);
        const rest = all.slice(dueCount).flatMap((held) => held.seal() ?? []);
        expect(rest).toHaveLength(dueCount === 0 ? 1 : 0);
      },
    ),
  );
});

test('Linkerd: its ports, and a proxy that calls the server by the pod’s own address', () => {
  const by = { id: 'r1' };
  const [arrival, ...others] = joined([
    outbound({ ...by, dstPort: 4140 }),
    between({ ...by, dstPort: 4143 }),
    inbound({ ...by, src: '10.1.2.7' }),
  ]);
  expect(others).toEqual([]);
  expect(flowOf(arrival!)).toMatchObject({ src: { pod: 'client' }, dst: { pod: 'cart', port: 8080 } });
});

test('each pod by a capture of its own, on clocks of their own: the id tells', () => {
  const by = { id: 'r1' };
  const held = [outbound(by), between(by), inbound({ ...by, time: T - 400_000 }, 'pod-b')];
  expect(joined(held).map(waysOf)).toEqual([ALL]);
  const without = [outbound(), between(), inbound({ time: T - 400_000 }, 'pod-b')];
  expect(joined(without)).toHaveLength(2);
});

test('encrypted between the sidecars: from the client’s side to the server’s, by the id', () => {
  const [arrival, ...others] = joined([outbound({ id: 'r1' }), inbound({ id: 'r1' })]);
  expect(others).toEqual([]);
  expect(flowOf(arrival!)).toMatchObject({ src: { pod: 'client' }, dst: { pod: 'cart' } });
  expect(waysOf(arrival!)).toEqual([ALL[0], ALL[2]]);
  expect(joined([outbound(), inbound()])).toHaveLength(2);
});

test('a proxy before the server alone', () => {
  const [arrival] = joined([between(), inbound({ src: '127.0.0.1' })]);
  expect(waysOf(arrival!)).toHaveLength(2);
});

test.each<[string, () => Held[]]>([
  ['another id', () => [between({ id: 'r1' }), inbound({ id: 'r2' })]],
  ['another trace', () => [between({ trace: 'a' }), inbound({ trace: 'b' })]],
  [
    'the same trace and another id',
    () => [between({ id: 'r1', trace: 'a' }), inbound({ id: 'r2', trace: 'a' })],
  ],
  ['another method', () => [between({ method: 'GET' }), inbound({ method: 'HEAD' })]],
  ['another target', () => [between(), inbound({ target: '/items?page=2' })]],
  ['a server in another pod', () => [between({ id: 'r1' }), inbound({ id: 'r1', dst: '10.1.3.9' })]],
  ['a client in another pod', () => [outbound({ src: '10.1.3.9' }), between()]],
  ['begun before', () => [between(), inbound({ time: T - 5000 })]],
  ['ended later', () => [between(), inbound({ elapsed: 9000 })]],
  ['after it', () => [outbound(), between({ time: T + 20_000 })]],
  ['on another node with no id', () => [between(), inbound({}, 'pod-b')]],
  [
    'on another node long ago',
    () => [between({ id: 'r1' }), inbound({ id: 'r1', time: T - 9_000_000 }, 'pod-b')],
  ],
  [
    'from pod to pod, as a request that is passed on',
    () => [between(), seen('pod-a', { src: '10.1.2.7', dst: '10.1.3.9', time: T + 3000, elapsed: 100 })],
  ],
  [
    'two that could be it',
    () => [between(), inbound(), inbound({ srcPort: 40_009, time: T + 3500, elapsed: 100 })],
  ],
])('what is no way of it stays apart: %s', (_, make) => {
  const held = make();
  const arrivals = joined(held);
  expect(arrivals).toHaveLength(held.length);
  expect(arrivals.map(waysOf)).toEqual(held.map(() => undefined));
});

test('the same request again and again, one after the other and at once, each with its own ways', () => {
  const all = Array.from({ length: 500 }, (_, n) => {
    const by = { id: `r${n}` };
    const at = T + Math.floor(n / 5) * 20_000;
    return [
      outbound({ ...by, time: at, srcPort: 1000 + n }),
      between({ ...by, time: at + 1500, srcPort: 2000 + n }),
      inbound({ ...by, time: at + 3000, srcPort: 3000 + n }),
    ];
  });
  const arrivals = joined(all.flat());
  expect(arrivals).toHaveLength(500);
  for (const arrival of arrivals) {
    const ports = flowOf(arrival).hops!.map(({ src }) => src.port % 1000);
    expect(new Set(ports).size).toBe(1);
  }
});

test('very many alike without ids cost no time: they stay apart', () => {
  const all = Array.from({ length: 3000 }, (_, n) => (n % 2 === 0 ? between() : inbound()));
  const begin = performance.now();
  expect(joined(all)).toHaveLength(3000);
  expect(performance.now() - begin).toBeLessThan(10_000);
});
