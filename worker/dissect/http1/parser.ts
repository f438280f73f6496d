import type { ConnectionInfo, Direction, EndReason } from '../../tcp/stream.ts';
import { type Message, MessageFlag } from '../message.ts';
import { Answering } from './answering.ts';
import { answerBody, BodyKind, BodyReader, Progress, requestBody } from './body.ts';
import { Draft } from './draft.ts';
import { type Framing, FramingProblem } from './framing.ts';
import { HeadOutcome, HeadReader, type HeadTools } from './head.ts';
import { CR, LF } from './octets.ts';
import type { MessagePool } from './pool.ts';
import { endsWithLastChunk, type StartFinder } from './resync.ts';

/** What the parsers of all connections share. None of it holds anything between two calls but the pool. */
export interface ParserTools extends HeadTools {
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
  /** In the head or the trailers. */
  head: 1,
  body: 2,
  /** A body should come, but the request is not known and may have been HEAD. */
  doubtful: 3,
  /** Where the next message begins is not known. The draft is the broken one before it, if its start line was seen. */
  lost: 4,
  /** HTTP ended: the bytes that follow are another protocol's. */
  stopped: 5,
} as const;

/** Reads the messages of one direction: bytes and gaps in, messages out. After a loss it finds the next one by itself. */
export class MessageParser {
  /** Stream offset of the next byte, or of the segment being read. */
  offset = 0;
  /** What the answer being read answers (see Answering); set by the owner when an answer begins. */
  answering: number = Answering.unknown;

  private state: number = State.idle;
  private readonly draft: Draft;
  private readonly head: HeadReader;
  private readonly body = new BodyReader();
  /** The owner knows of the message being read. */
  private announced = false;
  /** It was found by searching: it may be a text about HTTP. */
  private guessed = false;
  /** The last message said that it is the last of its connection. */
  private closed = false;
  /** What the last segment acknowledged in which no start was found. */
  private lostAcked = -1;

  // Of the segment being read: its time, and what to add to an index in it to get a stream offset.
  private time = 0;
  private shift = 0;

  private readonly isRequest: boolean;
  private direction: Direction = 0;
  private connection!: ConnectionInfo;
  private readonly tools: ParserTools;
  private readonly owner: ParserOwner;

  constructor(isRequest: boolean, tools: ParserTools, owner: ParserOwner) {
    this.isRequest = isRequest;
    this.draft = new Draft(tools.pool, tools.counters);
    this.head = new HeadReader(isRequest, tools);
    this.tools = tools;
    this.owner = owner;
  }

  /** Nothing is begun, nothing was lost, and nothing said that no more will come: it could read any connection. */
  get isIdle(): boolean {
    return this.state === State.idle && this.draft.message === undefined && !this.closed;
  }

  /** An idle one reads a connection from `offset` on, where a message begins. */
  attach(connection: ConnectionInfo, direction: Direction, offset: number): void {
    this.connection = connection;
    this.direction = direction;
    this.offset = offset;
    this.guessed = false;
  }

  /** It is not known where a message begins. */
  beginLost(): void {
    this.state = State.lost;
    this.lostAcked = -1;
  }

  /** Reads `data[start, end)`. Returns where it stopped: `end`, unless HTTP ended before. */
  data(data: Uint8Array, start: number, end: number): number {
    this.time = this.connection.time;
    this.shift = this.offset - start;
    if (this.guessed && this.isDisproved(data, start, end)) this.finish('cut');
    let i = start;
    while (i < end && this.state !== State.stopped) i = this.step(data, i, end, i === start);
    this.offset = this.shift + i;
    const { message } = this.draft;
    if (message !== undefined) {
      message.endTime = this.time;
      message.streamEnd = this.offset;
      this.tools.pool.count(message);
      if (this.state === State.head && this.tools.pool.isFull) this.refuse(message, i);
    }
    return i;
  }

  /** `length` bytes are missing. */
  gap(length: number): void {
    this.time = this.connection.time;
    if (this.state === State.doubtful && this.owner.isOver(this.draft.message!)) this.endWithoutBody();
    if (this.draft.message !== undefined) this.gapInMessage(this.draft.message, length);
    else if (this.state === State.idle) this.lose(this.offset, 1);
    this.offset += length;
  }

  /** No more bytes will come. */
  finish(reason: EndReason | 'cut'): void {
    const { message } = this.draft;
    if (message === undefined) return;
    if (!this.announced) {
      this.drop();
      return;
    }
    const isEnd = message.headEnd > 0 && message.has(MessageFlag.untilClose) && reason === 'fin';
    if (!isEnd) message.flags |= MessageFlag.cut;
    if (message.headEnd === 0) this.cutHead(message);
    this.end(message, message.streamEnd);
  }

