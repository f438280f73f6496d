import type { DissectCounters } from '../counters.ts';
import { type Message, MessageFlag } from '../message.ts';
import { Answering, answeringOf } from './answering.ts';
import type { Http1Limits } from './limits.ts';
import { LostRequests } from './lost-requests.ts';

/** Who hears of the pairs. The messages are free again after the call. */
export interface PairSink {
  pair(request: Message | undefined, response: Message | undefined, interim: readonly number[]): void;
  /** How far the requests have been delivered, as an offset of their stream. */
  readonly requestOffset: number;
  /** False: memory is short, and requests that have ended are not to wait for their answers. */
  readonly mayWait: boolean;
}

const NONE: readonly number[] = [];

/**
 * Finds the request of each answer (RFC 9112 §9.3: answers come in the order of their requests).
 *
 * While nothing is missing, order decides. Where requests or answers may be missing, what TCP acknowledged does:
 *  - an answer begins after the server got the request: `answer.ackedAtStart > request.streamStart`;
 *  - a request is sent before its answer begins: `request.ackedAtStart <= answer.streamStart`;
 *  - a client that does not pipeline has got all earlier answers when it sends: what it acknowledges then is
 *    where the answer will begin (RFC 9293 §3.4).
 * Answers to a client that was seen to pipeline wait until there are as many of them as requests they can answer.
 * A pair that is not certain is not made: both are shown alone.
 */
export class Pairing {
  /** Requests whose final answer has not begun, oldest first. */
  private readonly waiting: Message[] = [];
  /** Answers that ended before their request was delivered (packets captured in another order), oldest first. */
  private held: Message[] | undefined;
  /** The final answer being read, and the request it answers. */
  private current: Message | undefined;
  private answered: Message | undefined;
  /** The server had acknowledged more of the requests than was delivered: the request of `current` may still come. */
  private requestIsComing = false;
  /** The request being read, if its answer has ended already (or it will get none), with that answer. */
  private earlyRequest: Message | undefined;
  private early: Message | undefined;
  /** The request being read. */
  private open: Message | undefined;
  /** Where the last interim answers, one after the other, are in the stream. */
  private interimStart = -1;
  private interimEnd = -1;
  /** Status codes of the interim answers since the last final one. */
  private interim: readonly number[] = NONE;

  /** Answers may be missing since the last certain pair. */
  private answersLost = false;
  /** Since then, on a connection that pipelines: answers that could be to several requests; undefined for one that was lost. */
  private unresolved: (Message | undefined)[] | undefined;
  /** `current` is to become one of those. */
  private deferring = false;
  /** No pair was made yet on a connection whose beginning was not captured. */
  private midstream = false;
  /** Undefined while none is lost. */
  private lostRequests: LostRequests | undefined;
  /** The client was seen to send requests before it had the answers to those before. */
  pipelines = false;
  /** Requests that were shown alone because too many waited: so many answers come before that of `waiting[0]`. */
  private overdue = 0;
  /** Where the last answer ended whose end is known; and the last of those that have a request. */
  private answersEnd = 0;
  private pairedEnd = 0;
  /** Where `current` ends will not be known. */
  private isBroken = false;

  private readonly sink: PairSink;
  private readonly limits: Http1Limits;
  private readonly counters: DissectCounters;

  constructor(sink: PairSink, limits: Http1Limits, counters: DissectCounters) {
    this.sink = sink;
    this.limits = limits;
    this.counters = counters;
  }

  /** Nothing waits and nothing is in doubt: every answer up to `offset` of their stream has its request. */
  isIdle(offset: number): boolean {
    return (
      this.waiting.length === 0 &&
      this.current === undefined &&
      this.open === undefined &&
      this.earlyRequest === undefined &&
      this.held === undefined &&
      this.unresolved === undefined &&
      this.lostRequests === undefined &&
      this.interim === NONE &&
      this.overdue === 0 &&
      this.pairedEnd === offset &&
      this.answersEnd === offset &&
      !(this.answersLost || this.midstream || this.pipelines || this.isBroken || this.requestIsComing)
    );
  }

  /** An idle one pairs what a connection brings whose answers have come to `offset`. */
  attach(offset: number): void {
    this.answersEnd = offset;
    this.pairedEnd = offset;
    this.interimStart = -1;
    this.interimEnd = -1;
  }

