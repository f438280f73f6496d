/** What stands before the bytes of a packet: time (f64), then connection, bytes, bytes on the wire, direction, IP identification (i32 each). */
const HEADER = 32;
const CONNECTION = 2;
const SIZE = 3;
const WIRE_SIZE = 4;
const DIRECTION = 5;
const IP_ID = 6;

/** Shorter runs are copied octet by octet: that is faster than a call into the runtime. */
const SHORT_RUN = 128;

/** A stretch of the store: packets one behind the other, never changed until all of them are let go. */
export class Segment {
  /** Counts up within the store. */
  number = 0;
  /** Capture time of the latest packet, µs. */
  newest = 0;
  packets = 0;
  /** Where the next packet goes, and so the end of what is there. */
  end = 0;
  private readonly bytes: Uint8Array;
  private readonly words: Int32Array;
  private readonly times: Float64Array;

  constructor(size: number) {
    const buffer = new ArrayBuffer(size);
    this.bytes = new Uint8Array(buffer);
    this.words = new Int32Array(buffer);
    this.times = new Float64Array(buffer);
  }

  /** Makes it new again, with the memory it has. */
  begin(number: number): void {
    this.number = number;
    this.newest = 0;
    this.packets = 0;
    this.end = 0;
  }

  hasRoom(size: number): boolean {
    return this.end + HEADER + size <= this.bytes.length;
  }

  /** Adds a packet, whose bytes are `data[start, end)`: its TCP header and payload. There must be room. */
  append(
    time: number,
    connection: number,
    direction: number,
    ipId: number,
    wireSize: number,
    data: Uint8Array,
    start: number,
    end: number,
  ): void {
    const size = end - start;
    const word = this.end >> 2;
    this.times[this.end >> 3] = time;
    this.words[word + CONNECTION] = connection;
    this.words[word + SIZE] = size;
    this.words[word + WIRE_SIZE] = wireSize;
    this.words[word + DIRECTION] = direction;
    this.words[word + IP_ID] = ipId;
    const at = this.end + HEADER;
    if (size > SHORT_RUN) this.bytes.set(data.subarray(start, end), at);
    else for (let i = 0; i < size; i++) this.bytes[at + i] = data[start + i];
    this.end = (at + size + 7) & ~7;
    this.packets++;
    if (time > this.newest) this.newest = time;
  }

  /** Where the packet behind the one at `at` begins; the first one is at 0. */
  next(at: number): number {
    return (at + HEADER + this.words[(at >> 2) + SIZE] + 7) & ~7;
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
  directionOf(at: number): number {
    return this.words[(at >> 2) + DIRECTION];
  }
  ipIdOf(at: number): number {
    return this.words[(at >> 2) + IP_ID];
  }
  /** TCP header and payload. Valid until the segment begins anew. */
  bytesOf(at: number): Uint8Array {
    return this.bytes.subarray(at + HEADER, at + HEADER + this.sizeOf(at));
  }
}

/** Memory that a packet of so many bytes takes. */
export function storedSize(size: number): number {
  return (HEADER + size + 7) & ~7;
}
