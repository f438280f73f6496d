import type { DissectCounters } from '../counters.ts';
import { type Message, MessageFlag } from '../message.ts';
import { readRequestLinePrefix, readStatusLinePrefix } from './cut-start-line.ts';
import type { Draft } from './draft.ts';
import { checkCutLine, type FieldReader } from './fields.ts';
import type { Http1Limits } from './limits.ts';
import { LongHead } from './long-head.ts';
import { findLineFeed } from './octets.ts';
import {
  mayBeRequestLine,
  mayBeStatusLine,
  NOT_A_START,
  readRequestLine,
  readStatusLine,
} from './start-line.ts';

/** What a call of `read` came to. */
export const HeadOutcome = {
  /** The section goes on. */
  more: 0,
  ended: 1,
  /** This is no message, or there is no memory for it. */
  rejected: 2,
} as const;

/** Kept beyond `maxHead` of a long head: the fields that decide about framing. */
const FRAMING_RESERVE = 4096;

export interface HeadTools {
  readonly limits: Http1Limits;
  readonly counters: DissectCounters;
  readonly fields: FieldReader;
}

/**
 * Reads the head of a message, and its trailers. A section that lies in one segment is read where it lies, and
 * copied later by the caller. One that goes over several segments is copied as it comes, and its lines are read
 * when they are whole: so what is read does not depend on how the bytes were cut into segments.
 */
export class HeadReader {
  outcome: number = HeadOutcome.more;
  /** The section that ended was read where it lies: nothing of it is copied yet. */
  inPlace = false;
  hasStartLine = false;
  inTrailers = false;
  /** Where in the draft the line being read begins. */
  private lineStart = 0;
  private long: LongHead | undefined;
  private readonly isRequest: boolean;
  private readonly tools: HeadTools;

  constructor(isRequest: boolean, tools: HeadTools) {
    this.isRequest = isRequest;
    this.tools = tools;
  }

  begin(): void {
    this.hasStartLine = false;
    this.inTrailers = false;
    this.lineStart = 0;
    this.long = undefined;
  }

  beginTrailers(draft: Draft): void {
    draft.message!.bodyEnd = draft.size;
    this.inTrailers = true;
    this.lineStart = draft.size;
  }

  /** Reads on in `data[start, end)`; returns the index after what it took. */
  read(draft: Draft, data: Uint8Array, start: number, end: number): number {
    this.outcome = HeadOutcome.more;
    this.inPlace = false;
    if (draft.size === 0) return this.readInPlace(draft, data, start, end);
    if (this.long !== undefined) return this.readLong(draft, this.long, data, start, end);
    return this.readAcross(draft, data, start, end);
  }

  /** The section goes no further: marks what is wrong in the part of a line that is there. */
  cut(draft: Draft): void {
    if (this.long === undefined)
      checkCutLine(draft.message!, draft.message!.bytes, this.lineStart, draft.size);
  }

  /** The start line goes no further: reads what is there of it. False where that does not tell what it is. */
  readCutStartLine({ message, size }: Draft): boolean {
    return this.isRequest
      ? readRequestLinePrefix(message!, message!.bytes, size)
      : readStatusLinePrefix(message!, message!.bytes, size);
  }

  private readInPlace(draft: Draft, data: Uint8Array, start: number, end: number): number {
    const limit = Math.min(end, start + this.tools.limits.maxHead);
    const next = this.readLines(draft.message!, data, start, limit, start);
    if (next < 0) {
      this.inPlace = true;
      return ~next;
    }
    if (!this.hasStartLine && !this.mayBeStart(data, start, limit)) this.outcome = HeadOutcome.rejected;
    if (this.outcome === HeadOutcome.rejected) return start;
    this.lineStart = next - start;
    if (!draft.append(data, start, limit)) this.outcome = HeadOutcome.rejected;
    return limit;
  }

  private readAcross(draft: Draft, data: Uint8Array, start: number, end: number): number {
    const message = draft.message!;
    const before = draft.size;
    const room = this.tools.limits.maxHead + message.bodyEnd - before;
    if (room <= 0) return this.beginLong(draft, start);
    const limit = Math.min(end, start + room);
    if (!draft.append(data, start, limit)) this.outcome = HeadOutcome.rejected;
    else if (findLineFeed(data, start, limit) >= 0) return this.readCopied(draft, before, start, limit);
    else if (!this.hasStartLine && !this.mayBeStart(message.bytes, 0, draft.size)) {
      this.outcome = HeadOutcome.rejected;
      return start;
    }
    return limit;
  }

  /** What the segment has from `start` on stands in the draft from `before` on, and ends a line. */
  private readCopied(draft: Draft, before: number, start: number, limit: number): number {
    const message = draft.message!;
    const next = this.readLines(message, message.bytes, this.lineStart, draft.size, 0);
    if (next < 0) {
      draft.size = ~next;
      return start + draft.size - before;
    }
    this.lineStart = next;
    return this.outcome === HeadOutcome.rejected ? start : limit;
  }

  /** As `FieldReader.read`, with the start line where it is not read yet. Sets `outcome`. */
  private readLines(
    message: Message,
    source: Uint8Array,
    start: number,
    limit: number,
    base: number,
  ): number {
    let at = start;
    if (!this.hasStartLine) {
      at = this.isRequest
        ? readRequestLine(message, source, start, limit, base)
        : readStatusLine(message, source, start, limit, base);
      if (at === NOT_A_START) this.outcome = HeadOutcome.rejected;
      if (at === NOT_A_START || at === start) return start;
      this.hasStartLine = true;
    }
    const next = this.tools.fields.read(message, source, at, limit, base, this.inTrailers);
    if (next < 0) this.outcome = HeadOutcome.ended;
    return next;
  }

  private mayBeStart(source: Uint8Array, start: number, end: number): boolean {
    return this.isRequest ? mayBeRequestLine(source, start, end) : mayBeStatusLine(source, start, end);
  }

  private beginLong(draft: Draft, start: number): number {
    const message = draft.message!;
    message.flags |= MessageFlag.headTruncated;
    this.tools.counters.truncatedHeads++;
    const inStartLine = !this.hasStartLine;
    if (inStartLine && !(this.isRequest && readRequestLinePrefix(message, message.bytes, draft.size))) {
      this.outcome = HeadOutcome.rejected;
      return start;
    }
    this.hasStartLine = true;
    this.long = new LongHead(inStartLine);
    if (!inStartLine) {
      this.long.take(message.bytes, this.lineStart, draft.size);
      draft.size = this.lineStart;
    }
    return start;
  }

  private readLong(draft: Draft, long: LongHead, data: Uint8Array, start: number, end: number): number {
    const next = long.take(data, start, end);
    if (!long.whole) return next;
    if (long.isEmpty) {
      this.long = undefined;
      this.outcome = HeadOutcome.ended;
      return next;
    }
    const message = draft.message!;
    const line = draft.size;
    const room = this.tools.limits.maxHead + FRAMING_RESERVE - line;
    if (
      !this.inTrailers &&
      long.decidesFraming &&
      long.length <= room &&
      draft.append(long.line, 0, long.length)
    ) {
      this.tools.fields.read(message, message.bytes, line, draft.size, 0, false);
    }
    return next;
  }
}
