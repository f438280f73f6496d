import { WITHHELD } from '../../flow/flow.ts';
import { BodyKind, type RecordWriter } from '../../flow/record.ts';
import { type Message, MessageFlag } from '../dissect/message.ts';
import { redactedLength, writeRedacted } from '../redact/apply.ts';
import { BodyRedactor } from '../redact/body.ts';
import { Finder } from '../redact/finder.ts';
import type { Policy } from '../redact/policy.ts';
import { Spans } from '../redact/spans.ts';
import { BodyFields } from './body-fields.ts';
import { isDense } from './head.ts';

/** Where the parts of a message stand in a record (flow/record/layout.ts). */
export interface MessageLayout {
  readonly headLength: number;
  readonly trailersLength: number;
  readonly bodyLength: number;
  readonly bodyKind: number;
  readonly reason: number;
  readonly decodedSize: number;
  readonly leftOut: number;
}

const CRLF = Uint8Array.of(13, 10);
const COLON_SPACE = Uint8Array.of(58, 32);
const SPACE = Uint8Array.of(32);

/**
 * Writes heads, trailers and bodies into a record with everything secret replaced. Only bytes that the finder
 * has looked at are written: of a head that is its start line and its fields, not what else may stand between them.
 */
export class MessageWriter {
  /** Values replaced since the record was begun. */
  redacted = 0;
  readonly #writer: RecordWriter;
  readonly #spans = new Spans();
  readonly #finder: Finder;
  readonly #bodies: BodyRedactor;
  readonly #fields = new BodyFields();

  constructor(writer: RecordWriter, policy: Policy, maxBody: number) {
    this.#writer = writer;
    this.#finder = new Finder(policy, this.#spans);
    this.#bodies = new BodyRedactor(policy, { maxBody });
  }

  /** The head of a request; answers the length of its target as written. */
  requestHead(message: Message, layout: MessageLayout): number {
    if (message.headEnd === 0) return 0;
    const writer = this.#writer;
    const start = writer.end;
    writer.append(message.bytes, 0, message.methodEnd);
    writer.append(SPACE, 0, 1);
    this.#spans.clear();
    this.#finder.target(message.bytes, message.targetStart, message.targetEnd, message.isTargetCut);
    const targetLength = this.#emit(message, message.targetStart, message.targetEnd);
    this.#restOfHead(message, layout, start);
    return targetLength;
  }

  /** The head of a response; answers the length of its reason phrase as written, which begins where it does in the message. */
  responseHead(message: Message, layout: MessageLayout): number {
    if (message.headEnd === 0) return 0;
    const start = this.#writer.end;
    this.#writer.append(message.bytes, 0, message.targetStart);
    this.#spans.clear();
    this.#finder.text(message.bytes, message.targetStart, message.targetEnd, message.isTargetCut);
    const reasonLength = this.#emit(message, message.targetStart, message.targetEnd);
    this.#restOfHead(message, layout, start);
    return reasonLength;
  }

  trailers(message: Message, layout: MessageLayout): void {
    if (message.trailerCount === 0) return;
    const start = this.#writer.end;
    this.#fieldLines(message, message.fieldCount - message.trailerCount, message.fieldCount);
    this.#writer.u32(layout.trailersLength, this.#writer.end - start);
  }

  /** The body as far as it may be shown, and what became of it. True if not all of it is there. */
  body(message: Message, layout: MessageLayout): boolean {
    const writer = this.#writer;
    writer.f64(layout.decodedSize, Number.NaN);
    if (message.bodySize === 0 && message.bodyEnd === message.headEnd) return false;

    const body = this.#bodies.redact(this.#fields.of(message));
    if (body.decodedSize >= 0) writer.f64(layout.decodedSize, body.decodedSize);
    writer.f64(layout.leftOut, body.truncated);
    if (body.kind === 'none') return body.truncated > 0;
    if (body.kind === 'withheld') {
      writer.u8(layout.bodyKind, BodyKind.withheld);
      writer.u8(layout.reason, WITHHELD.indexOf(body.reason ?? 'policy'));
      return false;
    }
    const start = writer.end;
    const length = redactedLength(body.start, body.end, body.spans);
    writer.reserve(length);
    writer.end = writeRedacted(
      writer.bytes,
      writer.words,
      writer.end,
      body.data,
      body.words,
      body.start,
      body.end,
      body.spans,
    );
    this.redacted += body.spans.count;
    writer.u8(layout.bodyKind, body.kind === 'text' ? BodyKind.text : BodyKind.binary);
    writer.u32(layout.bodyLength, writer.end - start);
    return body.truncated > 0;
  }

  /** What follows the start line's last part: the version of a request, then the fields. */
  #restOfHead(message: Message, layout: MessageLayout, start: number): void {
    const writer = this.#writer;
    const fields = message.fieldCount - message.trailerCount;
    let lineEnd = message.targetEnd;
    while (lineEnd < message.headEnd && message.bytes[lineEnd] !== 10) lineEnd++;
    const firstField = fields > 0 ? message.fields[0] : lineEnd;
    writer.append(message.bytes, message.targetEnd, Math.min(lineEnd, firstField));
    if (lineEnd < message.headEnd) writer.append(message.bytes, lineEnd, lineEnd + 1);
    this.#fieldLines(message, 0, fields);
    writer.u32(layout.headLength, writer.end - start);
  }

  #fieldLines(message: Message, first: number, last: number): void {
    if (first === last) return;
    const { bytes, fields, lines } = message;
    const finder = this.#finder;
    const isOdd = message.has(MessageFlag.malformed);
    const isCut = message.has(MessageFlag.headTruncated);
    this.#spans.clear();
    for (let i = first; i < last; i++) {
      const at = i << 2;
      // What is called a name in a line that is no field may be anything.
      if (isOdd) finder.text(bytes, fields[at], fields[at + 1], false);
      finder.header(bytes, fields[at], fields[at + 1], fields[at + 2], fields[at + 3], isCut, lines[i]);
    }
    if (isDense(bytes, fields, first, last)) {
      this.#emit(message, fields[first << 2], fields[((last - 1) << 2) + 3]);
      this.#writer.append(CRLF, 0, 2);
      return;
    }
    for (let i = first; i < last; i++) this.#fieldLine(message, i << 2);
    this.redacted += this.#spans.count;
  }

  #fieldLine(message: Message, at: number): void {
    const writer = this.#writer;
    const { fields } = message;
    const named = fields[at + 1] > fields[at];
    for (const [start, end] of [
      [fields[at], fields[at + 1]],
      [fields[at + 2], fields[at + 3]],
    ]) {
      if (start !== fields[at] && named) writer.append(COLON_SPACE, 0, 2);
      this.#write(message, start, end);
    }
    writer.append(CRLF, 0, 2);
  }

  /** Writes `bytes[start, end)` of the message with the spans replaced; answers how many bytes that made. */
  #emit(message: Message, start: number, end: number): number {
    this.redacted += this.#spans.count;
    return this.#write(message, start, end);
  }

  /** The same, for a part of what the spans are of. */
  #write(message: Message, start: number, end: number): number {
    const writer = this.#writer;
    const before = writer.end;
    const spans = this.#spans;
    writer.reserve(redactedLength(start, end, spans));
    writer.end = writeRedacted(
      writer.bytes,
      writer.words,
      before,
      message.bytes,
      message.words,
      start,
      end,
      spans,
    );
    return writer.end - before;
  }
}
