import type { Message } from '../message.ts';
import { COMMA, CR, equalsWord, isBlank, isDigit, LF } from './octets.ts';

/** What the head of a message says about where its body ends (RFC 9112 §6), and about the connection. */
export class Framing {
  /** Content-Length; -1: not given. */
  contentLength = -1;
  /** Content-Length cannot be told: not a number, or several that differ. */
  badLength = false;
  hasTransferEncoding = false;
  /** `chunked` is the final transfer coding. */
  chunked = false;
  close = false;
  keepAlive = false;
  /** Index of the Upgrade field, or -1. */
  upgradeField = -1;
  /** The number of the last Connection line that has one (see `Message.lines`), and what it says. */
  private lastLine = 0;
  private lastClose = false;
  private lastKeepAlive = false;

  /** Reads the fields of `message`, whose bytes begin at `source[base]`. What the rules forbid is marked. */
  read(message: Message, source: Uint8Array, base: number): void {
    this.contentLength = -1;
    this.badLength = false;
    this.hasTransferEncoding = false;
    this.chunked = false;
    this.close = false;
    this.keepAlive = false;
    this.upgradeField = -1;
    const fields = message.fields;
    const lines = message.lines;
    const count = message.fieldCount;
    for (let i = 0; i < count; i++) {
      if (lines[i] > 0) continue;
      const at = i << 2;
      const start = base + fields[at];
      const end = base + fields[at + 1];
      switch (end - start) {
        case 7:
          if (equalsWord(source, start, end, UPGRADE)) this.upgradeField = i;
          break;
        case 10:
          if (lines[i] !== 0 && lines[i] === this.lastLine) {
            this.close ||= this.lastClose;
            this.keepAlive ||= this.lastKeepAlive;
          } else if (equalsWord(source, start, end, CONNECTION)) {
            this.readLine(lines[i], source, base + fields[at + 2], base + fields[at + 3]);
          }
          break;
        case 14:
          if (equalsWord(source, start, end, CONTENT_LENGTH)) {
            this.readContentLength(message, source, base + fields[at + 2], base + fields[at + 3]);
          }
          break;
        case 16:
          if (equalsWord(source, start, end, PROXY_CONNECTION)) {
            this.readConnection(source, base + fields[at + 2], base + fields[at + 3]);
          }
          break;
        case 17:
          if (equalsWord(source, start, end, TRANSFER_ENCODING)) {
            this.readTransferEncoding(source, base + fields[at + 2], base + fields[at + 3]);
          }
          break;
      }
    }
    if (this.hasTransferEncoding && (this.contentLength >= 0 || this.badLength)) {
      message.malform(FramingProblem.both);
    }
  }

  /** A list of equal numbers counts as one (RFC 9112 §6.3 rule 5); of different ones the first is used. */
  private readContentLength(message: Message, source: Uint8Array, start: number, end: number): void {
    let i = start;
    for (;;) {
      let value = 0;
      const first = i;
      while (i < end && isDigit(source[i])) value = value * 10 + source[i++] - 48;
      const digits = i - first;
      while (i < end && isBlank(source[i])) i++;
      if (digits === 0 || (i < end && source[i] !== COMMA)) {
        this.badLength = true;
        message.malform(FramingProblem.length);
        return;
      }
      if (value >= TOO_LARGE) {
        this.badLength = true;
        message.malform(FramingProblem.overflow);
        return;
      }
      if (this.contentLength < 0) this.contentLength = value;
      else if (this.contentLength !== value) message.malform(FramingProblem.lengths);
      if (i === end) return;
      i++;
      while (i < end && isBlank(source[i])) i++;
    }
  }

  private readTransferEncoding(source: Uint8Array, start: number, end: number): void {
    this.hasTransferEncoding = true;
    let i = start;
    while (i < end) {
      while (i < end && isSeparator(source[i])) i++;
      if (i === end) return;
      const coding = i;
      while (i < end && source[i] !== COMMA) i++;
      let codingEnd = i;
      while (codingEnd > coding && isSeparator(source[codingEnd - 1])) codingEnd--;
      this.chunked = equalsWord(source, coding, codingEnd, CHUNKED);
    }
  }

  /** A Connection field, and what it says by itself. Nearly all messages have the same one. */
  private readLine(line: number, source: Uint8Array, start: number, end: number): void {
    const { close, keepAlive } = this;
    this.close = false;
    this.keepAlive = false;
    this.readConnection(source, start, end);
    this.lastLine = line;
    this.lastClose = this.close;
    this.lastKeepAlive = this.keepAlive;
    this.close ||= close;
    this.keepAlive ||= keepAlive;
  }

  private readConnection(source: Uint8Array, start: number, end: number): void {
    let i = start;
    while (i < end) {
      while (i < end && isSeparator(source[i])) i++;
      const option = i;
      while (i < end && !isSeparator(source[i])) i++;
      if (equalsWord(source, option, i, CLOSE)) this.close = true;
      else if (equalsWord(source, option, i, KEEP_ALIVE)) this.keepAlive = true;
    }
  }
}

export const FramingProblem = {
  length: 'Content-Length is not a number (RFC 9112 §6.3)',
  overflow: 'Content-Length is too large to be one (RFC 9110 §8.6)',
  lengths: 'Content-Length repeated with different values (RFC 9112 §6.3)',
  both: 'Content-Length and Transfer-Encoding together (RFC 9112 §6.1)',
  requestCoding: 'Transfer-Encoding of a request does not end in chunked (RFC 9112 §6.3)',
  afterClose: 'Message after Connection: close (RFC 9112 §9.6)',
} as const;

/** 2^64: no implementation counts further. */
const TOO_LARGE = 2 ** 64;

const word = (text: string): Uint8Array => Buffer.from(text, 'latin1');
export const UPGRADE = word('upgrade');
const CONNECTION = word('connection');
/** Never a standard, still sent by clients that talk to a proxy. */
const PROXY_CONNECTION = word('proxy-connection');
const CONTENT_LENGTH = word('content-length');
const TRANSFER_ENCODING = word('transfer-encoding');
const CHUNKED = word('chunked');
const CLOSE = word('close');
const KEEP_ALIVE = word('keep-alive');

/** What stands between the elements of a list: commas, white space, and the line ends of folded lines. */
function isSeparator(octet: number): boolean {
  return octet === COMMA || isBlank(octet) || octet === CR || octet === LF;
}

/** Whether the framing of a message needs the field with this name, which stands at `source[start, end)`. */
export function decidesFraming(source: Uint8Array, start: number, end: number): boolean {
  return (
    equalsWord(source, start, end, CONTENT_LENGTH) ||
    equalsWord(source, start, end, TRANSFER_ENCODING) ||
    equalsWord(source, start, end, CONNECTION) ||
    equalsWord(source, start, end, PROXY_CONNECTION) ||
    equalsWord(source, start, end, UPGRADE)
  );
}
