import { type Message, MessageFlag } from '../dissect/message.ts';
import { BodySource } from '../redact/body.ts';

const CONTENT_TYPE = Uint8Array.from('content-type', (char) => char.charCodeAt(0));
const CONTENT_ENCODING = Uint8Array.from('content-encoding', (char) => char.charCodeAt(0));
const COMMA = 44;

/** Finds what has to be known of a message to read its body: the fields about it, and how whole it is. */
export class BodyFields {
  readonly #source = new BodySource();

  /** Valid until the next call. */
  of(message: Message): BodySource {
    const source = this.#source;
    source.hold(message.bytes, message.words);
    source.start = message.headEnd;
    source.end = message.bodyEnd;
    source.size = message.bodySize;
    source.complete =
      !message.has(MessageFlag.cut) &&
      !message.has(MessageFlag.gap) &&
      message.bodyEnd - message.headEnd >= message.bodySize;
    source.gap = false;
    source.typeStart = source.typeEnd = 0;
    source.encodingStart = source.encodingEnd = 0;
    let encodings = 0;
    const { bytes, fields } = message;
    const last = (message.fieldCount - message.trailerCount) << 2;
    for (let at = 0; at < last; at += 4) {
      const length = fields[at + 1] - fields[at];
      if (length === CONTENT_TYPE.length && isName(bytes, fields[at], CONTENT_TYPE)) {
        source.typeStart = fields[at + 2];
        source.typeEnd = fields[at + 3];
      } else if (length === CONTENT_ENCODING.length && isName(bytes, fields[at], CONTENT_ENCODING)) {
        source.encodingStart = fields[at + 2];
        source.encodingEnd = fields[at + 3];
        encodings++;
      }
    }
    if (encodings > 1) this.#joinEncodings(message);
    return source;
  }

  /** A repeated field is one list (RFC 9110 §5.3). Rare: the body is copied so that the list can stand beside it. */
  #joinEncodings(message: Message): void {
    const source = this.#source;
    const { bytes, fields } = message;
    const list: number[] = [];
    for (let at = 0; at < (message.fieldCount - message.trailerCount) << 2; at += 4) {
      if (
        fields[at + 1] - fields[at] !== CONTENT_ENCODING.length ||
        !isName(bytes, fields[at], CONTENT_ENCODING)
      )
        continue;
      if (list.length > 0) list.push(COMMA);
      list.push(...bytes.subarray(fields[at + 2], fields[at + 3]));
    }
    const type = bytes.subarray(source.typeStart, source.typeEnd);
    const body = bytes.subarray(source.start, source.end);
    const joined = Buffer.concat([body, type, Uint8Array.from(list)]);
    source.hold(joined);
    source.start = 0;
    source.end = body.length;
    source.typeStart = body.length;
    source.typeEnd = body.length + type.length;
    source.encodingStart = source.typeEnd;
    source.encodingEnd = joined.length;
  }
}

/** `name` is in lower case. */
function isName(bytes: Uint8Array, at: number, name: Uint8Array): boolean {
  for (let i = 0; i < name.length; i++) if ((bytes[at + i] | 0x20) !== name[i]) return false;
  return true;
}
