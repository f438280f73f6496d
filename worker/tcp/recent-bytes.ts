import { copyOctets, wordsOf } from '../../flow/copy.ts';
import { Words } from '../words.ts';
import { after, ahead } from './sequence.ts';

/** Segments remembered at most, and how many of a side are looked through. */
const RECORDS = 1 << 12;
const MASK = RECORDS - 1;
const MAX_STEPS = 64;
const NEVER = -1;

/**
 * The beginnings of the segments delivered last, over all connections, in one ring of fixed size: so that a
 * retransmission whose bytes differ can be told even after the first copy was delivered. The records of
 * a side are a chain through the ring; a side keeps the number of its last one.
 */
export class RecentBytes {
  /** Of the last `compare`: bytes that differed, and bytes that were no longer remembered. */
  conflict = 0;
  unchecked = 0;
  private readonly ring: Uint8Array;
  private readonly ringWords: DataView;
  private readonly words = new Words();
  private readonly segmentBytes: number;
  /** Bytes written ever. */
  private written = 0;
  private records = 0;
  private readonly seqs = new Int32Array(RECORDS);
  private readonly lengths = new Int32Array(RECORDS);
  private readonly positions = new Float64Array(RECORDS);
  private readonly previous = new Float64Array(RECORDS);

  /** `ringBytes` 0: remembers nothing. */
  constructor(ringBytes: number, segmentBytes: number) {
    this.ring = new Uint8Array(ringBytes);
    this.ringWords = wordsOf(this.ring);
    this.segmentBytes = Math.min(segmentBytes, ringBytes);
  }

  /** Remembers delivered bytes `data[start, end)` at `seq`; `last` is the number of the side's last record, or -1. Returns the new one. */
  remember(last: number, seq: number, data: Uint8Array, start: number, end: number): number {
    const length = Math.min(end - start, this.segmentBytes);
    if (length <= 0) return last;
    let at = this.written % this.ring.length;
    if (at + length > this.ring.length) {
      this.written += this.ring.length - at;
      at = 0;
    }
    copyOctets(this.ring, this.ringWords, at, data, this.words.of(data), start, start + length);
    const record = this.records++;
    const slot = record & MASK;
    this.seqs[slot] = seq;
    this.lengths[slot] = length;
    this.positions[slot] = this.written;
    this.previous[slot] = last;
    this.written += length;
    return record;
  }

  /** Compares bytes that came again with what is remembered of them. */
  compare(last: number, seq: number, data: Uint8Array, start: number, end: number): void {
    this.conflict = 0;
    this.unchecked = end - start;
    const stop = after(seq, end - start);
    let record = last;
    for (let step = 0; step < MAX_STEPS && this.remembers(record); step++) {
      const slot = record & MASK;
      const from = this.seqs[slot]!;
      const to = after(from, this.lengths[slot]!);
      this.compareRecord(
        slot,
        seq,
        data,
        start,
        Math.max(0, ahead(from, seq)),
        Math.min(end - start, ahead(to, seq)),
      );
      if (this.unchecked === 0 || (ahead(from, seq) <= 0 && ahead(to, stop) <= 0)) return;
      record = this.previous[slot]!;
    }
  }

  private compareRecord(
    slot: number,
    seq: number,
    data: Uint8Array,
    start: number,
    from: number,
    to: number,
  ): void {
    const base = (this.positions[slot]! % this.ring.length) + ahead(seq, this.seqs[slot]!);
    for (let i = from; i < to; i++) {
      this.unchecked--;
      if (this.ring[base + i] !== data[start + i]) this.conflict++;
    }
  }

  private remembers(record: number): boolean {
    return (
      record !== NEVER &&
      record > this.records - RECORDS &&
      this.positions[record & MASK]! >= this.written - this.ring.length
    );
  }
}
