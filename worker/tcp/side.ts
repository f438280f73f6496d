import type { HeldSegments } from './held-segments.ts';
import { after, ahead } from './sequence.ts';
import type { SideInfo, SideStats } from './stream.ts';

/** How well the beginning of a direction's stream is known. */
export const Anchor = {
  /** Nothing seen that tells. */
  none: 0,
  /** From a packet in the middle; the first byte seen may move it. */
  guess: 1,
  /** From the handshake, or because bytes were delivered. */
  sure: 2,
} as const;
export type Anchor = (typeof Anchor)[keyof typeof Anchor];

class Stats implements SideStats {
  bytes = 0;
  packets = 0;
  retransmissions = 0;
  duplicates = 0;
  lostBytes = 0;
  conflictBytes = 0;
  zeroWindows = 0;
  keepAlives = 0;
}

/** One direction of a connection: where its stream stands, and what waits. */
export class Side implements SideInfo {
  offset = 0;
  firstSeq = 0;
  readonly stats: SideStats = new Stats();

  anchor: Anchor = Anchor.none;
  /** Sequence number of the byte at `offset`. */
  nextSeq = 0;
  /** The end of what was seen, the highest. */
  highSeq = 0;
  /** The highest acknowledgement of the peer. */
  ackedSeq = 0;

  /** Its SYN was seen. */
  syn = false;
  /** A FIN was seen; it stands at `finSeq`. */
  fin = false;
  finSeq = 0;
  /** The listener was told the end. */
  ended = false;

  /** Segments behind a hole; undefined while there are none. */
  held: HeldSegments | undefined = undefined;
  /** `offset` when it was entered among the sides that wait: tells progress. */
  waitingOffset = 0;
  /** Capture time of the packet that last showed that bytes are missing, if no held segment does, µs. */
  shownTime = 0.5;
  /** Bytes that the peer acknowledged are missing; at so many packets of the connection, and at this offset. */
  overdue = false;
  overduePackets = 0;
  overdueOffset = 0;

  /** The end of the last segment far outside the window, if one was seen. */
  stray = false;
  strayEnd = 0;
  /** Its last record in RecentBytes. */
  recent = -1;

  /** Nothing of the stream was seen yet, and its next byte is the one at `seq`. */
  begin(seq: number, anchor: Anchor): void {
    this.anchor = anchor;
    this.firstSeq = seq;
    this.nextSeq = seq;
    this.highSeq = seq;
    this.ackedSeq = seq;
  }

  /** Found in the middle and nothing delivered: offset 0 is the byte at `seq` for good. */
  beginAt(seq: number): void {
    this.anchor = Anchor.sure;
    this.firstSeq = seq;
    this.nextSeq = seq;
    if (ahead(seq, this.highSeq) > 0) this.highSeq = seq;
  }

  /** Whether the peer acknowledged its FIN. */
  get finAcked(): boolean {
    return this.fin && ahead(this.ackedSeq, this.finSeq) > 0;
  }

  /** Whether anything must still come, or be given up, before the stream stands where it was seen to. */
  get unfinished(): boolean {
    return this.held !== undefined || (this.fin && !this.ended) || this.missing > 0;
  }

  /** Whether a packet at `seq` can belong to the stream: not further than `window` from what is expected or acknowledged. */
  admits(seq: number, window: number): boolean {
    const distance = ahead(seq, this.nextSeq);
    if (distance >= -window && distance <= window) return true;
    if (this.anchor !== Anchor.sure && this.held === undefined) return true;
    const beyond = ahead(seq, this.ackedSeq);
    return distance > 0 && beyond >= 0 && beyond <= window;
  }

  /**
   * Payload came at `seq` on a side that was found in the middle: says where its stream begins, as far as can be
   * told. False if nothing at all was known before.
   */
  locate(seq: number, window: number): boolean {
    if (this.anchor === Anchor.none) {
      this.begin(seq, Anchor.guess);
      return false;
    }
    const distance = ahead(seq, this.nextSeq);
    if (distance > window || distance < -window) this.begin(seq, Anchor.sure);
    // One byte ahead: the guess came from a keep-alive probe, which repeats a sequence number.
    else if (distance <= 0 || (distance === 1 && this.held === undefined)) this.beginAt(seq);
    return true;
  }

  advance(count: number): void {
    this.offset += count;
    this.nextSeq = after(this.nextSeq, count);
  }

  /**
   * Bytes that the peer acknowledged and that were neither delivered nor given up. A FIN that was not captured is
   * acknowledged like a byte: a last one that nothing else shows is not counted.
   */
  get missing(): number {
    let missing = ahead(this.ackedSeq, this.nextSeq);
    if (this.fin) missing = Math.min(missing, ahead(this.finSeq, this.nextSeq));
    else if (ahead(this.ackedSeq, this.highSeq) === 1) missing--;
    return missing;
  }

  /** An acknowledgement number as an offset of this stream; -1 if that is not known. */
  offsetOf(ack: number): number {
    if (this.anchor === Anchor.none || ahead(ack, this.ackedSeq) > 0) return -1;
    let seq = ack;
    if (this.fin && ahead(seq, this.finSeq) > 0) seq = this.finSeq;
    const offset = this.offset + ahead(seq, this.nextSeq);
    return Math.max(offset, 0);
  }
}
