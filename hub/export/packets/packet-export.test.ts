import { expect, test } from 'vitest';
import type { Flow, FlowRequest } from '../../../flow/flow.ts';
import { formatTime } from '../../../flow/time.ts';
import type {
  NoAnswer,
  NoPackets,
  PacketAnswer,
  PacketReader,
  RecordedPacket,
} from '../../ingest/packet-requests.ts';
import type { ExportedPacket } from './format.ts';
import { PacketExport, type PacketSource } from './packet-export.ts';
import { WantedPackets } from './wanted.ts';

const START = 1.7e15;
const NOW = START + 3600e6;
/** Nobody cancels it. */
const STAYS = new AbortController().signal;
const PAGE = 'http://localhost:8899';

interface Worker {
  packets: RecordedPacket[];
  oldest?: number;
  overwrittenAt?: number;
  /** It is gone after so many frames, or has given the export up. */
  frames?: number;
  rest?: NoAnswer;
  /** It has more than an export may have. */
  isCut?: boolean;
  /** It does not even say how much it has. */
  silent?: boolean;
}

/** Workers by session; what each was asked for, and whether it was told the end. */
class Workers implements PacketSource {
  readonly wanted = new Map<string, number[]>();
  readonly ended: string[] = [];
  largest = 0;
  readonly #workers: Record<string, Worker | NoPackets>;

  constructor(workers: Record<string, Worker | NoPackets>) {
    this.#workers = workers;
  }

  packets(session: string): PacketReader | NoPackets {
    const worker = this.#workers[session]!;
    if (typeof worker === 'string') return worker;
    const left = [...worker.packets];
    const bytes = left.reduce((sum, { data }) => sum + data.length, 0);
    let frames = worker.frames ?? Number.POSITIVE_INFINITY;
    const answer = (packets: RecordedPacket[]): PacketAnswer => ({
      packets,
      hasMore: left.length > 0,
      total: { packets: worker.packets.length, bytes },
      oldest: worker.oldest ?? START,
      overwrittenAt: worker.overwrittenAt ?? Number.NaN,
      isCut: worker.isCut ?? false,
    });
    return {
      want: (numbers) => this.wanted.set(session, [...(this.wanted.get(session) ?? []), ...numbers]),
      estimate: async () => (worker.silent ? 'away' : answer([])),
      next: async (size) => {
        this.largest = Math.max(this.largest, size);
        return frames-- > 0 ? answer(left.splice(0, 3)) : (worker.rest ?? 'away');
      },
      end: () => this.ended.push(session),
    };
  }
}

/** A packet whose TCP segment has `seq`; `destination` is the last octet of the address. */
function packet(time: number, seq: number, destination = 2): RecordedPacket {
  const data = Buffer.alloc(44);
  data[0] = 0x45;
  data.set([10, 0, 0, 1, 10, 0, 0, destination], 12);
  data.writeUInt16BE(40_000, 20);
  data.writeUInt16BE(8000 + destination, 22);
  data.writeUInt32BE(seq, 24);
  return { time: START + time, connection: 1, data, wireLength: 44 };
}

function flow(session: string, time = 0, more: Partial<Flow> = {}): Flow {
  const src = { ip: '10.0.0.1', port: 40_000, name: 'client' };
  const dst = { ip: '10.0.0.2', port: 8002, name: 'cart' };
  return {
    id: `flow-${session}-${time}`,
    time: formatTime(START + time),
    node: `node-${session}`,
    connection: `${session}-1`,
    ...{ src, dst, request: { method: 'GET', path: '/cart' }, response: { status: 200 } },
    ...more,
  } as Flow;
}

async function exported(workers: Workers, ...flows: Flow[]) {
  const wanted = new WantedPackets(PAGE);
  for (const one of flows) wanted.add(one);
  const opened = await PacketExport.open(workers, wanted, NOW, STAYS);
  const packets: ExportedPacket[] = [];
  for await (const piece of opened.read()) packets.push(...piece);
  opened.close();
  return { opened, packets, sentences: opened.missing.sentences };
}

const times = (packets: readonly ExportedPacket[]) => packets.map(({ time }) => time - START);

test('packets of many workers come in the order of their times', async () => {
  const workers: Record<string, Worker> = {};
  for (let w = 0; w < 9; w++) {
    const packets = Array.from({ length: 2 + w * 3 }, (_, i) => packet(i * 10 + w, w * 1000 + i));
    workers[`w${w}`] = { packets };
  }
  const { packets } = await exported(new Workers(workers), ...Object.keys(workers).map((w) => flow(w)));
  expect(packets).toHaveLength(9 * 2 + 3 * 36);
  expect(times(packets)).toEqual(times(packets).toSorted((a, b) => a - b));
});

test('what two workers saw is there once, behind address translation too; what one sent twice is there twice', async () => {
  const a = { packets: [packet(0, 1), packet(500_000, 1), packet(600_000, 2)] };
  const b = { packets: [packet(10, 1, 9), packet(500_010, 1, 9), packet(700_000, 3, 9)] };
  const { packets } = await exported(new Workers({ a, b }), flow('a'), flow('b'));
  expect(times(packets)).toEqual([0, 500_000, 600_000, 700_000]);
});

