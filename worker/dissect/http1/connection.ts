import type { CloseReason, ConnectionInfo, Direction, EndReason, StreamListener } from '../../tcp/stream.ts';
import type { Exchange, ExchangeSink, Offsets } from '../dissector.ts';
import type { Message } from '../message.ts';
import { Answering } from './answering.ts';
import { UPGRADE } from './framing.ts';
import { equalsWord } from './octets.ts';
import { Pairing, type PairSink } from './pairing.ts';
import { MessageParser, type ParserOwner, type ParserTools } from './parser.ts';

/** The one exchange that every sink is shown, filled anew each time. */
export class ExchangeView implements Exchange {
  connection!: ConnectionInfo;
  swapped = false;
  readonly protocol = 'http';
  request: Message | undefined;
  response: Message | undefined;
  interim: readonly number[] = [];
}

/** What the connections of one dissector share. */
export interface Http1Tools extends ParserTools {
  readonly view: ExchangeView;
}

/**
 * Reads HTTP/1 on one connection: a parser for each direction, and the pairing between them. One that is idle can
 * be attached to another connection.
 */
export class Http1Connection implements StreamListener, ParserOwner, PairSink {
  private connection!: ConnectionInfo;
  private sink!: ExchangeSink;
  /** The direction that requests come from is not the one that TCP took for the client's. */
  private swapped = false;
  private readonly tools: Http1Tools;
  private readonly requests: MessageParser;
  private readonly answers: MessageParser;
  private readonly pairing: Pairing;
  /** Who reads what comes after HTTP. */
  private successor: StreamListener | undefined;
  private recognised = false;

  constructor(tools: Http1Tools) {
    this.tools = tools;
    this.requests = new MessageParser(true, tools, this);
    this.answers = new MessageParser(false, tools, this);
    this.pairing = new Pairing(this, tools.limits, tools.counters);
  }

  /** Every exchange it has seen is complete and told, and there is nothing about them that it must remember. */
  get isIdle(): boolean {
    const { answers, requests, pairing } = this;
    return (
      answers.isIdle &&
      requests.isIdle &&
      this.recognised &&
      this.successor === undefined &&
      pairing.isIdle(answers.offset)
    );
  }

  /** An idle one reads a connection from `offsets` on, where messages begin. `recognised`: HTTP was read on it before. */
  attach(
    connection: ConnectionInfo,
    sink: ExchangeSink,
    offsets: Offsets,
    swapped: boolean,
    recognised: boolean,
  ): void {
    this.connection = connection;
    this.sink = sink;
    this.swapped = swapped;
    this.recognised = recognised;
    const from: Direction = swapped ? 1 : 0;
    const to: Direction = swapped ? 0 : 1;
    this.requests.attach(connection, from, offsets[from]);
    this.answers.attach(connection, to, offsets[to]);
    this.pairing.attach(offsets[to]);
  }

  /** Only the beginning of a connection is surely the beginning of messages; this one was attached somewhere else. */
  beginMidstream(): void {
    const { handshake } = this.connection;
    if (!handshake || this.requests.offset > 0) this.requests.beginLost();
    if (!handshake || this.answers.offset > 0) this.answers.beginLost();
    this.pairing.beginMidstream(handshake && this.requests.offset > 0);
  }

  get answerOffset(): number {
    return this.answers.offset;
  }

  get requestOffset(): number {
    return this.requests.offset;
  }

  get mayWait(): boolean {
    return !this.tools.pool.isShort;
  }

  data(direction: Direction, data: Uint8Array, start: number, end: number): void {
    const next = this.successor === undefined ? this.read(direction, data, start, end) : start;
    if (next < end) this.successor?.data(direction, data, next, end);
  }

  gap(direction: Direction, length: number): void {
    if (this.successor !== undefined) {
      this.successor.gap(direction, length);
    } else if ((direction === 1) === this.swapped) {
      this.requests.gap(length);
      this.pairing.requestsDelivered();
    } else {
      this.answers.gap(length);
    }
  }

  end(direction: Direction, reason: EndReason): void {
    if (this.successor !== undefined) this.successor.end(direction, reason);
    else if ((direction === 1) === this.swapped) this.requests.finish(reason);
    else this.answers.finish(reason);
  }

  close(reason: CloseReason): void {
    this.successor?.close(reason);
    const how = reason === 'fin' || reason === 'rst' ? reason : 'cut';
    this.requests.finish(how);
    this.answers.finish(how);
    this.pairing.close();
  }