  /**
   * The reading begins inside the connection, so earlier requests may still be answered. `firstLost`: the first
   * request began with the connection, and was not recognised.
   */
  beginMidstream(firstLost: boolean): void {
    this.answersEnd = 0;
    this.pairedEnd = 0;
    this.answersLost = true;
    this.midstream = true;
    if (firstLost) this.requestsMayBeMissing(0, 1);
  }

  /** The start line of a request was read. Returns true if the answer being read turned out to be its answer. */
  requestBegun(request: Message): boolean {
    this.open = request;
    this.notePipelining(request);
    if (this.held !== undefined && this.giveHeld(request)) return false;
    if (this.current !== undefined && this.requestIsComing && this.isFor(request, this.current)) {
      this.requestIsComing = false;
      this.answered = request;
      return true;
    }
    if (this.waiting.length >= this.limits.maxOutstanding) this.showOverdue(1);
    this.waiting.push(request);
    return false;
  }

  requestEnded(request: Message): void {
    if (this.open === request) this.open = undefined;
    if (this.earlyRequest !== request) {
      if (!this.sink.mayWait) this.showOverdue(this.waiting.length);
      return;
    }
    const response = this.early;
    this.earlyRequest = undefined;
    this.early = undefined;
    this.show(request, response);
  }

  /** The status line of a final answer was read. */
  answerBegun(answer: Message): void {
    this.current = answer;
    this.isBroken = false;
    this.answered = this.choose(answer);
  }

  /** What the answer being read answers: one of Answering. */
  get answering(): number {
    const request = this.answered;
    if (request !== undefined) return answeringOf(request);
    // Not known which request, but perhaps they all are of one kind.
    const first = this.waiting[0];
    if (!this.deferring || first === undefined) return Answering.unknown;
    const kind = answeringOf(first);
    return this.waiting.every((other) => answeringOf(other) === kind) ? kind : Answering.unknown;
  }

  answerEnded(answer: Message): void {
    const request = this.answered;
    this.current = undefined;
    this.answered = undefined;
    if (!this.isBroken && !this.requestIsComing) this.answersEnd = answer.streamEnd;
    if (request === undefined) {
      if (this.requestIsComing) this.hold(answer);
      else if (this.deferring) this.defer(answer);
      else this.show(undefined, answer);
      return;
    }
    this.midstream = false;
    if (!this.isBroken) this.pairedEnd = answer.streamEnd;
    if (this.waiting.length > 0 && sentBefore(this.waiting[0], this.pairedEnd)) this.pipelines = true;
    this.join(request, answer);
  }

  interimEnded(answer: Message): void {
    if (answer.streamStart !== this.interimEnd) this.interimStart = answer.streamStart;
    this.interimEnd = answer.has(MessageFlag.gap) ? -1 : answer.streamEnd;
    if (this.interim.length < MAX_INTERIM) this.interim = [...this.interim, answer.status];
  }

  /**
   * From here on answers may be missing; `starts` of them are known to have begun in what was lost. (They count as
   * final ones: nobody sends interim answers to pipelined requests.)
   */
  answersMayBeMissing(starts: number): void {
    this.answersLost = true;
    this.isBroken = true;
    const unanswered = this.waiting.length - (this.unresolved?.length ?? 0);
    if (this.pipelines) for (let i = 0; i < Math.min(starts, unanswered); i++) this.defer(undefined);
  }

  /** From this offset of their stream on requests may be missing; `starts` of them are known to have begun. */
  requestsMayBeMissing(offset: number, starts: number): void {
    this.lostRequests ??= new LostRequests();
    this.lostRequests.begin(offset, starts, this.answersEnd);
  }

  /** Requests are seen again from this offset on. */
  requestsFoundAgain(offset: number): void {
    this.lostRequests?.foundAgain(offset);
  }

  /** More of the request stream was delivered: answers that wait for a request which did not come wait no longer. */
  requestsDelivered(): void {
    const held = this.held;
    if (held === undefined) return;
    while (held.length > 0 && held[0].ackedAtStart <= this.sink.requestOffset)
      this.show(undefined, this.takeHeld());
  }

