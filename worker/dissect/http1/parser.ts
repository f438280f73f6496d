import type { ConnectionInfo, Direction, EndReason } from '../../tcp/stream.ts';
import type { DissectCounters } from '../counters.ts';
import { type Message, MessageFlag } from '../message.ts';
import { ChunkReader, ChunkState } from './chunks.ts';
import { checkCutLine, readFieldLines } from './fields.ts';
import { type Framing, FramingProblem } from './framing.ts';
import type { Http1Limits } from './limits.ts';
import { LongHead } from './long-head.ts';
import { Method, methodIs } from './methods.ts';
import { CR, findLineFeed, LF } from './octets.ts';
import { Answering } from './pairing.ts';
import type { MessagePool } from './pool.ts';
import type { StartFinder } from './resync.ts';
import {
  mayBeRequestLine,
  mayBeStatusLine,
  NOT_A_START,
  readRequestLine,
  readRequestLinePrefix,
  readStatusLine,
} from './start-line.ts';

/** What the parsers of all connections share. None of it holds anything between two calls but the pool. */
export interface ParserTools {
  readonly limits: Http1Limits;
  readonly counters: DissectCounters;
  readonly pool: MessagePool;
  readonly framing: Framing;
  readonly finder: StartFinder;
}

/** Who hears what a parser finds. */
export interface ParserOwner {
  /** A start line was read; of a request, it is in `bytes` now. */
  begun(parser: MessageParser, message: Message): void;
  /** The message is whole, or as whole as it will be. It belongs to the owner from now on. */
  ended(parser: MessageParser, message: Message): void;
  /** Messages may be missing from stream `offset` on, of which `starts` are known to have begun. */
  lost(parser: MessageParser, offset: number, starts: number): void;
  /** The framing is known again from stream `offset` on. */
  found(parser: MessageParser, offset: number): void;
  /**
   * Whether a message can begin at stream `offset`, for all that the other direction tells. `floor` is what the
   * bytes before it acknowledged, -1 if that is not known; `inSegment`: the place is not the beginning of a segment.
   */
  mayBegin(parser: MessageParser, offset: number, floor: number, inSegment: boolean): boolean;
  /** Whether the client sent more after the request of `answer`, which it does not before it has the answer in full. */
  isOver(answer: Message): boolean;
  /** The client was seen to send requests before it had the answers to those before. */
  readonly pipelines: boolean;
}

const State = {
  idle: 0,
  startLine: 1,
  fields: 2,
  trailers: 3,
  /** The head, or the trailers, are longer than what is kept of them. */
  longHead: 4,
  /** A body should come, but the request is not known and may have been HEAD. */
  doubtful: 5,
  fixed: 6,
  untilClose: 7,
  chunked: 8,
  /** Where the next message begins is not known. `message` is the broken one before it, if its start line was seen. */
  lost: 9,
  /** HTTP ended: the bytes that follow are another protocol's. */
  stopped: 10,
} as const;

/** Kept beyond `maxHead` of a long head: the fields that decide about framing. */
const FRAMING_RESERVE = 4096;

/**
 * Reads the messages of one direction: bytes and gaps in, messages out.
 *
 * A head that lies in one segment is read where it lies and copied once, together with what the segment has of
 * the body. A head that goes over several segments is copied as it comes, and its lines are read when they are
 * whole. So the result does not depend on how the bytes were cut into segments.
 */
export class MessageParser {
  /** Stream offset of the next byte, or of the segment being read. */
  offset: number;
  /** What the answer being read answers (see Answering); set by the owner when an answer begins. */
  answering: number = Answering.unknown;

  private state: number;
  /** The state that comes after `doubtful`. */
  private bodyState: number = State.fixed;
  private message: Message | undefined;
  /** The owner knows of `message`. */
  private announced = false;
  /** `message` was found by searching: it may be a text about HTTP. */
  private guessed = false;
  /** What the last segment acknowledged in which no start was found. */
  private lostAcked = -1;
  private inTrailers = false;
  /** Bytes of `message.bytes` in use, and where in them the line being read begins. */
  private size = 0;
  private lineStart = 0;
  /** Octets of a body of known length that are still to come. */
  private remaining = 0;
  /** Octets of the body that may still be kept. */
  private room = 0;
  /** The last message said that it is the last of its connection. */
  private closed = false;
  private chunks: ChunkReader | undefined;
  private long: LongHead | undefined;

