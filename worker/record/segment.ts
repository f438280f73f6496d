import type { Packet } from '../packet/packet.ts';
import type { ConnectionInfo } from '../tcp/stream.ts';
import { type Path, TCP_DATA_OFFSET } from './frame.ts';
import { STAGE_BYTES, type Stage } from './stage.ts';

/** What stands before the bytes of an entry: time (f64), then connection, bytes, bytes on the wire, kind, IP identification (i32 each). */
const HEADER = 32;
const CONNECTION = 2;
const SIZE = 3;
const WIRE_SIZE = 4;
const KIND = 5;
const IP_ID = 6;

/** Kinds 0 and 1 are packets of that direction; this one says whose they are. */
const DESCRIPTION = 2;
/** IP version, then the client's and the server's address, four words each. */
const DESCRIPTION_WORDS = 9;
/** Memory that a description takes. */
export const DESCRIPTION_SIZE = (HEADER + DESCRIPTION_WORDS * 4 + 7) & ~7;

/**
 * A stretch of the store: entries one behind the other, never changed until all of them are let go. A connection is described before its
 * first packet in it, so that a segment can be read without anything beside it.
 */
export class Segment {
  /** Counts up within the store. */
  readonly number: number;
  /** Capture time of the latest packet, µs. */
  newest = 0;
  packets = 0;
  /** Whose packets were added. */
  readonly connections: number[] = [];
  /** Capture time of the first entry, µs. */
  first = 0;
  /** Where the next entry goes, and so the end of what is there. */
  end = 0;
  readonly buffer: ArrayBufferLike;
  private readonly bytes: Uint8Array;
  /** Entries from here on are on the stage. */
  private settled: number;
  private readonly stage: Stage | undefined;
  private readonly words: Int32Array;
  private readonly times: Float64Array;

  /**
   * One with the memory given, whose size is a multiple of 8: it has entries up to `end`, or none, and then gets some over a stage that no
   * other uses until it has settled.
   */
  constructor(number: number, buffer: ArrayBufferLike, from: number | Stage) {
    this.number = number;
    this.stage = typeof from === 'number' ? undefined : from;
    this.end = typeof from === 'number' ? from : 0;
    this.settled = this.end;
    this.buffer = buffer;
    this.bytes = new Uint8Array(buffer);
    this.words = new Int32Array(buffer);
    this.times = new Float64Array(buffer);
  }

  /** Whether a packet of so many bytes goes in, with the description of its connection. */
  hasRoom(size: number): boolean {
    return this.end + DESCRIPTION_SIZE + HEADER + size <= this.bytes.length;
  }

  /** Says whose packets are to come. There must be room. */
  describe(time: number, connection: ConnectionInfo): void {
    if (this.end - this.settled + DESCRIPTION_SIZE > STAGE_BYTES) this.settle();
    const word = this.begin(time) >> 2;
    const { words } = this.stage!;
    this.connections.push(connection.id);
    words[word + CONNECTION] = connection.id;
    words[word + SIZE] = DESCRIPTION_WORDS << 2;
    words[word + KIND] = DESCRIPTION;
    const at = word + (HEADER >> 2);
    words[at] = connection.ipVersion;
    words[at + 1] = connection.client0;
    words[at + 2] = connection.client1;
    words[at + 3] = connection.client2;
    words[at + 4] = connection.client3;
    words[at + 5] = connection.server0;
    words[at + 6] = connection.server1;
    words[at + 7] = connection.server2;
    words[at + 8] = connection.server3;
    this.end += DESCRIPTION_SIZE;
  }

  /** Adds the TCP header and the payload of a packet. There must be room. */
  append(connection: number, direction: number, packet: Packet): void {
    const { tcpStart, time } = packet;
    const size = packet.payloadEnd - tcpStart;
    const stage = this.stage!;
    if (this.end - this.settled + HEADER + size > STAGE_BYTES) {
      this.settle();
      stage.move(HEADER + size, packet);
    }
    const at = this.begin(time);
    const { words } = stage;
    const word = at >> 2;
    const headerSize = (packet.data[tcpStart + TCP_DATA_OFFSET] >> 4) << 2;
    words[word + CONNECTION] = connection;
    words[word + SIZE] = size;
    words[word + WIRE_SIZE] = headerSize + packet.payloadLength;
    words[word + KIND] = direction;
    words[word + IP_ID] = packet.ipId;
    stage.copy(at + HEADER, packet);
    this.end = (this.end + HEADER + size + 7) & ~7;
    this.packets++;
    if (time > this.newest) this.newest = time;
  }

  /** What has been added is there for those who read it. */
  settle(): void {
    if (this.settled === this.end) return;
    const { bytes, start } = this.stage!;
    this.bytes.set(bytes.subarray(start, start + this.end - this.settled), this.settled);
    this.settled = this.end;
  }

  /** Where the entry behind the one at `at` begins; the first one is at 0. */
  next(at: number): number {
    return (at + HEADER + this.words[(at >> 2) + SIZE] + 7) & ~7;
  }

  isDescription(at: number): boolean {
    return this.words[(at >> 2) + KIND] === DESCRIPTION;
  }
  timeOf(at: number): number {
    return this.times[at >> 3];
  }
  connectionOf(at: number): number {
    return this.words[(at >> 2) + CONNECTION];
  }
  sizeOf(at: number): number {
    return this.words[(at >> 2) + SIZE];
  }
  wireSizeOf(at: number): number {
    return this.words[(at >> 2) + WIRE_SIZE];
  }
  directionOf(at: number): 0 | 1 {
    return this.words[(at >> 2) + KIND] === 0 ? 0 : 1;
  }
  ipIdOf(at: number): number {
    return this.words[(at >> 2) + IP_ID];
  }
  /** Where on the stage the next entry goes; its time is written. */
  private begin(time: number): number {
    if (this.end === 0) this.first = time;
    const stage = this.stage!;
    const at = stage.start + this.end - this.settled;
    stage.times[at >> 3] = time;
    return at;
  }

  /** TCP header and payload. */
  bytesOf(at: number): Uint8Array {
    return this.bytes.subarray(at + HEADER, at + HEADER + this.sizeOf(at));
  }
  /** From a description: the ways of the client's packets and of the server's. */
  pathsOf(at: number): readonly [Path, Path] {
    const start = (at + HEADER) >> 2;
    const ipVersion = this.words[start];
    const client = this.words.slice(start + 1, start + 5);
    const server = this.words.slice(start + 5, start + 9);
    return [
      { ipVersion, source: client, destination: server },
      { ipVersion, source: server, destination: client },
    ];
  }
}

/** Memory that a packet of so many bytes takes, in a segment of its own. */
export function storedSize(size: number): number {
  return (DESCRIPTION_SIZE + HEADER + size + 7) & ~7;
}
