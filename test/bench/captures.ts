/**
 * The four kinds of traffic that `npm run bench` measures, made with a fixed seed. Nothing in the worker knows them.
 */
import { closeSync, existsSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Conversation, impair, pcapFile, randomNumbers, type TimedFrame } from '../packets/index.ts';

export interface CaptureKind {
  readonly name: string;
  readonly what: string;
  readonly exchanges: number;
  readonly make: (exchanges: number) => TimedFrame[];
}

export const CAPTURE_KINDS: readonly CaptureKind[] = [
  {
    name: 'small',
    what: 'keep-alive connections, JSON bodies of 300 B to 1.5 KB',
    exchanges: 200_000,
    make: (exchanges) => keepAlive(exchanges, smallBody),
  },
  {
    name: 'large',
    what: 'keep-alive connections, JSON bodies of 100 KB to 400 KB',
    exchanges: 2_000,
    make: (exchanges) => keepAlive(exchanges, largeBody),
  },
  {
    name: 'short',
    what: 'a connection for each exchange, JSON bodies of 300 B to 1.5 KB',
    exchanges: 50_000,
    make: shortConnections,
  },
  {
    name: 'lossy',
    what: 'as small, with 1% of packets lost, 1% out of order, 1% twice',
    exchanges: 100_000,
    make: (exchanges) =>
      impair(keepAlive(exchanges, smallBody), { loss: 0.01, reorder: 0.01, duplicate: 0.01, seed: 7 }),
  },
];

/** Writes the capture once and keeps it; returns its path. */
export function captureFile(kind: CaptureKind, folder: string): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${kind.name}-${kind.exchanges}.pcap`);
  if (!existsSync(path)) {
    const bytes = pcapFile(kind.make(kind.exchanges));
    const file = openSync(path, 'w');
    for (let at = 0; at < bytes.length; )
      at += writeSync(file, bytes, at, Math.min(bytes.length - at, 1 << 26));
    closeSync(file);
  }
  return path;
}

const CONNECTIONS = 64;

function keepAlive(exchanges: number, body: (random: () => number) => string): TimedFrame[] {
  const random = randomNumbers(1);
  const talks = Array.from({ length: CONNECTIONS }, (_, n) => {
    const talk = new Conversation({
      clientAddress: `10.1.0.${n + 1}`,
      clientPort: 30_000 + n,
      clientSeq: n * 7919,
      timestamps: true,
    });
    return talk.handshake();
  });
  for (let n = 0; n < exchanges; n++) exchange(talks[n % CONNECTIONS], n, body(random));
  return byTime(talks);
}

function shortConnections(exchanges: number): TimedFrame[] {
  const random = randomNumbers(2);
  const talks: Conversation[] = [];
  for (let n = 0; n < exchanges; n++) {
    const talk = new Conversation({
      clientAddress: `10.1.${(n >> 8) & 0xff}.${n & 0xff}`,
      clientPort: 20_000 + (n % 40_000),
      clientSeq: n,
      time: 1_704_067_200_000_000 + n * 100,
      timestamps: true,
    });
    talk.handshake();
    exchange(talk, n, smallBody(random));
    talk.close();
    talks.push(talk);
  }
  return byTime(talks);
}

function exchange(talk: Conversation, n: number, body: string): void {
  talk.client.send(
    `GET /api/v1/catalogue/items/${n}?page=${n % 10}&size=20 HTTP/1.1\r\nHost: catalogue.shop:8080\r\n` +
      'User-Agent: shop-frontend/2.4 (linux; x64)\r\nAccept: application/json\r\nAccept-Encoding: identity\r\n' +
      `X-Request-Id: 5b1f3c52-${n.toString(16).padStart(8, '0')}\r\n` +
      `traceparent: 00-4bf92f3577b34da6a3ce929d${n.toString(16).padStart(8, '0')}-00f067aa0ba902b7-01\r\nConnection: keep-alive\r\n\r\n`,
  );
  talk.server.send(
    `HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${body.length}\r\n` +
      `Date: Mon, 01 Jan 2024 00:00:00 GMT\r\nETag: W/"${n.toString(16)}"\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\n\r\n${body}`,
  );
}

function smallBody(random: () => number): string {
  return jsonBody(300 + Math.floor(random() * 1200), random);
}

function largeBody(random: () => number): string {
  return jsonBody(100_000 + Math.floor(random() * 300_000), random);
}

const WORDS = ['red', 'wool', 'sock', 'left', 'striped', 'warm', 'night', 'holiday', 'classic', 'sport'];

/** A list of items as a shop's service sends them; about `size` bytes; one field in ten items is a secret. */
function jsonBody(size: number, random: () => number): string {
  const items: string[] = [];
  let length = 12;
  for (let n = 0; length < size; n++) {
    const word = () => WORDS[Math.floor(random() * WORDS.length)];
    const item =
      `{"id":${Math.floor(random() * 1e9)},"name":"${word()} ${word()}","price":${(random() * 100).toFixed(2)},` +
      `"tags":["${word()}","${word()}"],"available":${random() > 0.1}${n % 10 === 9 ? `,"apiKey":"k-${Math.floor(random() * 1e9)}"` : ''}}`;
    items.push(item);
    length += item.length + 1;
  }
  return `{"items":[${items.join(',')}]}`;
}

function byTime(talks: Conversation[]): TimedFrame[] {
  return talks.flatMap((talk) => talk.packets).sort((a, b) => a.time - b.time);
}
