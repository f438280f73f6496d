/** Ways to spoil a capture. Each takes frames and gives others; the frames given are never written to. */
import { Decoder } from '../../worker/packet/decoder.ts';
import { Packet } from '../../worker/packet/packet.ts';
import { load, put16, put32, type TimedFrame } from '../packets/index.ts';
import type { Chance } from './chance.ts';
import type { Capture } from './check.ts';

type Mutation = (capture: Capture, chance: Chance, others: readonly Capture[]) => Capture;

/** Values at the edges of what fields and loops can hold. */
const EDGES = [0, 1, 2, 4, 7, 8, 0x0a, 0x0d, 0x1f, 0x20, 0x3a, 0x7f, 0x80, 0xff];
const EDGES_16 = [0, 1, 4, 5, 19, 20, 40, 0x7fff, 0x8000, 0xfff7, 0xffff];
const EDGES_32 = [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_fff0, 0xffff_ffff];

/** What means something to the readers of HTTP. */
const WORDS = [
  '\r\n',
  '\n',
  '\r',
  '\r\n\r\n',
  ':',
  '\0',
  'HTTP/1.1 200 OK\r\n',
  'HTTP/1.1 100 Continue\r\n\r\n',
  'HTTP/1.1 101 x\r\nUpgrade: websocket\r\n\r\n',
  'HTTP/9.9',
  'GET / HTTP/1.1\r\n',
  'HEAD ',
  'CONNECT a:1 HTTP/1.1\r\n\r\n',
  'Content-Length: 0\r\n',
  'Content-Length: 18446744073709551616\r\n',
  'Content-Length: -1\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Content-Encoding: gzip\r\n',
  'Content-Type: multipart/form-data; boundary=a\r\n',
  'ffffffffffffffff\r\n',
  '0\r\n\r\n',
  '{"password":"',
  '\\u0000',
  '%00',
  '<![CDATA[',
  'eyJhbGciOi',
];

function changed(capture: Capture, frames: TimedFrame[]): Capture {
  return { ...capture, frames };
}

/** One frame is replaced by what `change` makes of it. */
function withFrame(capture: Capture, chance: Chance, change: (timed: TimedFrame) => TimedFrame): Capture {
  if (capture.frames.length === 0) return capture;
  const at = chance.below(capture.frames.length);
  return changed(capture, capture.frames.with(at, change(capture.frames[at]!)));
}

/** A copy of one frame is written to. */
function inFrame(capture: Capture, chance: Chance, write: (frame: Uint8Array) => void): Capture {
  return withFrame(capture, chance, (timed) => {
    const frame = timed.frame.slice();
    if (frame.length > 0) write(frame);
    return { ...timed, frame };
  });
}

/** Where TCP stands in a frame: of its header, and of its payload. Undefined where there is none in place. */
function findTcp(
  timed: TimedFrame,
  linkType: number,
): { header: number; payload: number; end: number } | undefined {
  const packet = load(new Packet(), timed, linkType);
  if (!new Decoder().decode(packet) || packet.data !== timed.frame) return undefined;
  const { payloadStart: payload, payloadEnd: end } = packet;
  for (let length = 20; length <= 60; length += 4) {
    const header = payload - length;
    if (header >= 0 && timed.frame[header + 12]! >> 4 === length >> 2) return { header, payload, end };
  }
  return undefined;
}

const flipBits: Mutation = (capture, chance) =>
  inFrame(capture, chance, (frame) => {
    for (let n = chance.between(1, 8); n > 0; n--) frame[chance.below(frame.length)]! ^= 1 << chance.below(8);
  });

/** Headers are where a frame begins. */
const edgeInHeaders: Mutation = (capture, chance) =>
  inFrame(capture, chance, (frame) => {
    const at = chance.below(Math.min(frame.length, 80));
    const width = chance.pick([1, 2, 4]);
    if (width === 4) put32(frame, at, chance.pick(EDGES_32));
    else if (width === 2) put16(frame, at, chance.pick(EDGES_16));
    else frame[at] = chance.pick(EDGES);
  });

