import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { PACKET_HEADER, PACKETS_HEADER, PacketsLeft, type PacketsMessage } from '../../flow/wire.ts';
import { Conversation, load, type TimedFrame } from '../../test/packets/index.ts';
import { Packet } from '../packet/packet.ts';
import { DEFAULT_MAX_BODY, Pipeline, type PipelineOptions } from '../pipeline.ts';
import { createPolicy } from '../redact/policy.ts';
import { PacketAnswers } from './packet-answers.ts';

const START = 1e15;
const SECOND = 1e6;
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

interface Given {
  more: boolean;
  givenUp: boolean;
  refused: boolean;
  packets: number;
  bytes: number;
  overwrittenAt: number;
  given: { time: number; connection: number; text: string }[];
}

function answersFor(
  frames: readonly TimedFrame[],
  { recordBytes = 8 * 1024 * 1024, recordDirectory }: Partial<PipelineOptions> = {},
  allowsRaw = false,
) {
  const redact = { enabled: true, fields: [], keep: [] };
  const pipeline = new Pipeline({ maxBody: DEFAULT_MAX_BODY, redact, recordBytes, recordDirectory });
  if (recordDirectory !== undefined) onTestFinished(() => pipeline.close());
  const packet = new Packet();
  for (const frame of frames) pipeline.packet(load(packet, frame));
  const answers = new PacketAnswers(pipeline.recorder!, createPolicy({ enabled: true }), allowsRaw);
  return async (message: Omit<PacketsMessage, 'type'>) => {
    const frame = await answers.answer({ type: 'packets', ...message });
    return frame === undefined ? undefined : read(frame);
  };
}

function read(frame: Uint8Array): Given {
  const view = new DataView(frame.buffer);
  const given = [];
  for (let at = PACKETS_HEADER; at < frame.length; ) {
    const start = at + PACKET_HEADER;
    const length = view.getUint32(at + 16, true);
    const text = Buffer.from(frame.subarray(start, start + length)).toString('latin1');
    given.push({ time: view.getFloat64(at, true), connection: view.getUint32(at + 8, true), text });
    at = start + length;
  }
  return {
    more: frame[1] === PacketsLeft.more,
    givenUp: frame[1] === PacketsLeft.givenUp,
    refused: frame[1] === PacketsLeft.refused,
    overwrittenAt: view.getFloat64(16, true),
    packets: view.getFloat64(24, true),
    bytes: view.getFloat64(32, true),
    given,
  };
}

/** Exchanges a second apart on one connection, GET /0, GET /1 and so on; its handshake is at `time`. */
function exchanges(count: number, { clientPort = 4000, time = START, body = OK } = {}): TimedFrame[] {
  const talk = new Conversation({ clientPort, time });
  talk.handshake();
  for (let i = 0; i < count; i++) {
    talk.wait(SECOND);
    talk.client.send(`GET /${i} HTTP/1.1\r\nHost: a\r\nCookie: id=hidden\r\n\r\n`);
    talk.server.send(body);
  }
  return talk.packets;
}

const requests = ({ given }: Given) => given.flatMap(({ text }) => /GET \/\d+/.exec(text)?.[0] ?? []);
const timeOf = (frames: readonly TimedFrame[], text: string) =>
  frames.find(({ frame }) => Buffer.from(frame).includes(text))!.time;

test('of a connection the packets of some exchanges, and the handshake only with the first', async () => {
  const frames = exchanges(6);
  const ask = answersFor(frames);
  const within = (text: string) => [timeOf(frames, text), timeOf(frames, text) + SECOND / 2];
  await ask({ request: 1, want: [1, ...within('GET /4')] });
  await ask({ request: 1, want: [1, ...within('GET /5')] });
  const later = (await ask({ request: 1, ask: 'next', bytes: 1e6 }))!;
  expect(requests(later)).toEqual(['GET /4', 'GET /5']);
  expect(later.given).toHaveLength(4);
  const first = (await ask({ request: 2, want: [1, ...within('GET /0')], ask: 'next', bytes: 1e6 }))!;
  expect(first.given).toHaveLength(5);
});

