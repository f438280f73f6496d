import { type Message, MessageFlag } from '../dissect/message.ts';
import { BodyRedactor } from '../redact/body.ts';
import { Finder } from '../redact/finder.ts';
import type { Policy } from '../redact/policy.ts';
import { Spans } from '../redact/spans.ts';
import { BodyFields } from '../report/body-fields.ts';
import { chunkedBody, eachRange, isMapRight, plainBody } from './body-map.ts';
import type { StreamMask } from './stream-mask.ts';

/** So much of a body is shown; the rest is hidden. */
const MAX_BODY = 1024 * 1024;

const LF = 10;
/** What stands between the parts of a head: line ends, white space, the colon. */
const isSeparator = (octet: number) =>
  octet === 13 || octet === LF || octet === 32 || octet === 9 || octet === 58;

/** What of a message hides the rest of it: that it is not known where its octets are. */
const UNSURE = MessageFlag.headTruncated | MessageFlag.midstream;

/** Shows what of a message is no secret, in the stream that it came in. */
export class MessageMask {
  readonly #spans = new Spans();
  readonly #finder: Finder;
  readonly #bodies: BodyRedactor;
  readonly #fields = new BodyFields();

  constructor(policy: Policy) {
    this.#finder = new Finder(policy, this.#spans);
    this.#bodies = new BodyRedactor(policy, { maxBody: MAX_BODY });
  }

  show(message: Message, isRequest: boolean, stream: StreamMask): void {
    if (message.has(UNSURE) || message.headEnd === 0) return;
    if (!stream.holds(message.streamStart, message.bytes, 0, message.headEnd)) return;
    this.#head(message, isRequest, stream);
    if (!message.has(MessageFlag.gap)) this.#body(message, stream);
  }

  /** The start line and the fields, each as far as the finder has looked at it. */
  #head(message: Message, isRequest: boolean, stream: StreamMask): void {
    const { bytes, fields, streamStart, headEnd } = message;
    const finder = this.#finder;
    this.#spans.clear();
    const { targetStart, targetEnd, isTargetCut } = message;
    if (isRequest) finder.target(bytes, targetStart, targetEnd, isTargetCut);
    else finder.text(bytes, targetStart, targetEnd, isTargetCut);
    let lineEnd = targetEnd;
    while (lineEnd < headEnd && bytes[lineEnd] !== LF) lineEnd++;
    const count = message.fieldCount - message.trailerCount;
    const isOdd = message.has(MessageFlag.malformed);
    stream.show(streamStart, streamStart + Math.min(lineEnd, count > 0 ? fields[0] : lineEnd));
    for (let i = lineEnd; i < headEnd; i++) {
      if (isSeparator(bytes[i])) stream.show(streamStart + i, streamStart + i + 1);
    }
    for (let at = 0; at < count << 2; at += 4) {
      if (isOdd) finder.text(bytes, fields[at], fields[at + 1], false);
      finder.header(bytes, fields[at], fields[at + 1], fields[at + 2], fields[at + 3]);
      stream.show(streamStart + fields[at], streamStart + fields[at + 1]);
      stream.show(streamStart + fields[at + 2], streamStart + fields[at + 3]);
    }
    const { count: secrets, starts, ends } = this.#spans;
    for (let i = 0; i < secrets; i++) stream.hide(streamStart + starts[i], streamStart + ends[i]);
  }

  /**
   * What the redactor shows of the body as it came. What it had to decode to read it is not mapped back: that stays hidden.
   */
  #body(message: Message, stream: StreamMask): void {
    const { bytes, headEnd, bodyEnd } = message;
    const offset = message.streamStart + headEnd;
    const length = bodyEnd - headEnd;
    const map = message.has(MessageFlag.chunked)
      ? chunkedBody(stream, offset, length, message.streamEnd)
      : plainBody(offset, length);
    if (map === undefined || !isMapRight(stream, map, bytes, headEnd)) return;
    const body = this.#bodies.redact(this.#fields.of(message));
    if ((body.kind !== 'text' && body.kind !== 'base64') || body.data !== bytes) return;
    eachRange(map, body.start - headEnd, body.end - headEnd, (start, end) => stream.show(start, end));
    const { count, starts, ends } = body.spans;
    for (let i = 0; i < count; i++) {
      eachRange(map, starts[i] - headEnd, ends[i] - headEnd, (start, end) => stream.hide(start, end));
    }
  }
}