const tcpField: Mutation = (capture, chance) =>
  withFrame(capture, chance, (timed) => {
    const found = findTcp(timed, capture.linkType);
    if (found === undefined) return timed;
    const frame = timed.frame.slice();
    const { header } = found;
    const view = new DataView(frame.buffer, frame.byteOffset);
    const field = chance.below(4);
    if (field === 0) frame[header + 13] = chance.below(256);
    else if (field === 1) put16(frame, header + 14, chance.pick(EDGES_16));
    else {
      const at = header + (field === 2 ? 4 : 8);
      const by = chance.happens(0.7) ? chance.between(-3000, 3000) : chance.pick(EDGES_32);
      put32(frame, at, view.getUint32(at) + by);
    }
    return { ...timed, frame };
  });

const words: Mutation = (capture, chance) =>
  withFrame(capture, chance, (timed) => {
    const found = findTcp(timed, capture.linkType);
    if (found === undefined || found.end <= found.payload) return timed;
    const frame = timed.frame.slice();
    const word = Buffer.from(chance.pick(WORDS), 'latin1');
    const at = found.payload + chance.below(found.end - found.payload);
    frame.set(word.subarray(0, frame.length - at), at);
    return { ...timed, frame };
  });

const truncate: Mutation = (capture, chance) =>
  withFrame(capture, chance, (timed) => ({
    ...timed,
    frame: timed.frame.subarray(0, chance.below(timed.frame.length + 1)),
    wireLength: timed.wireLength ?? timed.frame.length,
  }));

const truncateAll: Mutation = (capture, chance) => {
  const length = chance.between(14, 200);
  const frames = capture.frames.map((timed) => ({
    ...timed,
    frame: timed.frame.subarray(0, length),
    wireLength: timed.wireLength ?? timed.frame.length,
  }));
  return changed(capture, frames);
};

const wrongLength: Mutation = (capture, chance) =>
  withFrame(capture, chance, (timed) => ({
    ...timed,
    wireLength: chance.pick([
      0,
      1,
      timed.frame.length + 1,
      timed.frame.length + chance.below(70_000),
      2 ** 31,
      2 ** 32 - 1,
    ]),
  }));

const extend: Mutation = (capture, chance) =>
  withFrame(capture, chance, (timed) => ({
    ...timed,
    frame: Buffer.concat([timed.frame, chance.bytes(chance.size(2000))]),
  }));

const drop: Mutation = (capture, chance) => {
  const share = chance.pick([0.02, 0.1, 0.5]);
  return changed(
    capture,
    capture.frames.filter(() => !chance.happens(share)),
  );
};

const cut: Mutation = (capture, chance) => {
  const from = chance.below(capture.frames.length + 1);
  return changed(capture, chance.happens(0.5) ? capture.frames.slice(from) : capture.frames.slice(0, from));
};

const duplicate: Mutation = (capture, chance) => {
  const frames = capture.frames.slice();
  for (let n = chance.between(1, 5); n > 0 && frames.length > 0; n--) {
    const copy = chance.pick(frames);
    frames.splice(chance.below(frames.length + 1), 0, copy);
  }
  return changed(capture, frames);
};

/** Frames change places, their times with them or not. */
const reorder: Mutation = (capture, chance) => {
  const frames = capture.frames.slice();
  const keepsTimes = chance.happens(0.5);
  for (let n = chance.size(frames.length); n > 0; n--) {
    const a = chance.below(frames.length);
    const b = Math.min(frames.length - 1, a + chance.size(40));
    const [one, other] = [frames[a]!, frames[b]!];
    frames[a] = keepsTimes ? { ...other, time: one.time } : other;
    frames[b] = keepsTimes ? { ...one, time: other.time } : one;
  }
  return changed(capture, frames);
};

const backwards: Mutation = (capture) => changed(capture, capture.frames.toReversed());