test('an estimate says how much there is; frames end where they are told to, in the order of the capture', async () => {
  const frames = [...exchanges(20), ...exchanges(20, { clientPort: 4001, time: START + 10 })].sort(
    (a, b) => a.time - b.time,
  );
  const ask = answersFor(frames);
  const want = [1, 0, Number.MAX_SAFE_INTEGER, 2, 0, Number.MAX_SAFE_INTEGER];
  const estimate = (await ask({ request: 1, want, ask: 'estimate' }))!;
  expect(estimate).toMatchObject({ packets: frames.length, given: [] });
  const times: number[] = [];
  let count = 0;
  for (let more = true; more; count++) {
    const frame = (await ask({ request: 1, ask: 'next', bytes: 1000 }))!;
    for (const { time, text } of frame.given) {
      times.push(time);
      expect(text).not.toContain('hidden');
    }
    more = frame.more;
  }
  expect(count).toBeGreaterThan(5);
  expect(times).toEqual(frames.map(({ time }) => time));
});

test('of a long connection reading begins at what is wanted', async () => {
  const body = `HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n${'x'.repeat(300_000)}`;
  const frames = exchanges(10, { body });
  const ask = answersFor(frames);
  const from = timeOf(frames, 'GET /7');
  const given = (await ask({ request: 1, want: [1, from, from + SECOND / 2], ask: 'next', bytes: 1e6 }))!;
  expect(requests(given)).toEqual(['GET /7']);
  expect(given.given[0]!.text).toContain('Cookie: id=******');
  expect(given.given.map(({ text }) => text).join('')).toContain('x'.repeat(1000));
});

test('packets that are overwritten while they are fetched are left out, and it is said since when', async () => {
  const frames = exchanges(40, {
    body: `HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n${'x'.repeat(1e5)}`,
  });
  const ask = answersFor(frames, { recordBytes: 2 * 1024 * 1024 });
  const frame = (await ask({ request: 1, want: [1, START, START + 60 * SECOND], ask: 'estimate' }))!;
  expect(frame.overwrittenAt).toBeGreaterThan(START);
  expect(frame.packets).toBeLessThan(frames.length);
  expect((await ask({ request: 2, want: [9, START, START + SECOND], ask: 'estimate' }))!.packets).toBe(0);
});

test('what has ended is forgotten, and ending what is not known ends nothing else', async () => {
  const ask = answersFor(exchanges(9));
  const begin = (request: number) => ask({ request, want: [1, 0, Number.MAX_SAFE_INTEGER], ask: 'estimate' });
  for (let request = 1; request <= 4; request++) await begin(request);
  expect(await ask({ request: 4, ask: 'end' })).toBeUndefined();
  expect(await ask({ request: 4, ask: 'end' })).toBeUndefined();
  expect(await ask({ request: 4, ask: 'next', bytes: 1 })).toMatchObject({ givenUp: true, given: [] });
  expect(await ask({ request: 1, ask: 'next', bytes: 1 })).toMatchObject({ givenUp: false, more: true });
});

test('a request that newer ones pushed out is told so, and not that it has got all', async () => {
  const ask = answersFor(exchanges(9));
  const begin = (request: number) => ask({ request, want: [1, 0, Number.MAX_SAFE_INTEGER], ask: 'estimate' });
  await begin(1);
  expect(await ask({ request: 1, ask: 'next', bytes: 1 })).toMatchObject({ more: true, givenUp: false });
  for (let request = 2; request <= 5; request++) await begin(request);
  for (const asked of ['next', 'estimate'] as const)
    expect(await ask({ request: 1, ask: asked })).toMatchObject({ more: false, givenUp: true, given: [] });
  expect(await ask({ request: 2, ask: 'next', bytes: 1 })).toMatchObject({ more: true, givenUp: false });
});