test('many workers give smaller frames, so that what waits is bounded', async () => {
  const all = Object.fromEntries(
    Array.from({ length: 500 }, (_, i) => [`w${i}`, { packets: [packet(i, i)] }]),
  );
  const workers = new Workers(all);
  const { packets } = await exported(workers, ...Object.keys(all).map((w) => flow(w)));
  expect(packets).toHaveLength(500);
  expect(workers.largest * 500).toBeLessThan(17 * 1024 * 1024);
  expect(workers.ended).toHaveLength(500);
});

test('each flow asks for its own stretch of time, with its hops; the packet that begins it says which it is', async () => {
  const workers = new Workers({
    a: { packets: [packet(100, 1), packet(200, 2)] },
    b: { packets: [packet(150, 3)] },
  });
  const hops = [
    { ...flow('a', 100), elapsedMs: 2, status: 200 },
    { ...flow('b', 150), elapsedMs: 1, status: 200 },
  ];
  const { packets } = await exported(workers, flow('a', 100, { elapsedMs: 2, hops }));
  expect(workers.wanted.get('a')).toEqual([1, START + 100, START + 100 + 52_000]);
  expect(workers.wanted.get('b')).toEqual([1, START + 150, START + 150 + 51_000]);
  const said = (way: number) => `flow flow-a-100, way ${way} of 2: GET /cart → 200 ${PAGE}/?flow=flow-a-100`;
  expect(packets.map(({ comments }) => comments)).toEqual([[said(1)], [said(2)], []]);
});

test('the ends of a flow are told where its packets have others, whichever of them begins it', async () => {
  const text = `GET /cart → 200 ${PAGE}/?flow=flow-a-0`;
  const behind = `flow flow-a-0, from 10.0.0.1:40000 to 10.0.0.2:8002: ${text}`;
  const said = async (destination: number, answer = false) => {
    const first = packet(0, 1, destination);
    if (answer) {
      first.data.set([10, 0, 0, destination, 10, 0, 0, 1], 12);
      first.data.set([...first.data.subarray(22, 24), ...first.data.subarray(20, 22)], 20);
    }
    const { packets } = await exported(new Workers({ a: { packets: [first] } }), flow('a'));
    return packets[0]!.comments;
  };
  expect(await said(2)).toEqual([`flow flow-a-0: ${text}`]);
  expect(await said(2, true)).toEqual([`flow flow-a-0: ${text}`]);
  expect(await said(9)).toEqual([behind]);
  expect(await said(9, true)).toEqual([behind]);
});

test('what is said of a flow is short, whatever was asked for', async () => {
  const request = { method: 'GET', path: `/${'x'.repeat(60_000)}` } as FlowRequest;
  const { packets } = await exported(
    new Workers({ a: { packets: [packet(0, 1)] } }),
    flow('a', 0, { request }),
  );
  expect(packets[0]!.comments).toEqual([
    `flow flow-a-0: GET /${'x'.repeat(199)}… → 200 ${PAGE}/?flow=flow-a-0`,
  ]);
});

test('every reason for what is not there is told, with what helps', async () => {
  const workers = new Workers({
    a: 'away',
    b: 'not-recording',
    c: { packets: [], overwrittenAt: START + 60e6, oldest: NOW - 38 * 60e6 },
    d: { packets: [packet(50e6, 1)], oldest: START + 40e6 },
    e: { packets: [], oldest: Number.NaN },
    f: 'refused',
  });
  const { sentences } = await exported(
    workers,
    ...[flow('a'), flow('b'), flow('c'), flow('c', 1e6), flow('d'), flow('d', 50e6), flow('e'), flow('f')],
  );
  const at = formatTime(START + 60e6)
    .slice(0, 19)
    .replace('T', ' ');
  expect(sentences.toSorted()).toEqual(
    [
      'The packets of one flow were with the worker on node-a, which is not connected any more.',
      'The worker on node-b, which saw one flow, records no packets: start it with a --record-limit above 0.',
      `The packets of 2 flows on node-c were overwritten, the first at ${at} UTC; it holds those of the last 38 minutes; raise --record-limit.`,
      'The worker on node-d has not, or not any more, the packets of one flow; it holds those of the last 59 minutes; raise --record-limit.',
      'The worker on node-f, which saw one flow, gives no secrets away: start it with --allow-raw-export, or leave --raw out.',
      'The worker on node-e has not, or not any more, the packets of one flow; it holds none at the moment; raise --record-limit.',
    ].toSorted(),
  );
});