  /** The answer being read turned out to answer HEAD: it has no body. */
  endWithoutBody(): void {
    const { message } = this.draft;
    if (message === undefined || message.headEnd === 0 || message.bodySize > 0) return;
    message.flags &= ~(MessageFlag.untilClose | MessageFlag.chunked);
    this.end(message, message.streamEnd);
  }

  /** A client that does not pipeline goes on and has got all up to stream `offset`: an answer to an unknown request is over. */
  endUnknown(offset: number): void {
    const { message } = this.draft;
    if (message === undefined || this.offset !== offset || this.answering !== Answering.unknown) return;
    if (!this.announced) this.drop();
    else if (this.state === State.doubtful) this.endWithoutBody();
    else if (message.headEnd > 0) this.finish('fin');
  }

  /** Another protocol follows. */
  stop(): void {
    this.finish('cut');
    this.state = State.stopped;
  }

  private step(data: Uint8Array, i: number, end: number, segmentStart: boolean): number {
    switch (this.state) {
      case State.idle:
        // Empty lines before a start line (RFC 9112 §2.2).
        return data[i] === CR || data[i] === LF ? i + 1 : this.begin(data, i, end);
      case State.head:
        return this.readHead(this.draft.message!, data, i, end);
      case State.body:
        return this.goOn(this.draft.message!, this.body.read(this.draft, data, i, end));
      case State.doubtful:
        return this.readDoubtful(this.draft.message!, data, i, end);
      default:
        return this.search(data, i, end, segmentStart);
    }
  }

  private begin(data: Uint8Array, i: number, end: number): number {
    const message = this.draft.begin(this.tools.limits.maxKeptBody);
    if (message === undefined) {
      this.tools.counters.skippedBytes += end - i;
      this.lose(this.shift + i, 1);
      return end;
    }
    message.startTime = this.time;
    message.streamStart = this.shift + i;
    message.seq = (this.connection.sides[this.direction].firstSeq + message.streamStart) | 0;
    message.ackedAtStart = this.connection.peerAcked;
    this.announced = false;
    this.answering = Answering.unknown;
    this.head.begin();
    this.state = State.head;
    return this.readHead(message, data, i, end);
  }

  private readHead(message: Message, data: Uint8Array, i: number, end: number): number {
    const { head } = this;
    const next = head.read(this.draft, data, i, end);
    if (head.outcome === HeadOutcome.rejected) return this.reject(message, next);
    if (head.outcome === HeadOutcome.more) {
      if (head.hasStartLine) this.announce(message);
      return next;
    }
    if (head.inTrailers) {
      if (message.trailerCount === 0) this.draft.size = message.bodyEnd;
      return this.endAt(message, next);
    }
    return head.inPlace
      ? this.headEnded(message, data, i, next, end, data, i)
      : this.headEnded(message, data, next, next, end, message.bytes, 0);
  }

  /** The head ends before `data[next]`; `data[from, next)` of it is to be copied, all can be read at `source[base]`. */
  private headEnded(
    message: Message,
    data: Uint8Array,
    from: number,
    next: number,
    end: number,
    source: Uint8Array,
    base: number,
  ): number {
    const { framing } = this.tools;
    framing.read(message, source, base);
    message.headEnd = this.draft.size + next - from;
    if (!this.isRequest) this.announce(message);
    const kind = this.isRequest
      ? requestBody(message, framing, source, base)
      : answerBody(message, framing, this.answering);
    // In doubt, the body begins with the next step, which looks at what comes; the message may end here.
    const isDoubtful = !this.isRequest && this.answering === Answering.unknown && kind !== BodyKind.none;
    message.endTime = this.time;
    message.streamEnd = this.shift + next;
    const stop = this.body.begin(this.draft, framing, kind, data, from, next, isDoubtful ? next : end);
    if (stop < 0) return this.reject(message, next);
    if (this.isRequest) this.announce(message);
    if (this.isRequest || message.status >= 200) {
      this.closed = framing.close || (message.version < 11 && !framing.keepAlive);
    }
    this.state = isDoubtful ? State.doubtful : State.body;
    return isDoubtful ? stop : this.goOn(message, stop);
  }

  /** The body was read up to `data[index]`: does what its reader says. */
  private goOn(message: Message, index: number): number {
    const { progress } = this.body;
    if (progress === Progress.ended) return this.endAt(message, index);
    if (progress === Progress.trailers) {
      this.head.beginTrailers(this.draft);
      this.state = State.head;
    } else if (progress === Progress.broken) {
      this.lose(this.shift + index, 0);
    }
    return index;
  }