const wildTimes: Mutation = (capture, chance) => {
  const from = chance.below(capture.frames.length + 1);
  const by = chance.pick([-1e18, -1e9, -1000, 0.25, 1e6, 1e8, 1e12, 1e15]);
  return changed(
    capture,
    capture.frames.map((timed, n) => (n < from ? timed : { ...timed, time: timed.time + by })),
  );
};

/** Frames of another capture come between, one after the other or at once. */
const splice: Mutation = (capture, chance, others) => {
  const other = chance.pick(others);
  const start = chance.below(other.frames.length);
  const inserted = other.frames.slice(start, start + chance.between(1, 60));
  const frames = capture.frames.slice();
  if (chance.happens(0.5)) frames.splice(chance.below(frames.length + 1), 0, ...inserted);
  else for (const frame of inserted) frames.splice(chance.below(frames.length + 1), 0, frame);
  return changed(capture, frames);
};

/** The payload of a frame becomes that of another capture's: two conversations on one connection. */
const graft: Mutation = (capture, chance, others) =>
  withFrame(capture, chance, (timed) => {
    const other = chance.pick(others);
    const donor = chance.pick(other.frames);
    const from = findTcp(donor, other.linkType);
    const to = findTcp(timed, capture.linkType);
    if (from === undefined || to === undefined) return timed;
    const frame = timed.frame.slice();
    frame.set(
      donor.frame.subarray(from.payload, Math.min(from.end, from.payload + to.end - to.payload)),
      to.payload,
    );
    return { ...timed, frame };
  });

const otherLink: Mutation = (capture, chance) => ({
  ...capture,
  linkType: chance.pick([0, 1, 12, 14, 101, 105, 108, 113, 228, 229, 276, 0xffff]),
});

/** How often each is drawn. */
const WEIGHTS: readonly (readonly [number, Mutation])[] = [
  [6, flipBits],
  [6, edgeInHeaders],
  [8, tcpField],
  [8, words],
  [3, truncate],
  [1, truncateAll],
  [2, wrongLength],
  [2, extend],
  [4, drop],
  [2, cut],
  [3, duplicate],
  [4, reorder],
  [1, backwards],
  [1, wildTimes],
  [3, splice],
  [4, graft],
  [1, otherLink],
];
const DRAWN = WEIGHTS.flatMap(([weight, mutation]) => Array<Mutation>(weight).fill(mutation));

/** The capture after one to twelve of them; `others` are where foreign frames come from. */
export function mutate(capture: Capture, chance: Chance, others: readonly Capture[]): Capture {
  let mutated = capture;
  for (let n = chance.between(1, 12); n > 0; n--) {
    mutated = chance.pick(DRAWN)(mutated, chance, others);
  }
  return mutated;
}

/** Bytes with some of them changed, taken out, put in or repeated: for files and for streams. */
export function mutateBytes(bytes: Uint8Array, chance: Chance): Uint8Array {
  let mutated = Buffer.from(bytes);
  for (let n = chance.between(1, 6); n > 0 && mutated.length > 0; n--) {
    const at = chance.below(mutated.length);
    const end = Math.min(mutated.length, at + 1 + chance.size(200));
    const kind = chance.below(6);
    if (kind === 0) mutated[at]! ^= 1 << chance.below(8);
    else if (kind === 1) mutated[at] = chance.pick(EDGES);
    else if (kind === 2) mutated = Buffer.concat([mutated.subarray(0, at), mutated.subarray(end)]);
    else if (kind === 3) mutated = Buffer.concat([mutated.subarray(0, end), mutated.subarray(at)]);
    else if (kind === 4)
      mutated = Buffer.concat([
        mutated.subarray(0, at),
        Buffer.from(chance.pick(WORDS), 'latin1'),
        mutated.subarray(at),
      ]);
    else if (mutated.length >= at + 4) mutated.writeUInt32BE(chance.pick(EDGES_32), at);
  }
  return mutated;
}
