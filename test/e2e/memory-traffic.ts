/** Packets made in place, as many as a test wants, through a worker's pipeline; and how much memory that took. */
import { createRequire } from 'node:module';
import { ACK, FIN, Packet, PSH, SYN } from '../../worker/packet/packet.ts';
import { LinkType, put16, put32 } from '../packets/index.ts';

/** As built, and loaded by Node itself: vitest makes a getter of every imported name, which would cost more than the code. */
const { DEFAULT_MAX_BODY, Pipeline } = createRequire(import.meta.url)(
  '../../dist/worker/pipeline.js',
) as typeof import('../../worker/pipeline.ts');

const IP_HEADER = 20;
const HEADERS = 40;
const MAX_PAYLOAD = 60_000;
/** How often memory is looked at, packets. */
const LOOK_EVERY = 1024;
/** Records are taken away at this size, as a worker does it. */
const TAKE_AT = 256 * 1024;
const SERVER = 0x0a00_0001;

/** One direction's place in its stream. */
interface End {
  seq: number;
}

/** A connection that traffic is made for. */
export interface Talk {
  client: number;
  port: number;
  ends: readonly [End, End];
}

export class MemoryTraffic {
  /** The most memory that was resident at any time, bytes. */
  peak = 0;
  packets = 0;
  records = 0;
  /** µs of packet time between two packets. */
  step = 10;
  readonly pipeline = new Pipeline({ maxBody: DEFAULT_MAX_BODY, redact: { enabled: true } });
  readonly #frame = new Uint8Array(HEADERS + MAX_PAYLOAD);
  readonly #packet = new Packet();
  #time = 1_750_000_000_000_000;
  #ipId = 0;

  constructor() {
    this.#frame[0] = 0x45;
    this.#frame[8] = 64;
    this.#frame[9] = 6;
    this.#frame[IP_HEADER + 12] = 0x50;
  }

  /** The `n`th connection; nothing is sent yet. */
  talk(n: number): Talk {
    return {
      client: 0x0b00_0000 + (n >> 8),
      port: 10_000 + (n & 255),
      ends: [{ seq: Math.imul(n, 2654435761) >>> 0 }, { seq: Math.imul(n, 40503) >>> 0 }],
    };
  }

  open(talk: Talk): Talk {
    this.packet(talk, 0, SYN);
    this.packet(talk, 1, SYN | ACK);
    this.packet(talk, 0, ACK);
    return talk;
  }

  close(talk: Talk): void {
    this.packet(talk, 0, ACK | FIN);
    this.packet(talk, 1, ACK | FIN);
    this.packet(talk, 0, ACK);
  }

  /** Bytes from one end, in packets of at most 60,000. */
  send(talk: Talk, from: 0 | 1, bytes: Uint8Array | string): void {
    const data = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
    for (let at = 0; at < data.length; at += MAX_PAYLOAD) {
      this.packet(talk, from, ACK | PSH, data.subarray(at, at + MAX_PAYLOAD));
    }
  }

  packet(talk: Talk, from: 0 | 1, flags: number, payload: Uint8Array = NOTHING): void {
    const frame = this.#frame;
    const length = HEADERS + payload.length;
    const own = talk.ends[from];
    put16(frame, 2, length);
    this.#ipId = (this.#ipId + 1) & 0xffff;
    put16(frame, 4, this.#ipId);
    put32(frame, 12, from === 0 ? talk.client : SERVER);
    put32(frame, 16, from === 0 ? SERVER : talk.client);
    put16(frame, IP_HEADER, from === 0 ? talk.port : 80);
    put16(frame, IP_HEADER + 2, from === 0 ? 80 : talk.port);
    put32(frame, IP_HEADER + 4, own.seq);
    put32(frame, IP_HEADER + 8, (flags & ACK) === 0 ? 0 : talk.ends[from === 0 ? 1 : 0].seq);
    frame[IP_HEADER + 13] = flags;
    put16(frame, IP_HEADER + 14, 0xffff);
    frame.set(payload, HEADERS);
    own.seq += payload.length + (flags & (SYN | FIN) ? 1 : 0);

    const packet = this.#packet;
    packet.data = frame;
    packet.start = 0;
    packet.end = length;
    packet.wireLength = length;
    this.#time += this.step;
    packet.time = this.#time;
    packet.linkType = LinkType.raw;
    this.pipeline.packet(packet);
    if (this.pipeline.records.committed > TAKE_AT) this.#take();
    if (++this.packets % LOOK_EVERY === 0) this.look();
  }

  look(): void {
    this.peak = Math.max(this.peak, process.memoryUsage.rss());
  }

  /** The capture is over. Returns what was counted. */
  finish(): Record<string, number> {
    this.look();
    this.pipeline.finish();
    this.#take();
    this.look();
    return this.pipeline.counters();
  }

  #take(): void {
    this.records += this.pipeline.records.count;
    this.pipeline.records.take();
  }
}

const NOTHING = new Uint8Array(0);
