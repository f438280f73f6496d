import type { Message } from '../message.ts';

/** A part of the request stream where requests may have been that were not seen. `end` is Infinity while it lasts. */
interface LostRange {
  start: number;
  end: number;
  /** A request is known to have begun there. */
  hasStart: boolean;
  /** How far the answers had come, as an offset of their stream. */
  answersEnd: number;
}

const MAX_RANGES = 16;

/** Where requests of a connection may be missing, since the last pair that is certain. Offsets are those of their stream. */
export class LostRequests {
  private ranges: LostRange[] = [];

  get isEmpty(): boolean {
    return this.ranges.length === 0;
  }

  /** From `offset` on requests may be missing; `starts` of them are known to have begun. `answersEnd`: how far the answers had come. */
  begin(offset: number, starts: number, answersEnd: number): void {
    const { ranges } = this;
    if (ranges.length === MAX_RANGES) ranges[ranges.length - 1].end = Number.POSITIVE_INFINITY;
    else ranges.push({ start: offset, end: Number.POSITIVE_INFINITY, hasStart: starts > 0, answersEnd });
  }

  /** Requests are seen again from `offset` on. */
  foundAgain(offset: number): void {
    const last = this.ranges.at(-1);
    if (last !== undefined) last.end = offset;
  }

  /** Whether requests may be missing before `offset`. */
  isBefore(offset: number): boolean {
    return this.ranges.length > 0 && this.ranges[0].start < offset;
  }

  /** Whether a request is known to be missing before `offset`. */
  hasStartBefore(offset: number): boolean {
    return this.ranges.some(({ hasStart, start }) => hasStart && start < offset);
  }

  /**
   * Whether a request can begin in a packet that acknowledged `acked` of the answers; -1: that is not known. What comes after the lost
   * beginning of a request belongs to it, until the client has its answer.
   */
  requestMayBegin(acked: number): boolean {
    const last = this.ranges.at(-1);
    return acked < 0 || !last?.hasStart || acked > last.answersEnd;
  }

  /** `request` has its answer for certain: what was lost before it is of no account any more. */
  settle({ streamStart }: Message): void {
    this.ranges = this.ranges.filter(({ end }) => end > streamStart);
  }
}
