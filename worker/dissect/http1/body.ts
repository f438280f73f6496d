import { type Message, MessageFlag } from '../message.ts';
import { Answering } from './answering.ts';
import { ChunkReader, ChunkState } from './chunks.ts';
import type { Draft } from './draft.ts';
import { type Framing, FramingProblem } from './framing.ts';
import { Method, methodIs } from './methods.ts';

/** How a body ends (RFC 9112 §6.3). */
export const BodyKind = {
  none: 0,
  /** After Content-Length octets. */
  fixed: 1,
  chunked: 2,
  /** With the connection. */
  untilClose: 3,
  /** That cannot be told. */
  unknown: 4,
} as const;

/** The body of the request whose head `framing` has read, and whose bytes begin at `source[base]`. */
export function requestBody(message: Message, framing: Framing, source: Uint8Array, base: number): number {
  // What follows the head of CONNECT is the tunnel (RFC 9110 §9.3.6).
  if (methodIs(message, source, base, Method.connect)) return BodyKind.none;
  if (framing.hasTransferEncoding) {
    if (framing.chunked) return BodyKind.chunked;
    message.malform(FramingProblem.requestCoding);
    return BodyKind.unknown;
  }
  if (framing.badLength && framing.contentLength < 0) return BodyKind.unknown;
  return framing.contentLength > 0 ? BodyKind.fixed : BodyKind.none;
}

/** The body of an answer to such a request as `answering` says. */
export function answerBody(message: Message, framing: Framing, answering: number): number {
  const { status } = message;
  if (status < 200 || status === 204 || status === 304 || answering === Answering.head) return BodyKind.none;
  if (answering === Answering.connect && status < 300) return BodyKind.none;
  if (framing.hasTransferEncoding) return framing.chunked ? BodyKind.chunked : BodyKind.untilClose;
  if (framing.contentLength > 0) return BodyKind.fixed;
  return framing.contentLength === 0 ? BodyKind.none : BodyKind.untilClose;
}

/** Where the reading of a body stands. */
export const Progress = {
  more: 0,
  ended: 1,
  /** The last chunk was read: trailers, or the empty line in their place, come next. */
  trailers: 2,
  /** The framing cannot be followed any further. */
  broken: 3,
} as const;

/** Takes the octets of a body out of their framing. */
export class BodyReader {
  progress: number = Progress.more;
  kind: number = BodyKind.none;
  /** Octets of a body of known length that are still to come. */
  private remaining = 0;
  private chunks: ChunkReader | undefined;

  /**
   * The head ends before `data[next]`, and `data[from, next)` of it is still to be copied: does that, in one copy
   * with what `data` has of a body of known length. Returns the index after what it took; -1: no memory for the head.
   */
  begin(
    draft: Draft,
    framing: Framing,
    kind: number,
    data: Uint8Array,
    from: number,
    next: number,
    end: number,
  ): number {
    this.kind = kind;
    this.progress =
      kind === BodyKind.none ? Progress.ended : kind === BodyKind.unknown ? Progress.broken : Progress.more;
    if (kind !== BodyKind.fixed) {
      if (kind === BodyKind.chunked) this.beginChunked(draft.message!);
      else if (kind === BodyKind.untilClose) draft.message!.flags |= MessageFlag.untilClose;
      return draft.append(data, from, next) ? next : -1;
    }
    const stop = Math.min(end, next + framing.contentLength);
    const kept = Math.min(stop - next, draft.room);
    if (draft.append(data, from, next + kept)) draft.room -= kept;
    else if (draft.append(data, from, next)) draft.room = 0;
    else return -1;
    this.remaining = framing.contentLength - (stop - next);
    if (stop > next) draft.countBody(stop - next);
    if (this.remaining === 0) this.progress = Progress.ended;
    return stop;
  }

  private beginChunked(message: Message): void {
    message.flags |= MessageFlag.chunked;
    this.chunks ??= new ChunkReader();
    this.chunks.restart();
  }

  /** Reads on in `data[start, end)`; returns the index after what it took. */
  read(draft: Draft, data: Uint8Array, start: number, end: number): number {
    if (this.kind === BodyKind.chunked) return this.readChunked(draft, data, start, end);
    const stop = this.kind === BodyKind.fixed ? Math.min(end, start + this.remaining) : end;
    draft.appendBody(data, start, stop);
    if (this.kind === BodyKind.fixed) {
      this.remaining -= stop - start;
      if (this.remaining === 0) this.progress = Progress.ended;
    }
    return stop;
  }

  private readChunked(draft: Draft, data: Uint8Array, start: number, end: number): number {
    const chunks = this.chunks!;
    const at = chunks.read(draft.message!, data, start, end);
    if (chunks.state === ChunkState.trailers) this.progress = Progress.trailers;
    else if (chunks.state === ChunkState.broken) this.progress = Progress.broken;
    if (chunks.state !== ChunkState.data || at === end) return at;
    const stop = Math.min(end, at + chunks.remaining);
    draft.appendBody(data, at, stop);
    chunks.consume(stop - at);
    return stop;
  }

  /** `length` bytes are missing. Returns how many of them were surely of the body; `progress` says how it goes on. */
  gap(message: Message, length: number): number {
    let inside = length;
    if (this.kind === BodyKind.fixed) {
      inside = Math.min(length, this.remaining);
      this.remaining -= inside;
      if (this.remaining === 0) this.progress = Progress.ended;
    } else if (this.kind === BodyKind.chunked) {
      const chunks = this.chunks!;
      inside = chunks.state === ChunkState.data ? Math.min(length, chunks.remaining) : 0;
      if (inside > 0) chunks.consume(inside);
      if (inside < length) this.progress = Progress.broken;
    }
    message.bodySize += inside;
    return inside;
  }
}
