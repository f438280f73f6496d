import { BufferPool } from './buffer-pool.ts';
import { after, ahead } from './sequence.ts';

const NOTHING = new Uint8Array(0);

/** Payload that waits for a hole before it to fill. */
export class HeldSegment {
  seq = 0;
  /** On the wire; the bytes from `captured` on were cut off by the snapshot length. */
  length = 0;
  captured = 0;
  bytes: Uint8Array = NOTHING;
  /** Capture time of the packet that carried it, µs, and that packet's acknowledgement number if it had one. */
  time = 0.5;
  ack = 0;
  hasAck = false;
}

/** A payload that is offered: `data[start, start + captured)` of `length` bytes at `seq`. */
export interface Offer {
  seq: number;
  length: number;
  captured: number;
  data: Uint8Array;
  start: number;
  time: number;
  ack: number;
  hasAck: boolean;
}

/**
 * The segments of one direction that wait, in sequence order and without overlap: of bytes that come twice
 * the first copy stands, and differing ones are counted.
 */
export class HeldSegments {
  /** Memory taken, as the limits count it. */
  size = 0;
  /** Of the last `insert`: bytes that were here already, and how many of those differed. */
  overlap = 0;
  conflict = 0;
  private readonly segments: HeldSegment[] = [];
  private readonly pool: BufferPool;

  constructor(pool: BufferPool) {
    this.pool = pool;
  }

  get count(): number {
    return this.segments.length;
  }

  /** The segment with the lowest sequence number. There must be one. */
  get first(): HeldSegment {
    return this.segments[0]!;
  }

  /** Copies what is not held yet of an offered payload. */
  insert(offer: Offer): void {
    this.overlap = 0;
    this.conflict = 0;
    let index = this.indexFor(offer.seq);
    let done = 0;
    while (done < offer.length) {
      const next = this.segments[index];
      const room = next === undefined ? offer.length : Math.min(ahead(next.seq, offer.seq), offer.length);
      if (next === undefined || room > done) {
        this.segments.splice(index++, 0, this.piece(offer, done, room));
        done = room;
        continue;
      }
      if (this.yieldsMissing(next, offer) && next.length === 0) {
        this.drop(index);
        continue;
      }
      const end = Math.min(ahead(after(next.seq, next.length), offer.seq), offer.length);
      if (end > done) this.compare(next, offer, done, end);
      done = Math.max(done, end);
      index++;
    }
  }

  /** Lets the first segment go; its buffer is used again, so its bytes must have been delivered. */
  shift(): void {
    this.drop(0);
  }

  clear(): void {
    for (const segment of this.segments) this.release(segment);
    this.segments.length = 0;
  }

  /** Index of the first segment that ends after `seq`. New segments mostly come last. */
  private indexFor(seq: number): number {
    const segments = this.segments;
    let low = 0;
    let high = segments.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const segment = segments[middle]!;
      if (ahead(after(segment.seq, segment.length), seq) > 0) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  private piece(offer: Offer, from: number, to: number): HeldSegment {
    const segment = new HeldSegment();
    segment.seq = after(offer.seq, from);
    segment.length = to - from;
    segment.captured = Math.max(0, Math.min(offer.captured, to) - from);
    segment.time = offer.time;
    segment.ack = offer.ack;
    segment.hasAck = offer.hasAck;
    this.size += BufferPool.sizeFor(segment.captured);
    if (segment.captured > 0) {
      segment.bytes = this.pool.take(segment.captured);
      const start = offer.start + from;
      segment.bytes.set(offer.data.subarray(start, start + segment.captured));
    }
    return segment;
  }

  /** Bytes cut off by the snapshot length make room for the same bytes captured in another packet. */
  private yieldsMissing(segment: HeldSegment, offer: Offer): boolean {
    if (segment.captured === segment.length) return false;
    if (ahead(after(offer.seq, offer.captured), after(segment.seq, segment.captured)) <= 0) return false;
    segment.length = segment.captured;
    return true;
  }

  private compare(segment: HeldSegment, offer: Offer, from: number, to: number): void {
    this.overlap += to - from;
    const shift = ahead(offer.seq, segment.seq);
    const end = Math.min(to, offer.captured, segment.captured - shift);
    for (let i = from; i < end; i++) {
      if (segment.bytes[i + shift] !== offer.data[offer.start + i]) this.conflict++;
    }
  }

  private drop(index: number): void {
    this.release(this.segments[index]!);
    if (index === 0) this.segments.shift();
    else this.segments.splice(index, 1);
  }

  private release(segment: HeldSegment): void {
    this.size -= BufferPool.sizeFor(segment.captured);
    if (segment.bytes !== NOTHING) this.pool.give(segment.bytes);
    segment.bytes = NOTHING;
  }
}