const ALL = [1, 0, Number.MAX_SAFE_INTEGER];

test('with the right to it and asked for it, packets are as they were captured', async () => {
  const frames = exchanges(3);
  const ask = answersFor(frames, {}, true);
  await ask({ request: 1, raw: true, want: ALL });
  expect(await ask({ request: 1, raw: true, ask: 'estimate' })).toMatchObject({ packets: frames.length });
  const { given, more, refused } = (await ask({ request: 1, raw: true, ask: 'next', bytes: 1e6 }))!;
  expect({ more, refused }).toEqual({ more: false, refused: false });
  // Behind link and IP headers every byte is the same, checksums too.
  const segments = (packets: readonly Uint8Array[], start: number) =>
    packets.map((packet) => Buffer.from(packet).subarray(start).toString('latin1'));
  const captured = segments(
    frames.map(({ frame }) => frame),
    14 + 20,
  );
  expect(given.map(({ text }) => text.slice(20))).toEqual(captured);
  expect(given.filter(({ text }) => text.includes('hidden'))).toHaveLength(3);
  const masked = (await ask({ request: 2, want: ALL, ask: 'next', bytes: 1e6 }))!;
  expect(masked.given.map(({ text }) => text).join()).not.toContain('hidden');
});

test('without the right to it a worker gives none, whatever the hub asks and in whatever order', async () => {
  const ask = answersFor(exchanges(3));
  const none = { refused: true, more: false, packets: 0, given: [] };
  expect(await ask({ request: 1, raw: true, want: ALL })).toBeUndefined();
  expect(await ask({ request: 1, raw: true, ask: 'estimate' })).toMatchObject(none);
  expect(await ask({ request: 1, raw: true, ask: 'next', bytes: 1e6 })).toMatchObject(none);
  expect(await ask({ request: 1, raw: true, ask: 'end' })).toBeUndefined();
  await ask({ request: 2, want: ALL });
  expect(await ask({ request: 2, raw: true, ask: 'next', bytes: 1e6 })).toMatchObject(none);
  const masked = (await ask({ request: 2, ask: 'next', bytes: 1e6 }))!;
  expect(requests(masked)).toHaveLength(3);
  expect(masked.given.map(({ text }) => text).join()).not.toContain('hidden');
});

test('an export that began masked stays so, and no other word than true makes one raw', async () => {
  const ask = answersFor(exchanges(3), {}, true);
  await ask({ request: 1, want: ALL });
  for (const [request, raw] of [
    [1, true],
    [2, 'yes' as unknown as boolean],
    [3, 1 as unknown as boolean],
  ] as const) {
    const { given } = (await ask({ request, raw, want: ALL, ask: 'next', bytes: 1e6 }))!;
    expect(given.length).toBeGreaterThan(5);
    expect(given.map(({ text }) => text).join()).not.toContain('hidden');
  }
});

test('packets come from the disk as they come from memory', async () => {
  const recordDirectory = mkdtempSync(join(tmpdir(), 'remora-answers-'));
  onTestFinished(() => rmSync(recordDirectory, { recursive: true }));
  const frames = exchanges(30, {
    body: `HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n${'x'.repeat(1e5)}`,
  });
  const given: Given['given'][] = [];
  for (const ask of [answersFor(frames), answersFor(frames, { recordDirectory })]) {
    const packets: Given['given'] = [];
    for (let more = true; more; ) {
      const want = [1, START, START + 60 * SECOND];
      const frame = (await ask({ request: 1, want, ask: 'next', bytes: 100_000 }))!;
      packets.push(...frame.given);
      more = frame.more;
    }
    given.push(packets);
  }
  expect(given[0]).toHaveLength(frames.length);
  expect(JSON.stringify(given[1]) === JSON.stringify(given[0])).toBe(true);
});