  // Of the segment being read: its time, and what to add to an index in it to get a stream offset.
  private time = 0;
  private shift = 0;

  private readonly isRequest: boolean;
  private readonly direction: Direction;
  private readonly connection: ConnectionInfo;
  private readonly tools: ParserTools;
  private readonly owner: ParserOwner;

  constructor(
    isRequest: boolean,
    direction: Direction,
    offset: number,
    connection: ConnectionInfo,
    tools: ParserTools,
    owner: ParserOwner,
  ) {
    this.isRequest = isRequest;
    this.direction = direction;
    this.offset = offset;
    // Only the beginning of a connection is surely the beginning of a message.
    this.state = connection.handshake && offset === 0 ? State.idle : State.lost;
    this.connection = connection;
    this.tools = tools;
    this.owner = owner;
  }

  /** Reads `data[start, end)`. Returns where it stopped: `end`, unless HTTP ended before. */
  data(data: Uint8Array, start: number, end: number): number {
    this.time = this.connection.time;
    this.shift = this.offset - start;
    if (this.guessed && this.isDisproved(data, start, end)) this.finish('cut');
    let i = start;
    while (i < end && this.state !== State.stopped) i = this.step(data, i, end, i === start);
    this.offset = this.shift + i;
    const message = this.message;
    if (message !== undefined) {
      message.endTime = this.time;
      message.streamEnd = this.offset;
    }
    return i;
  }

  /** `length` bytes are missing. */
  gap(length: number): void {
    this.time = this.connection.time;
    if (this.state === State.doubtful && this.owner.isOver(this.message!)) this.endWithoutBody();
    if (this.message !== undefined) this.gapInMessage(this.message, length);
    else if (this.state === State.idle) this.lose(this.offset, 1);
    this.offset += length;
  }

  /** No more bytes will come. */
  finish(reason: EndReason | 'cut'): void {
    const message = this.message;
    if (message === undefined) return;
    if (!this.announced) {
      this.drop(message);
      return;
    }
    const state = this.state === State.doubtful ? this.bodyState : this.state;
    if (state !== State.untilClose || reason !== 'fin') message.flags |= MessageFlag.cut;
    if (message.headEnd === 0) this.judgeCutHead(message);
    this.end(message, message.streamEnd);
  }

  /** The head goes no further: what is wrong in the part that is there is told all the same. */
  private judgeCutHead(message: Message): void {
    message.headEnd = this.size;
    checkCutLine(message, message.bytes, this.lineStart, this.size);
    this.tools.framing.read(message, message.bytes, 0);
  }

  /** The answer being read turned out to answer HEAD: it has no body. */
  endWithoutBody(): void {
    const message = this.message;
    if (message === undefined || message.headEnd === 0 || message.bodySize > 0) return;
    message.flags &= ~(MessageFlag.untilClose | MessageFlag.chunked);
    this.end(message, message.streamEnd);
  }

  /** A client that does not pipeline goes on and has got all up to stream `offset`: an answer to an unknown request is over. */
  endUnknown(offset: number): void {
    const message = this.message;
    if (message === undefined || this.offset !== offset || this.answering !== Answering.unknown) return;
    if (!this.announced) this.drop(message);
    else if (message.headEnd === 0) return;
    else if (this.state === State.doubtful) this.endWithoutBody();
    else this.finish('fin');
  }

  /** Another protocol follows. */
  stop(): void {
    this.finish('cut');
    this.state = State.stopped;
  }