  /**
   * Whether, for all that is known, an answer can begin at stream `offset`, in a packet that acknowledged `acked`
   * of the requests. `inSegment`: not at the beginning of a segment.
   */
  answerMayBegin(offset: number, acked: number, inSegment: boolean): boolean {
    if (this.waiting.some((request) => this.pipelines || this.isAnsweredAt(request, offset))) return true;
    if (inSegment && !this.pipelines) return false;
    return this.midstream || acked > this.sink.requestOffset || this.lostRequests !== undefined;
  }

  /** The same for a request, in a packet that acknowledged `acked` of the answers. */
  requestMayBegin(acked: number): boolean {
    return this.lostRequests?.requestMayBegin(acked) ?? true;
  }

  /** Shows all that is left, at the end of the connection. Both messages being read have ended. */
  close(): void {
    while (this.held !== undefined) this.show(undefined, this.takeHeld());
    this.showUnresolved();
    this.showUnanswered(this.waiting.length);
  }

  private choose(answer: Message): Message | undefined {
    const waiting = this.waiting;
    this.requestIsComing = answer.ackedAtStart > this.sink.requestOffset;
    this.deferring = false;
    if (this.overdue > 0) {
      this.overdue--;
      this.requestIsComing = false;
      return undefined;
    }
    if (waiting.length === 0) return undefined;
    if (!this.answersLost && !this.requestLostBefore(waiting[0].streamStart)) {
      this.requestIsComing = false;
      return fits(waiting[0], answer) ? waiting.shift() : undefined;
    }
    return this.pipelines ? this.chooseByNumber(answer) : this.chooseByAcknowledgement(answer);
  }

  /** For a client that does not pipeline. */
  private chooseByAcknowledgement(answer: Message): Message | undefined {
    const waiting = this.waiting;
    if (this.sentWithLostRequest(waiting[0])) {
      this.pipelines = true;
      return this.ambiguous();
    }
    const at = waiting.findIndex((request) => this.isAnsweredAt(request, answer.streamStart));
    if (at < 0 || !fits(waiting[at], answer)) return undefined;
    this.requestIsComing = false;
    return this.settle(at);
  }

  /** Whether the final answer to `request` begins at `offset`, if the client does not pipeline. */
  private isAnsweredAt({ ackedAtStart }: Message, offset: number): boolean {
    return ackedAtStart === offset || (ackedAtStart === this.interimStart && offset === this.interimEnd);
  }

  /** `request` was sent although a request before it, which was lost, had no answer: then the client pipelines. */
  private sentWithLostRequest(request: Message): boolean {
    if (this.answersLost || request.ackedAtStart < 0 || request.ackedAtStart > this.pairedEnd) return false;
    return this.lostRequests?.hasStartBefore(request.streamStart) ?? false;
  }

  /** For a client that pipelines: as many answers as there are requests for them leave one way to pair them. */
  private chooseByNumber(answer: Message): Message | undefined {
    this.requestIsComing = false;
    let count = this.waiting.length;
    while (count > 0 && !fits(this.waiting[count - 1], answer)) count--;
    if (count === 0) return undefined;
    const acked = answer.ackedAtStart < 0 ? Number.POSITIVE_INFINITY : answer.ackedAtStart;
    if (this.requestLostBefore(acked)) return this.ambiguous();
    const answers = 1 + (this.unresolved?.length ?? 0);
    if (answers < count) {
      this.deferring = true;
      return undefined;
    }
    if (answers > count) {
      this.showUnresolved();
      return this.ambiguous();
    }
    const unresolved = this.unresolved ?? [];
    this.unresolved = undefined;
    for (const earlier of unresolved) {
      if (earlier === undefined) this.showUnanswered(1);
      else this.join(this.waiting.shift()!, earlier);
    }
    return this.settle(0);
  }

  /** The request at `index` is certain: those before it stay without an answer, those after it are in order again. */
  private settle(index: number): Message | undefined {
    this.showUnanswered(index);
    const request = this.waiting.shift();
    this.answersLost = false;
    if (request !== undefined && this.lostRequests !== undefined) {
      this.lostRequests.settle(request);
      if (this.lostRequests.isEmpty) this.lostRequests = undefined;
    }
    return request;
  }

