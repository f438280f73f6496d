/**
 * The kinds of traffic that `npm run bench` measures, made with a fixed seed. Nothing in the worker knows them.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { impair, pcapFile, type TimedFrame } from '../packets/index.ts';
import { CaptureWriter } from './traffic/capture-writer.ts';
import type { Messages } from './traffic/messages.ts';
import { ShopMessages } from './traffic/shop-messages.ts';
import { type Clock, Talk } from './traffic/talk.ts';
import { VariedMessages } from './traffic/varied-messages.ts';

export interface CaptureKind {
  readonly name: string;
  readonly what: string;
  readonly exchanges: number;
  /** Writes the capture; as many exchanges in less time for `--quick`. */
  readonly write: (path: string, exchanges: number) => void;
}

export interface Capture {
  readonly path: string;
  readonly exchanges: number;
  /** Of the file. */
  readonly bytes: number;
}

export const CAPTURE_KINDS: readonly CaptureKind[] = [
  {
    name: 'small',
    what: 'keep-alive connections, JSON bodies of 300 B to 1.5 KB',
    exchanges: 200_000,
    write: (path, exchanges) => writeTraffic(path, { exchanges, ...SMALL }),
  },
  {
    name: 'varied',
    what: 'as small, but hardly two messages alike: hundreds of clients, header lines and shapes of JSON',
    exchanges: 200_000,
    write: (path, exchanges) => writeTraffic(path, { exchanges, ...SMALL }, new VariedMessages(1)),
  },
  {
    name: 'large',
    what: 'keep-alive connections, JSON bodies of 100 KB to 400 KB',
    exchanges: 2_000,
    write: (path, exchanges) => writeTraffic(path, { exchanges, ...SMALL, least: 100_000, most: 400_000 }),
  },
  {
    name: 'short',
    what: 'a connection for each exchange, JSON bodies of 300 B to 1.5 KB',
    exchanges: 50_000,
    write: (path, exchanges) => writeTraffic(path, { exchanges, ...SMALL, perConnection: 1 }),
  },
  {
    name: 'lossy',
    what: 'as small, with 1% of packets lost, 1% out of order, 1% twice',
    exchanges: 100_000,
    write: (path, exchanges) => {
      writeTraffic(path, { exchanges, ...SMALL });
      const impaired = impair(framesOf(path), { loss: 0.01, reorder: 0.01, duplicate: 0.01, seed: 7 });
      writeFileSync(path, pcapFile(impaired));
    },
  },
];

/** A part of the name of each file: to be raised when the traffic of a kind changes. */
const EDITION = 2;

/** Writes the capture once and keeps it. */
export function captureFile(kind: CaptureKind, exchanges: number, folder: string): Capture {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${kind.name}-${exchanges}-${EDITION}.pcap`);
  if (!existsSync(path)) {
    kind.write(`${path}.part`, exchanges);
    renameSync(`${path}.part`, path);
  }
  return { path, exchanges, bytes: statSync(path).size };
}

interface Traffic {
  exchanges: number;
  /** At a time. */
  connections: number;
  /** After so many exchanges a connection is closed and the next one opened. */
  perConnection: number;
  /** Size of the bodies, bytes. */
  least: number;
  most: number;
}

const SMALL = { connections: 64, perConnection: Number.POSITIVE_INFINITY, least: 300, most: 1500 };

/** 2024-01-01T00:00:00Z */
const START = 1_704_067_200_000_000;

/** Connections take turns packet by packet, until all exchanges were had. */
function writeTraffic(path: string, traffic: Traffic, messages: Messages = new ShopMessages(1)): void {
  const writer = new CaptureWriter(path);
  const clock: Clock = { time: START };
  let left = traffic.exchanges;
  let opened = 0;

  function* connection(): Generator<void> {
    const n = opened++;
    const talk = new Talk(
      writer,
      clock,
      {
        client: `10.1.${(n >> 8) & 0xff}.${n & 0xff}`,
        clientPort: 20_000 + (n % 40_000),
        server: '10.0.0.2',
        serverPort: 80,
      },
      Math.imul(n, 0x9e3779b1),
    );
    yield* talk.handshake();
    let had = 0;
    for (; had < traffic.perConnection && left > 0; had++) {
      left--;
      yield* talk.exchange(messages.request(), messages.answer(traffic.least, traffic.most));
    }
    if (had === traffic.perConnection) yield* talk.close();
  }

  const turns = Array.from({ length: Math.min(traffic.connections, traffic.exchanges) }, connection);
  while (turns.length > 0) {
    for (let i = 0; i < turns.length; i++) {
      if (!turns[i].next().done) continue;
      if (left > 0) turns[i] = connection();
      else turns.splice(i--, 1);
    }
  }
  writer.close();
}

/** The frames of a file that `CaptureWriter` has written. */
function framesOf(path: string): TimedFrame[] {
  const file = readFileSync(path);
  const frames: TimedFrame[] = [];
  for (let at = 24; at < file.length; ) {
    const start = at + 16;
    const end = start + file.readUInt32LE(at + 8);
    const time = file.readUInt32LE(at) * 1e6 + file.readUInt32LE(at + 4);
    frames.push({ time, frame: file.subarray(start, end) });
    at = end;
  }
  return frames;
}