  private step(data: Uint8Array, i: number, end: number, segmentStart: boolean): number {
    switch (this.state) {
      case State.idle:
        return this.begin(data, i, end);
      case State.startLine:
      case State.fields:
      case State.trailers:
        return this.readLinesAcross(this.message!, data, i, end);
      case State.longHead:
        return this.readLongHead(this.message!, data, i, end);
      case State.doubtful:
        return this.readDoubtful(this.message!, data, i, end);
      case State.fixed:
        return this.readFixed(this.message!, data, i, end);
      case State.untilClose:
        this.keepBody(this.message!, data, i, end);
        return end;
      case State.chunked:
        return this.readChunked(this.message!, data, i, end);
      default:
        return this.search(data, i, end, segmentStart);
    }
  }

  /** A message that was guessed to begin where it did goes on, but here begins one for certain. */
  private isDisproved(data: Uint8Array, start: number, end: number): boolean {
    const { message } = this;
    if (message === undefined || !this.announced || this.owner.pipelines) return false;
    return (
      this.tools.finder.beginsSegment(this.isRequest, data, start, end) &&
      this.owner.mayBegin(this, this.offset, message.ackedAtStart, false)
    );
  }

  private begin(data: Uint8Array, i: number, end: number): number {
    // Empty lines before a start line (RFC 9112 §2.2).
    if (data[i] === CR || data[i] === LF) return i + 1;
    const message = this.tools.pool.acquire();
    message.startTime = this.time;
    message.streamStart = this.shift + i;
    message.seq = (this.connection.sides[this.direction].firstSeq + message.streamStart) | 0;
    message.ackedAtStart = this.connection.peerAcked;
    this.message = message;
    this.announced = false;
    this.answering = Answering.unknown;
    this.inTrailers = false;
    this.size = 0;
    this.lineStart = 0;
    this.state = State.startLine;
    return this.readLinesInPlace(message, data, i, end);
  }

  /** The message begins at `data[start]`: reads its head without copying it first. */
  private readLinesInPlace(message: Message, data: Uint8Array, start: number, end: number): number {
    const limit = Math.min(end, start + this.tools.limits.maxHead);
    const next = this.readLines(message, data, start, limit, start);
    if (next < 0) return this.headEnded(message, data, start, ~next, end, data, start);
    if (this.state === State.startLine && !this.mayBeStart(data, start, limit)) this.state = State.lost;
    if (this.state === State.lost) return this.reject(message, start);
    this.lineStart = next - start;
    if (!this.append(message, data, start, limit)) return this.reject(message, limit);
    if (this.state === State.fields) this.announce(message);
    return limit;
  }

  /** Part of the head, or of the trailers, came before: copies what is here and reads the lines that are whole now. */
  private readLinesAcross(message: Message, data: Uint8Array, i: number, end: number): number {
    const room = this.tools.limits.maxHead + message.bodyEnd - this.size;
    if (room <= 0) return this.beginLongHead(message, i);
    const limit = Math.min(end, i + room);
    const before = this.size;
    if (!this.append(message, data, i, limit)) return this.reject(message, limit);
    if (findLineFeed(data, i, limit) < 0) {
      if (this.state === State.startLine && !this.mayBeStart(message.bytes, 0, this.size)) {
        return this.reject(message, i);
      }
      return limit;
    }
    const next = this.readLines(message, message.bytes, this.lineStart, this.size, 0);
    if (next < 0) {
      this.size = ~next;
      const after = i + this.size - before;
      if (this.inTrailers) return this.trailersEnded(message, after);
      return this.headEnded(message, data, after, after, end, message.bytes, 0);
    }
    if (this.state === State.lost) return this.reject(message, i);
    this.lineStart = next;
    if (this.state === State.fields) this.announce(message);
    return limit;
  }

  /** As `readFieldLines`, the start line included; the state becomes `lost` where there is none. */
  private readLines(
    message: Message,
    source: Uint8Array,
    start: number,
    limit: number,
    base: number,
  ): number {
    let at = start;
    if (this.state === State.startLine) {
      at = this.isRequest
        ? readRequestLine(message, source, start, limit, base)
        : readStatusLine(message, source, start, limit, base);
      if (at === NOT_A_START) {
        this.state = State.lost;
        return start;
      }
      if (at === start) return start;
      this.state = State.fields;
    }
    return readFieldLines(message, source, at, limit, base, this.inTrailers);
  }