  private ambiguous(): undefined {
    this.counters.ambiguousAnswers++;
    return undefined;
  }

  /** Whether requests may be missing before `offset` of their stream, and unanswered. */
  private requestLostBefore(offset: number): boolean {
    return this.lostRequests?.isBefore(offset) ?? false;
  }

  /** Two requests between which no byte of an answer arrived, or one sent before the last answer had arrived in full. */
  private notePipelining(request: Message): void {
    const { waiting } = this;
    if (waiting.length === 0) {
      if (sentBefore(request, this.pairedEnd)) this.pipelines = true;
    } else if (
      request.ackedAtStart >= 0 &&
      waiting[waiting.length - 1].ackedAtStart === request.ackedAtStart
    ) {
      this.pipelines = true;
    }
  }

  /** Gives `request` the oldest held answer that can be its answer; those that cannot be any more are shown alone. */
  private giveHeld(request: Message): boolean {
    const held = this.held!;
    while (held.length > 0 && request.streamStart >= held[0].ackedAtStart)
      this.show(undefined, this.takeHeld());
    if (held.length === 0 || !this.isFor(request, held[0])) return false;
    this.join(request, this.takeHeld());
    return true;
  }

  /** Whether `answer`, which came before its request was delivered, is for the request that begins now. */
  private isFor(request: Message, answer: Message): boolean {
    if (!fits(request, answer)) return false;
    if (!this.answersLost && !this.requestLostBefore(request.streamStart)) return true;
    return !this.pipelines && this.isAnsweredAt(request, answer.streamStart);
  }

  /** Adds to the unresolved answers; the oldest gives way, and with it the request that nothing later can answer. */
  private defer(answer: Message | undefined): void {
    this.unresolved ??= [];
    this.unresolved.push(answer);
    if (this.unresolved.length <= this.limits.maxHeldAnswers) return;
    this.showAmbiguous(this.unresolved.shift());
    this.showUnanswered(1);
  }

  private showUnresolved(): void {
    const unresolved = this.unresolved ?? [];
    this.unresolved = undefined;
    for (const answer of unresolved) this.showAmbiguous(answer);
  }

  private showAmbiguous(answer: Message | undefined): void {
    if (answer === undefined) return;
    this.counters.ambiguousAnswers++;
    this.show(undefined, answer);
  }

  private hold(answer: Message): void {
    if (this.held?.length === this.limits.maxHeldAnswers) this.show(undefined, this.takeHeld());
    this.held ??= [];
    this.held.push(answer);
  }

  private takeHeld(): Message | undefined {
    const answer = this.held!.shift();
    if (this.held!.length === 0) this.held = undefined;
    if (answer !== undefined) this.answersEnd = answer.streamEnd;
    return answer;
  }

  /** Too much waits: the oldest requests are shown without their answers, which are not to count for those after them. */
  private showOverdue(count: number): void {
    this.counters.outstandingLimitHits += count;
    this.overdue += count;
    this.showUnanswered(count);
  }

  private showUnanswered(count: number): void {
    for (let i = 0; i < count; i++) {
      const request = this.waiting.shift();
      if (request === undefined) return;
      this.join(request, undefined);
    }
  }

  /** Shows a pair (or a request that stays alone) as soon as its request has ended. */
  private join(request: Message, answer: Message | undefined): void {
    if (request === this.open) {
      this.early = answer;
      this.earlyRequest = request;
    } else {
      this.show(request, answer);
    }
  }

  private show(request: Message | undefined, answer: Message | undefined): void {
    const interim = answer === undefined ? NONE : this.interim;
    if (answer !== undefined) this.interim = NONE;
    this.sink.pair(request, answer, interim);
  }
}

const MAX_INTERIM = 16;

/** Whether causality allows `answer` to be the answer to `request`. Offsets that are not known allow it. */
function fits(request: Message, answer: Message): boolean {
  if (answer.ackedAtStart >= 0 && request.streamStart >= answer.ackedAtStart) return false;
  return request.ackedAtStart <= answer.streamStart;
}

/** Whether the client sent `request` before it had received the answers up to `offset`. */
function sentBefore(request: Message, offset: number): boolean {
  return request.ackedAtStart >= 0 && request.ackedAtStart < offset;
}
