import { COMPLETENESS } from '../../flow/flow.ts';
import {
  Common,
  PartFlag,
  PROTOCOLS,
  RecordKind,
  type RecordWriter,
  ExchangeLayout as X,
} from '../../flow/record.ts';
import type { Exchange } from '../dissect/dissector.ts';
import { type Message, MessageFlag } from '../dissect/message.ts';
import type { Policy } from '../redact/policy.ts';
import { writeCommon } from './connection-record.ts';
import { type MessageLayout, MessageWriter } from './message-writer.ts';

const bit = (name: (typeof COMPLETENESS)[number]) => 1 << COMPLETENESS.indexOf(name);
const GAP = bit('gap');
const MIDSTREAM = bit('midstream');
const ONE_SIDED = bit('one-sided');
const CONFLICT = bit('conflict');
const TRUNCATED = bit('truncated');
const CUT = bit('cut');
const MALFORMED = bit('malformed');

const REQUEST: MessageLayout = {
  headLength: X.requestHeadLength,
  trailersLength: X.requestTrailersLength,
  bodyLength: X.requestBodyLength,
  bodyKind: X.requestBodyKind,
  reason: X.requestReason,
  decodedSize: X.requestDecodedSize,
  leftOut: X.requestLeftOut,
};
const RESPONSE: MessageLayout = {
  headLength: X.responseHeadLength,
  trailersLength: X.responseTrailersLength,
  bodyLength: X.responseBodyLength,
  bodyKind: X.responseBodyKind,
  reason: X.responseReason,
  decodedSize: X.responseDecodedSize,
  leftOut: X.responseLeftOut,
};

/** By MessageProtocol. */
const PROTOCOL = (['http', 'rtsp', 'icecast'] as const).map((name) => PROTOCOLS.indexOf(name));

/** The record counts interim answers in one octet, and a problem's length in two. */
const MAX_INTERIM = 255;
const MAX_PROBLEM = 65_535;

const utf8 = new TextEncoder();

/** Writes exchanges as redacted records: what leaves this class holds no secret the policy knows. */
export class ExchangeWriter {
  readonly #writer: RecordWriter;
  readonly #messages: MessageWriter;

  constructor(writer: RecordWriter, policy: Policy, maxBody: number) {
    this.#writer = writer;
    this.#messages = new MessageWriter(writer, policy, maxBody);
  }

  /** `conflict`: differing copies of its bytes were seen. */
  write(exchange: Exchange, conflict: boolean): void {
    const writer = this.#writer;
    const messages = this.#messages;
    const { connection, request, response } = exchange;
    const first = request ?? response;
    if (first === undefined) return;

    writer.begin(RecordKind.exchange, X.end);
    writeCommon(writer, connection, exchange.swapped, first.startTime);
    writer.u8(Common.protocol, PROTOCOL[first.protocol]);
    writer.u8(Common.protocolVersion, first.version);
    writer.u8(
      X.parts,
      (request === undefined ? 0 : PartFlag.request) | (response === undefined ? 0 : PartFlag.response),
    );
    writer.f64(X.requestEnd, request?.endTime ?? Number.NaN);
    writer.f64(X.responseStart, response?.startTime ?? Number.NaN);
    writer.f64(X.responseEnd, response?.endTime ?? Number.NaN);
    messages.redacted = 0;
    let flags = conflict ? CONFLICT : 0;
    if (request === undefined || response === undefined) flags |= ONE_SIDED;
    if (request !== undefined) flags |= this.#request(request);
    else writer.f64(X.requestDecodedSize, Number.NaN);
    if (response !== undefined) flags |= this.#response(response);
    else writer.f64(X.responseDecodedSize, Number.NaN);

    const interim = Math.min(exchange.interim.length, MAX_INTERIM);
    for (let n = 0; n < interim; n++) writer.appendU16(exchange.interim[n]);
    writer.u8(X.interimCount, interim);
    if ((flags & MALFORMED) !== 0) this.#problem(request?.problem || response?.problem || '');
    writer.f64(X.gapBytes, (request?.gapBytes ?? 0) + (response?.gapBytes ?? 0));
    writer.u16(X.completeness, flags);
    writer.u32(X.redacted, messages.redacted);
    writer.commit();
  }

  #request(message: Message): number {
    const writer = this.#writer;
    writer.i32(X.requestSeq, message.seq);
    writer.f64(X.requestWire, message.streamEnd - message.streamStart);
    writer.f64(X.requestSize, message.bodySize);
    writer.u16(X.methodLength, message.methodEnd);
    writer.u32(X.targetLength, this.#messages.requestHead(message, REQUEST));
    return this.#rest(message, REQUEST);
  }

  #response(message: Message): number {
    const writer = this.#writer;
    writer.i32(X.responseSeq, message.seq);
    writer.f64(X.responseWire, message.streamEnd - message.streamStart);
    writer.f64(X.responseSize, message.bodySize);
    writer.u16(X.status, message.status);
    writer.u16(X.reasonStart, message.targetStart);
    writer.u16(X.reasonLength, this.#messages.responseHead(message, RESPONSE));
    return this.#rest(message, RESPONSE);
  }

  #rest(message: Message, layout: MessageLayout): number {
    this.#messages.trailers(message, layout);
    const left = this.#messages.body(message, layout);
    const incomplete = MessageFlag.gap | MessageFlag.cut;
    return (
      (message.has(MessageFlag.gap) ? GAP : 0) |
      (message.has(MessageFlag.cut) ? CUT : 0) |
      (message.has(MessageFlag.midstream) ? MIDSTREAM : 0) |
      (message.has(MessageFlag.malformed) ? MALFORMED : 0) |
      (message.has(MessageFlag.headTruncated) || (left && !message.has(incomplete)) ? TRUNCATED : 0)
    );
  }

  #problem(text: string): void {
    const bytes = utf8.encode(text).subarray(0, MAX_PROBLEM);
    this.#writer.append(bytes, 0, bytes.length);
    this.#writer.u16(X.problemLength, bytes.length);
  }
}