  private mayBeStart(source: Uint8Array, start: number, end: number): boolean {
    return this.isRequest ? mayBeRequestLine(source, start, end) : mayBeStatusLine(source, start, end);
  }

  private beginLongHead(message: Message, i: number): number {
    message.flags |= MessageFlag.headTruncated;
    this.tools.counters.truncatedHeads++;
    const inStartLine = this.state === State.startLine;
    if (inStartLine && !(this.isRequest && readRequestLinePrefix(message, message.bytes, this.size))) {
      return this.reject(message, i);
    }
    this.long = new LongHead(inStartLine);
    if (!inStartLine) {
      this.long.take(message.bytes, this.lineStart, this.size);
      this.size = this.lineStart;
    }
    this.state = State.longHead;
    this.announce(message);
    return i;
  }

  private readLongHead(message: Message, data: Uint8Array, i: number, end: number): number {
    const long = this.long!;
    const next = long.take(data, i, end);
    if (!long.whole) return next;
    if (long.isEmpty) {
      this.long = undefined;
      if (this.inTrailers) return this.trailersEnded(message, next);
      return this.headEnded(message, data, next, next, end, message.bytes, 0);
    }
    const room = this.tools.limits.maxHead + FRAMING_RESERVE - this.size;
    if (!this.inTrailers && long.decidesFraming && long.length <= room) {
      const start = this.size;
      if (this.append(message, long.line, 0, long.length)) {
        readFieldLines(message, message.bytes, start, this.size, 0, false);
      }
    }
    return next;
  }

  /** What looked like a message is none, or cannot be kept. Goes on at `next`. */
  private reject(message: Message, next: number): number {
    if (this.announced) {
      message.headEnd ||= this.size;
      message.flags |= MessageFlag.headTruncated;
      this.state = State.lost;
    }
    const { streamStart } = message;
    if (!this.announced) this.drop(message);
    this.lose(streamStart, 0);
    return next;
  }

  private drop(message: Message): void {
    this.message = undefined;
    this.state = State.idle;
    this.tools.pool.release(message);
  }

  private announce(message: Message): void {
    if (this.announced) return;
    this.announced = true;
    if (this.closed) message.malform(FramingProblem.afterClose);
    this.owner.begun(this, message);
  }

  /**
   * The head ends before `data[next]`. Of it, `data[from, next)` is still to be copied; all of it can be read at
   * `source[base]`.
   */
  private headEnded(
    message: Message,
    data: Uint8Array,
    from: number,
    next: number,
    end: number,
    source: Uint8Array,
    base: number,
  ): number {
    const framing = this.tools.framing;
    framing.read(message, source, base);
    message.headEnd = this.size + next - from;
    this.room = this.tools.limits.maxKeptBody;
    this.remaining = 0;
    if (!this.isRequest) this.announce(message);
    const state = this.isRequest ? this.requestBody(message, source, base) : this.answerBody(message);
    // The head, and what this segment has of a body of known length, are one stretch of bytes: one copy.
    const bodyEnd = Math.min(end, next + this.remaining);
    const inSegment = state === State.fixed ? bodyEnd - next : 0;
    const kept = Math.min(inSegment, this.room);
    if (this.append(message, data, from, next + kept)) this.room -= kept;
    else if (!this.append(message, data, from, next)) return this.reject(message, next);
    else this.room = 0;
    if (this.isRequest) this.announce(message);
    if (this.isRequest || message.status >= 200) {
      this.closed = framing.close || (message.version < 11 && !framing.keepAlive);
    }
    this.state = state;
    if (inSegment > 0) {
      message.bodySize = inSegment;
      this.remaining -= inSegment;
      if (this.size - message.headEnd < inSegment) this.truncateBody(message);
    }
    if (state === State.idle || (state === State.fixed && this.remaining === 0)) {
      return this.endAt(message, next + inSegment);
    }
    if (state === State.lost) this.lose(this.shift + next, 0);
    return next + inSegment;
  }