  /** Returns where HTTP ended, `end` if it did not. */
  private read(direction: Direction, data: Uint8Array, start: number, end: number): number {
    if ((direction === 1) !== this.swapped) return this.answers.data(data, start, end);
    const next = this.requests.data(data, start, end);
    this.pairing.requestsDelivered();
    return next;
  }

  begun(parser: MessageParser, message: Message): void {
    if (!this.recognised) {
      this.recognised = true;
      this.tools.counters.httpConnections++;
    }
    if (parser === this.requests) {
      if (!this.pairing.pipelines) this.answers.endUnknown(message.ackedAtStart);
      const isAnswered = this.pairing.requestBegun(message);
      if (isAnswered && this.pairing.answering === Answering.head) this.answers.endWithoutBody();
    } else if (isFinal(message)) {
      this.pairing.answerBegun(message);
      parser.answering = this.pairing.answering;
    }
  }

  ended(parser: MessageParser, message: Message): void {
    if (parser === this.requests) {
      this.pairing.requestEnded(message);
    } else if (!isFinal(message)) {
      this.pairing.interimEnded(message);
      this.tools.pool.release(message);
    } else {
      const successor = this.protocolAfter(message);
      const end = message.streamEnd;
      this.pairing.answerEnded(message);
      if (successor !== '') this.handOn(successor, end);
    }
  }

  lost(parser: MessageParser, offset: number, starts: number): void {
    if (parser === this.requests) this.pairing.requestsMayBeMissing(offset, starts);
    else this.pairing.answersMayBeMissing(starts);
  }

  found(parser: MessageParser, offset: number): void {
    if (parser === this.requests) this.pairing.requestsFoundAgain(offset);
  }

  get pipelines(): boolean {
    return this.pairing.pipelines;
  }

  mayBegin(parser: MessageParser, offset: number, floor: number, inSegment: boolean): boolean {
    const acked = this.connection.peerAcked;
    if (this.pipelines)
      return parser === this.requests || this.pairing.answerMayBegin(offset, acked, inSegment);
    // A client that does not pipeline goes on when it has an answer, and then the other end acknowledges more.
    if (acked >= 0 && acked <= floor) return false;
    if (parser === this.requests) return !inSegment && this.pairing.requestMayBegin(acked);
    return this.pairing.answerMayBegin(offset, acked, inSegment);
  }

  isOver({ ackedAtStart }: Message): boolean {
    return !this.pipelines && ackedAtStart >= 0 && this.requestOffset > ackedAtStart;
  }

  pair(request: Message | undefined, response: Message | undefined, interim: readonly number[]): void {
    const { view, counters, pool } = this.tools;
    counters.exchanges++;
    if (request === undefined) counters.orphanAnswers++;
    else if (response === undefined) counters.unansweredRequests++;
    if (request !== undefined && request.problem !== '') counters.malformedMessages++;
    if (response !== undefined && response.problem !== '') counters.malformedMessages++;
    view.connection = this.connection;
    view.swapped = this.swapped;
    view.request = request;
    view.response = response;
    view.interim = interim;
    this.sink.exchange(view);
    if (request !== undefined) pool.release(request);
    if (response !== undefined) pool.release(response);
  }

  /** The protocol that follows the final answer `message`; empty: HTTP goes on. */
  private protocolAfter(message: Message): string {
    if (message.status === 101) return upgradeOf(message);
    const isTunnel =
      this.answers.answering === Answering.connect && message.status >= 200 && message.status < 300;
    return isTunnel ? 'connect' : '';
  }

  private handOn(protocol: string, answerEnd: number): void {
    this.requests.stop();
    this.answers.stop();
    this.pairing.close();
    this.tools.counters.upgrades++;
    const requestEnd = this.requests.offset;
    const offsets: Offsets = this.swapped ? [answerEnd, requestEnd] : [requestEnd, answerEnd];
    this.successor = this.sink.upgraded(this.connection, protocol, offsets);
  }
}

/** 101 is the last HTTP/1 answer of its connection, so it counts as final here. */
function isFinal(answer: Message): boolean {
  return answer.status >= 200 || answer.status < 100 || answer.status === 101;
}

/** The first protocol of the Upgrade field (RFC 9110 §7.8), in lower case. */
function upgradeOf(message: Message): string {
  const { bytes, fields } = message;
  for (let at = 0; at < message.fieldCount << 2; at += 4) {
    if (!equalsWord(bytes, fields[at], fields[at + 1], UPGRADE)) continue;
    const value = Buffer.from(bytes.subarray(fields[at + 2], fields[at + 3]))
      .toString('latin1')
      .toLowerCase();
    return value.split(/[,\s]/, 1)[0] || UNKNOWN;
  }
  return UNKNOWN;
}

const UNKNOWN = 'unknown';
