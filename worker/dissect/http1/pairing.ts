import type { DissectCounters } from '../counters.ts';
import { type Message, MessageFlag } from '../message.ts';
import type { Http1Limits } from './limits.ts';
import { Method, methodIs } from './methods.ts';

/** What is known about the request of an answer: its method decides whether the answer has a body. */
export const Answering = { unknown: 0, head: 1, connect: 2, other: 3 } as const;

/** Who hears of the pairs. The messages are free again after the call. */
export interface PairSink {
  pair(request: Message | undefined, response: Message | undefined, interim: readonly number[]): void;
  /** How far the requests have been delivered, as an offset of their stream. */
  readonly requestOffset: number;
}

/** A part of the request stream where requests may have been that were not seen. `end` is Infinity while it lasts. */
interface LostRange {
  start: number;
  end: number;
}

const MAX_LOST_RANGES = 16;
const NONE: readonly number[] = [];

/**
 * Finds the request of each answer (RFC 9112 §9.3: answers come in the order of their requests).
 *
 * While nothing is missing, order decides. Where requests or answers may be missing, it does not, and what
 * TCP acknowledged does:
 *  - an answer begins after the server got the request: `answer.ackedAtStart > request.streamStart`;
 *  - a request is sent before its answer begins: `request.ackedAtStart <= answer.streamStart`;
 *  - a client that does not pipeline sends nothing between a request and its answer, so the last byte the
 *    server had acknowledged when it began to answer belongs to the request that it answers.
 * A client that was seen to pipeline leaves an interval of requests; an answer is paired when only one is left.
 * Otherwise both are shown alone: a pair that is not certain is not made.
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
  /** An answer that ended before its request did, with that request. */
  private early: Message | undefined;
  private earlyRequest: Message | undefined;
  /** The request being read. */
  private open: Message | undefined;
  /** Status codes of the interim answers since the last final one. */
  private interim: readonly number[] = NONE;

  /** Answers may be missing since the last certain pair; at least so many began in what was lost. */
  private answersLost: boolean;
  /** No pair was made yet on a connection whose beginning was not captured. */
  private midstream: boolean;
  private lostAnswers = 0;
  private lostRequests: LostRange[] | undefined;
  private pipelines = false;
  /** Where the last answer ended that was seen to its end. */
  private lastAnswerEnd = -1;

  private readonly sink: PairSink;
  private readonly limits: Http1Limits;
  private readonly counters: DissectCounters;

  /** `midstream`: the capture began inside the connection, so earlier requests may still be answered. */
  constructor(sink: PairSink, limits: Http1Limits, counters: DissectCounters, midstream: boolean) {
    this.sink = sink;
    this.limits = limits;
    this.counters = counters;
    this.answersLost = midstream;
    this.midstream = midstream;
  }

  /** The start line of a request was read. Returns true if the answer being read turned out to be its answer. */
  requestBegun(request: Message): boolean {
    this.open = request;
    this.notePipelining(request);
    if (this.held !== undefined && this.giveHeld(request)) return false;
    if (this.current !== undefined && this.requestIsComing && fits(request, this.current)) {
      this.requestIsComing = false;
      this.answered = request;
      return true;
    }
    if (this.waiting.length >= this.limits.maxOutstanding) {
      this.counters.outstandingLimitHits++;
      this.answersLost = true;
      this.pipelines = true;
      this.showUnanswered(1);
    }
    this.waiting.push(request);
    return false;
  }

  requestEnded(request: Message): void {
    if (this.open === request) this.open = undefined;
    if (this.earlyRequest !== request) return;
    const response = this.early;
    this.earlyRequest = undefined;
    this.early = undefined;
    this.show(request, response);
  }

  /** The status line of a final answer was read. */
  answerBegun(answer: Message): void {
    this.current = answer;
    this.answered = this.choose(answer);
  }

  /** What the answer being read answers: one of Answering. */
  get answering(): number {
    const request = this.answered;
    if (request === undefined) return Answering.unknown;
    if (methodIs(request, request.bytes, 0, Method.head)) return Answering.head;
    if (methodIs(request, request.bytes, 0, Method.connect)) return Answering.connect;
    return Answering.other;
  }

  answerEnded(answer: Message): void {
    const request = this.answered;
    this.current = undefined;
    this.answered = undefined;
    if (request === undefined) {
      if (this.requestIsComing) this.hold(answer);
      else this.show(undefined, answer);
      return;
    }
    this.midstream = false;
    if (!answer.has(MessageFlag.gap)) this.lastAnswerEnd = answer.streamEnd;
    const next = this.waiting[0];
    if (next !== undefined && sentBefore(next, this.lastAnswerEnd)) this.pipelines = true;
    if (request === this.open) {
      this.early = answer;
      this.earlyRequest = request;
    } else {
      this.show(request, answer);
    }
  }

  interimEnded(answer: Message): void {
    if (this.interim.length < MAX_INTERIM) this.interim = [...this.interim, answer.status];
  }

  /** From here on answers may be missing; `starts` of them are known to have begun in what was lost. */
  answersMayBeMissing(starts: number): void {
    this.answersLost = true;
    this.lostAnswers += starts;
  }

  /** From this offset of their stream on requests may be missing. */
  requestsMayBeMissing(offset: number): void {
    this.lostRequests ??= [];
    const ranges = this.lostRequests;
    if (ranges.length === MAX_LOST_RANGES) ranges[ranges.length - 1].end = Number.POSITIVE_INFINITY;
    else ranges.push({ start: offset, end: Number.POSITIVE_INFINITY });
  }

  /** Requests are seen again from this offset on. */
  requestsFoundAgain(offset: number): void {
    const ranges = this.lostRequests;
    if (ranges !== undefined && ranges.length > 0) ranges[ranges.length - 1].end = offset;
  }

  /** More of the request stream was delivered: answers that wait for a request which did not come wait no longer. */
  requestsDelivered(): void {
    const held = this.held;
    if (held === undefined) return;
    while (held.length > 0 && held[0].ackedAtStart <= this.sink.requestOffset)
      this.show(undefined, held.shift());
    if (held.length === 0) this.held = undefined;
  }

  /** Whether, for all that is known, an answer can begin at `offset` in a packet that acknowledged `acked`. */
  answerMayBegin(acked: number): boolean {
    if (this.midstream) return true;
    if (this.lostRequests !== undefined && this.lostRequests.length > 0) return true;
    const first = this.waiting[0];
    if (first !== undefined) return acked < 0 || first.streamStart < acked;
    return acked > this.sink.requestOffset;
  }

  /** Whether a request can begin in a packet that acknowledged `acked`, after one that was lost track of. */
  requestMayBegin(acked: number, broken: Message | undefined): boolean {
    if (broken === undefined || this.pipelines || acked < 0 || broken.ackedAtStart < 0) return true;
    return acked > broken.ackedAtStart;
  }

  /** Shows all that is left, at the end of the connection. Both messages being read have ended. */
  close(): void {
    const held = this.held;
    this.held = undefined;
    if (held !== undefined) for (const answer of held) this.show(undefined, answer);
    this.showUnanswered(this.waiting.length);
  }

  private choose(answer: Message): Message | undefined {
    const waiting = this.waiting;
    this.requestIsComing = answer.ackedAtStart > this.sink.requestOffset;
    if (waiting.length === 0) return undefined;
    if (!this.answersLost && !this.requestLostBetween(-1, waiting[0].streamStart)) {
      this.requestIsComing = false;
      return fits(waiting[0], answer) ? waiting.shift() : undefined;
    }
    return this.pipelines ? this.chooseFromInterval(answer) : this.chooseByAcknowledgement(answer);
  }

  /** The request that holds the last byte which the server had acknowledged: right if the client does not pipeline. */
  private chooseByAcknowledgement(answer: Message): Message | undefined {
    const acked = answer.ackedAtStart < 0 ? Number.POSITIVE_INFINITY : answer.ackedAtStart;
    let at = this.waiting.length - 1;
    while (at >= 0 && this.waiting[at].streamStart >= acked) at--;
    if (at < 0) return undefined;
    const request = this.waiting[at];
    if (this.requestIsComing) {
      if (request !== this.open) return undefined;
      this.requestIsComing = false;
    }
    if (!fits(request, answer)) return undefined;
    const followed = this.requestLostBetween(request.streamStart, acked);
    // Without a lost answer, more than one request under way means that the client pipelines after all.
    if (this.answersLost ? followed || (at > 0 && answer.ackedAtStart < 0) : at > 0) return this.ambiguous();
    return this.settle(at);
  }

  /** Of several requests under way at once, each answer takes at least one: pairs when one is left. */
  private chooseFromInterval(answer: Message): Message | undefined {
    this.requestIsComing = false;
    let last = this.waiting.length - 1;
    while (last >= 0 && !fits(this.waiting[last], answer)) last--;
    if (last < 0) return undefined;
    if (this.requestLostBetween(-1, this.waiting[last].streamStart)) return this.ambiguous();
    const gone = Math.min(this.lostAnswers, last);
    this.lostAnswers = 0;
    this.showUnanswered(gone);
    if (last === gone) return this.settle(0);
    this.showUnanswered(1);
    return this.ambiguous();
  }

  /** The request at `index` is certain: those before it stay without an answer, those after it are in order again. */
  private settle(index: number): Message | undefined {
    this.showUnanswered(index);
    const request = this.waiting.shift();
    this.answersLost = false;
    this.lostAnswers = 0;
    if (request !== undefined && this.lostRequests !== undefined) {
      this.lostRequests = this.lostRequests.filter((range) => range.end > request.streamStart);
      if (this.lostRequests.length === 0) this.lostRequests = undefined;
    }
    return request;
  }

  private ambiguous(): undefined {
    this.counters.ambiguousAnswers++;
    return undefined;
  }

  private requestLostBetween(start: number, end: number): boolean {
    const ranges = this.lostRequests;
    if (ranges === undefined) return false;
    for (const range of ranges) if (range.end > start && range.start < end) return true;
    return false;
  }

  /** Two requests between which no byte of an answer arrived, or one sent before the last answer had arrived in full. */
  private notePipelining(request: Message): void {
    const before = this.waiting[this.waiting.length - 1];
    if (before === undefined) {
      if (sentBefore(request, this.lastAnswerEnd)) this.pipelines = true;
    } else if (request.ackedAtStart >= 0 && before.ackedAtStart === request.ackedAtStart) {
      this.pipelines = true;
    }
  }

  /** Gives `request` the oldest held answer that can be its answer; those that cannot be any more are shown alone. */
  private giveHeld(request: Message): boolean {
    const held = this.held!;
    while (held.length > 0 && request.streamStart >= held[0].ackedAtStart) this.show(undefined, held.shift());
    const answer = held.length > 0 && fits(request, held[0]) ? held.shift() : undefined;
    if (held.length === 0) this.held = undefined;
    if (answer === undefined) return false;
    this.early = answer;
    this.earlyRequest = request;
    return true;
  }

  private hold(answer: Message): void {
    this.held ??= [];
    if (this.held.length >= this.limits.maxHeldAnswers) this.show(undefined, this.held.shift());
    this.held.push(answer);
  }

  private showUnanswered(count: number): void {
    for (let i = 0; i < count; i++) {
      const request = this.waiting.shift();
      if (request === undefined) return;
      if (request === this.open) {
        this.abandonOpen(request);
        continue;
      }
      this.sink.pair(request, undefined, NONE);
    }
  }

  /** A request that is still being read cannot be shown yet: it is shown alone when it ends. */
  private abandonOpen(request: Message): void {
    this.earlyRequest = request;
    this.early = undefined;
  }

  private show(request: Message | undefined, answer: Message | undefined): void {
    const interim = this.interim;
    this.interim = NONE;
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