  /** RFC 9112 §6.3 for requests: the state that reads the body, `idle` if there is none. */
  private requestBody(message: Message, source: Uint8Array, base: number): number {
    const framing = this.tools.framing;
    // What follows the head of CONNECT is the tunnel (RFC 9110 §9.3.6).
    if (methodIs(message, source, base, Method.connect)) return State.idle;
    if (framing.hasTransferEncoding) {
      if (framing.chunked) return this.beginChunked(message);
      message.malform(FramingProblem.requestCoding);
      return State.lost;
    }
    if (framing.badLength && framing.contentLength < 0) return State.lost;
    this.remaining = Math.max(0, framing.contentLength);
    return this.remaining > 0 ? State.fixed : State.idle;
  }

  /** RFC 9112 §6.3 for answers. */
  private answerBody(message: Message): number {
    const framing = this.tools.framing;
    const status = message.status;
    if (status < 200 || status === 204 || status === 304 || this.answering === Answering.head)
      return State.idle;
    if (this.answering === Answering.connect && status < 300) return State.idle;
    let state: number = State.untilClose;
    if (framing.hasTransferEncoding) {
      if (framing.chunked) state = this.beginChunked(message);
    } else if (framing.contentLength >= 0) {
      if (framing.contentLength === 0) return State.idle;
      this.remaining = framing.contentLength;
      state = State.fixed;
    }
    if (state === State.untilClose) message.flags |= MessageFlag.untilClose;
    if (this.answering !== Answering.unknown) return state;
    this.bodyState = state;
    return State.doubtful;
  }

  private beginChunked(message: Message): number {
    message.flags |= MessageFlag.chunked;
    this.chunks ??= new ChunkReader();
    this.chunks.restart();
    return State.chunked;
  }

  private readDoubtful(message: Message, data: Uint8Array, i: number, end: number): number {
    const isOver =
      this.owner.isOver(message) ||
      (this.tools.finder.beginsSegment(false, data, i, end) &&
        this.owner.mayBegin(this, this.shift + i, message.ackedAtStart, false));
    if (isOver) this.endWithoutBody();
    else this.state = this.bodyState;
    return i;
  }

  private readFixed(message: Message, data: Uint8Array, i: number, end: number): number {
    const stop = Math.min(end, i + this.remaining);
    this.keepBody(message, data, i, stop);
    this.remaining -= stop - i;
    return this.remaining === 0 ? this.endAt(message, stop) : stop;
  }

  private readChunked(message: Message, data: Uint8Array, i: number, end: number): number {
    const chunks = this.chunks!;
    const at = chunks.read(message, data, i, end);
    if (chunks.state === ChunkState.data) {
      if (at === end) return end;
      const stop = Math.min(end, at + chunks.remaining);
      this.keepBody(message, data, at, stop);
      chunks.consume(stop - at);
      return stop;
    }
    if (chunks.state === ChunkState.trailers) {
      message.bodyEnd = this.size;
      this.lineStart = this.size;
      this.inTrailers = true;
      this.state = State.trailers;
    } else if (chunks.state === ChunkState.broken) {
      this.lose(this.shift + at, 0);
    }
    return at;
  }

  private trailersEnded(message: Message, next: number): number {
    if (message.trailerCount === 0) this.size = message.bodyEnd;
    return this.endAt(message, next);
  }

  private gapInMessage(message: Message, length: number): void {
    if (!this.announced) {
      const { streamStart } = message;
      this.drop(message);
      this.lose(streamStart, 1);
      return;
    }
    message.flags |= MessageFlag.gap;
    message.gapBytes += length;
    this.room = 0;
    if (this.state === State.doubtful) this.state = this.bodyState;
    switch (this.state) {
      case State.untilClose:
        message.bodySize += length;
        return;
      case State.fixed:
        this.gapInFixed(message, length);
        return;
      case State.chunked:
        this.gapInChunked(message, length);
        return;
      case State.lost:
        return;
      default:
        // In the head or the trailers: what comes after the hole has no known place.
        if (message.headEnd === 0) message.headEnd = this.size;
        if (this.inTrailers) this.end(message, this.offset);
        this.lose(this.offset, 0);
    }
  }