test('what a worker of an old capture file holds is told by its time, and not by how long ago that was', async () => {
  const wanted = new WantedPackets(PAGE);
  wanted.add(flow('a'));
  const workers = new Workers({ a: { packets: [packet(50e6, 1)], oldest: START + 40e6 } });
  const opened = await PacketExport.open(workers, wanted, START + 5 * 365 * 86_400e6, STAYS);
  const since = `${formatTime(START + 40e6)
    .slice(0, 19)
    .replace('T', ' ')} UTC`;
  expect(opened.missing.sentences).toEqual([
    `The worker on node-a has not, or not any more, the packets of one flow; it holds those from ${since} on; raise --record-limit.`,
  ]);
});

test('a worker that goes away in the middle is told, and the others go on', async () => {
  const many = Array.from({ length: 9 }, (_, i) => packet(i * 10, i));
  const other = Array.from({ length: 9 }, (_, i) => packet(i * 10 + 5, 100 + i));
  const workers = new Workers({ a: { packets: many, frames: 1 }, b: { packets: other } });
  const { packets, sentences } = await exported(workers, flow('a'), flow('b'));
  expect(packets).toHaveLength(12);
  expect(sentences).toEqual(['The worker on node-a went away before it had given all of its packets.']);
});

test('a worker that gives an export up for newer ones is told, with what helps', async () => {
  const all = Array.from({ length: 9 }, (_, i) => packet(i, i));
  const workers = new Workers({ a: { packets: all, frames: 1, rest: 'given-up' }, b: 'given-up' });
  const { packets, sentences } = await exported(workers, flow('a'), flow('b'));
  expect(packets).toHaveLength(3);
  expect(sentences).toEqual([
    'The worker on node-b, which saw one flow, had too many exports to make at once: try again.',
    'The worker on node-a had too many exports to make at once, and gave only some of its packets: try again.',
  ]);
});

test('what is more than an export may have is told, with what helps', async () => {
  const workers = new Workers({ a: { packets: [packet(0, 1)], isCut: true }, b: { packets: [] } });
  const { sentences } = await exported(workers, flow('a'));
  expect(sentences).toEqual([
    'The worker on node-a has more packets of these flows than one export may hold, and leaves out the last ones: ask for less time, or add a filter.',
  ]);
});

test('each worker is told the end once: one that is too slow to say what it has, too', async () => {
  const workers = new Workers({ a: { packets: [packet(0, 1)] }, b: { packets: [], silent: true } });
  const { opened } = await exported(workers, flow('a'), flow('b'));
  opened.close();
  expect(workers.ended).toEqual(['b', 'a']);
});

test('cancelled while workers are asked how much they have, it asks no further and does not open', async () => {
  const workers = new Workers({ a: { packets: [packet(0, 1)] }, b: 'away' });
  const wanted = new WantedPackets(PAGE);
  for (const name of ['a', 'b']) wanted.add(flow(name));
  const cancelled = new AbortController();
  const opening = PacketExport.open(workers, wanted, NOW, cancelled.signal);
  cancelled.abort(new Error('enough'));
  await expect(opening).rejects.toThrow('enough');
  expect(workers.ended).toEqual(['a']);
  await expect(PacketExport.open(workers, wanted, NOW, cancelled.signal)).rejects.toThrow('enough');
});

test('cancelled while it is read, it has no end, and workers need not keep anything for it', async () => {
  const workers = new Workers({ a: { packets: Array.from({ length: 9 }, (_, i) => packet(i, i)) } });
  const wanted = new WantedPackets(PAGE);
  wanted.add(flow('a'));
  const cancelled = new AbortController();
  const opened = await PacketExport.open(workers, wanted, NOW, cancelled.signal);
  const packets = opened.read();
  await packets.next();
  cancelled.abort(new Error('enough'));
  await expect(packets.next()).rejects.toThrow('enough');
  expect(workers.ended).toEqual(['a']);
  expect(opened.missing.sentences).toEqual([]);
});

test('an end that is called otherwise than the file tells of its address says so itself', async () => {
  const workers = new Workers({ a: { packets: [packet(0, 1), packet(50, 2), packet(90, 3)] } });
  const called = (time: number, name: string, host: string): Flow => {
    const one = flow('a', time);
    return { ...one, dst: { ...one.dst, name }, request: { ...one.request!, host } } as Flow;
  };
  const { packets } = await exported(
    workers,
    called(0, 'www.example.org', 'www.example.org'),
    called(50, '10.0.0.2', 'meta.example.org'),
    called(90, 'www.example.org', 'any.example.org'),
  );
  expect(packets.flatMap(({ comments }) => comments).map((text) => text.split(':')[0])).toEqual([
    'flow flow-a-0',
    'flow flow-a-50, of no name',
    'flow flow-a-90',
  ]);
});

test('the next request on a connection is no part of an exchange, though its packets come right behind', async () => {
  const next = packet(200, 3);
  const asked = { ...next, data: Buffer.concat([next.data, Buffer.from('GET /next HTTP/1.1')]) };
  asked.data[32] = 0x60;
  const { packets } = await exported(
    new Workers({ a: { packets: [packet(0, 1), packet(100, 2), asked, packet(300, 4)] } }),
    flow('a'),
  );
  expect(times(packets)).toEqual([0, 100]);
});