  private readDoubtful(message: Message, data: Uint8Array, i: number, end: number): number {
    const isOver =
      this.owner.isOver(message) ||
      (this.tools.finder.beginsSegment(false, this.connection.isCutShort, data, i, end) &&
        this.owner.mayBegin(this, this.shift + i, message.ackedAtStart, false));
    if (isOver) this.endWithoutBody();
    else this.state = State.body;
    return i;
  }

  private announce(message: Message): void {
    if (this.announced) return;
    this.announced = true;
    if (this.closed) message.malform(FramingProblem.afterClose);
    this.owner.begun(this, message);
  }

  /** What looked like a message is none, or cannot be kept. Goes on at `next`. */
  private reject(message: Message, next: number): number {
    const { streamStart } = message;
    if (this.announced) {
      message.headEnd ||= this.draft.size;
      message.flags |= MessageFlag.headTruncated;
    } else {
      this.drop();
    }
    this.lose(streamStart, 0);
    return next;
  }

  /** There is no memory for the rest of the head. */
  private refuse(message: Message, next: number): void {
    this.tools.counters.bufferLimitHits++;
    this.reject(message, next);
  }

  private drop(): void {
    this.draft.drop();
    this.guessed = false;
    this.state = State.idle;
  }

  /** The head goes no further: what is wrong in the part that is there is told all the same. */
  private cutHead(message: Message): void {
    message.headEnd = this.draft.size;
    this.head.cut(this.draft);
    this.tools.framing.read(message, message.bytes, 0);
  }

  private gapInMessage(message: Message, length: number): void {
    // Of packets that were cut the beginning of a line is told. Where packets are missing, a line is told that is whole.
    const isCut = this.connection.isCutShort && message.startTime === this.time;
    if (!this.announced && isCut && this.head.readCutStartLine(this.draft)) this.announce(message);
    if (!this.announced) {
      const { streamStart } = message;
      this.drop();
      this.lose(streamStart, 1);
      return;
    }
    message.flags |= MessageFlag.gap;
    message.gapBytes += length;
    this.draft.room = 0;
    if (this.state === State.head) {
      // What comes after the hole has no known place in the head, or the trailers.
      message.headEnd ||= this.draft.size;
      if (this.head.inTrailers) this.end(message, this.offset);
      this.lose(this.offset, 0);
    } else if (this.state !== State.lost) {
      this.gapInBody(message, length);
    }
  }

  private gapInBody(message: Message, length: number): void {
    this.state = State.body;
    const inside = this.body.gap(message, length);
    if (this.body.progress === Progress.broken) {
      this.lose(this.offset, 0);
    } else if (this.body.progress === Progress.ended) {
      message.gapBytes -= length - inside;
      message.endTime = this.time;
      this.end(message, this.offset + inside);
      if (inside < length) this.lose(this.offset + inside, 1);
    }
  }

  /** From stream `offset` on the framing is not known: searches for the next start. */
  private lose(offset: number, starts: number): void {
    this.beginLost();
    this.tools.counters.resyncs++;
    this.owner.lost(this, offset, starts);
  }

  private search(data: Uint8Array, i: number, end: number, segmentStart: boolean): number {
    const broken = this.draft.message;
    const floor = Math.max(this.lostAcked, broken?.ackedAtStart ?? -1);
    let at = this.tools.finder.find(this.isRequest, this.connection.isCutShort, data, i, end, segmentStart);
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

  /** A message that was guessed to begin where it did goes on, but here begins one for certain. */
  private isDisproved(data: Uint8Array, start: number, end: number): boolean {
    const { message } = this.draft;
    if (message === undefined || !this.announced || this.owner.pipelines) return false;
    return (
      this.tools.finder.beginsSegment(this.isRequest, this.connection.isCutShort, data, start, end) &&
      this.owner.mayBegin(this, this.offset, message.ackedAtStart, false)
    );
  }

  private endAt(message: Message, index: number): number {
    message.endTime = this.time;
    this.end(message, this.shift + index);
    return index;
  }

  private end(message: Message, streamEnd: number): void {
    const { size } = this.draft;
    message.streamEnd = streamEnd;
    this.tools.pool.count(message);
    if (!this.head.inTrailers) message.bodyEnd = size;
    message.trailerEnd = size;
    this.draft.message = undefined;
    this.guessed = false;
    this.state = State.idle;
    this.owner.ended(this, message);
  }
}