  private gapInFixed(message: Message, length: number): void {
    const inside = Math.min(length, this.remaining);
    message.bodySize += inside;
    this.remaining -= inside;
    if (this.remaining > 0) return;
    message.gapBytes -= length - inside;
    message.endTime = this.time;
    this.end(message, this.offset + inside);
    if (length > inside) this.lose(this.offset + inside, 1);
  }

  private gapInChunked(message: Message, length: number): void {
    const chunks = this.chunks!;
    const inside = chunks.state === ChunkState.data ? Math.min(length, chunks.remaining) : 0;
    message.bodySize += inside;
    if (inside > 0) chunks.consume(inside);
    if (inside < length) this.lose(this.offset, 0);
  }

  /** From stream `offset` on the framing is not known: searches for the next start. */
  private lose(offset: number, starts: number): void {
    this.state = State.lost;
    this.lostAcked = -1;
    this.tools.counters.resyncs++;
    this.owner.lost(this, offset, starts);
  }

  private search(data: Uint8Array, i: number, end: number, segmentStart: boolean): number {
    const broken = this.message;
    const floor = Math.max(this.lostAcked, broken?.ackedAtStart ?? -1);
    let at = this.tools.finder.find(this.isRequest, data, i, end, segmentStart);
    const inSegment = at > i || !segmentStart;
    if (at >= 0 && !this.owner.mayBegin(this, this.shift + at, floor, inSegment)) at = -1;
    if (at < 0 && !(broken?.has(MessageFlag.chunked) && endsWithLastChunk(data, i, end))) {
      this.tools.counters.skippedBytes += end - i;
      this.lostAcked = this.connection.peerAcked;
      return end;
    }
    const next = at < 0 ? end : at;
    this.tools.counters.skippedBytes += next - i;
    if (broken !== undefined) {
      if (next > i) broken.endTime = this.time;
      this.end(broken, this.shift + next);
    }
    this.state = State.idle;
    this.guessed = true;
    this.owner.found(this, this.shift + next);
    return next;
  }

  private endAt(message: Message, index: number): number {
    message.endTime = this.time;
    this.end(message, this.shift + index);
    return index;
  }

  private end(message: Message, streamEnd: number): void {
    message.streamEnd = streamEnd;
    if (!this.inTrailers) message.bodyEnd = this.size;
    message.trailerEnd = this.size;
    this.message = undefined;
    this.long = undefined;
    this.guessed = false;
    this.state = State.idle;
    this.owner.ended(this, message);
  }

  private keepBody(message: Message, data: Uint8Array, start: number, end: number): void {
    const length = end - start;
    message.bodySize += length;
    const kept = Math.min(length, this.room);
    if (kept > 0 && this.append(message, data, start, start + kept)) this.room -= kept;
    else this.room = 0;
    if (this.size - message.headEnd < message.bodySize) this.truncateBody(message);
  }

  private truncateBody(message: Message): void {
    if (message.has(MessageFlag.gap | MessageFlag.bodyTruncated)) return;
    message.flags |= MessageFlag.bodyTruncated;
    this.tools.counters.truncatedBodies++;
  }

  /** Copies `data[start, end)` behind what `message` has. False if the memory for it is not granted. */
  private append(message: Message, data: Uint8Array, start: number, end: number): boolean {
    const length = end - start;
    if (length === 0) return true;
    const size = this.size + length;
    if (size > message.bytes.length && !this.tools.pool.grow(message, size, this.size)) return false;
    message.bytes.set(new Uint8Array(data.buffer, data.byteOffset + start, length), this.size);
    this.size = size;
    return true;
  }
}

/** Whether a segment ends as a chunked body without trailers does: a good guess where its chunks cannot be counted. */
function endsWithLastChunk(data: Uint8Array, start: number, end: number): boolean {
  const at = end - LAST_CHUNK.length;
  if (at < start) return false;
  for (let i = 0; i < LAST_CHUNK.length; i++) if (data[at + i] !== LAST_CHUNK[i]) return false;
  return at === start || data[at - 1] === LF;
}

const LAST_CHUNK: readonly number[] = [...Buffer.from('0\r\n\r\n')];
