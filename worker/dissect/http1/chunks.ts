import type { Message } from '../message.ts';
import { BACKSLASH, CR, DQUOTE, EQUALS, hexValue, isBlank, LF, SEMICOLON, TOKEN } from './octets.ts';
import { Problem } from './start-line.ts';

/** Where the reader of chunked framing (RFC 9112 §7.1) stands. */
export const ChunkState = {
  size: 0,
  /** After the size: extensions or the line end. */
  extensionName: 1,
  extensionValue: 2,
  quoted: 3,
  quotedEscape: 4,
  afterQuoted: 5,
  /** An extension that breaks the rules: skipped to the end of the line. */
  skipLine: 6,
  sizeLf: 7,
  /** `remaining` octets of content come next: the caller takes them. */
  data: 8,
  dataCr: 9,
  dataLf: 10,
  /** The last chunk was read: the trailers come next. */
  trailers: 11,
  /** The framing cannot be followed any further. */
  broken: 12,
} as const;

export const ChunkProblem = {
  size: 'Chunk size is not a hexadecimal number (RFC 9112 §7.1)',
  overflow: 'Chunk size is 2^64 or more (RFC 9112 §7.1)',
  space: 'White space after a chunk size (RFC 9112 §7.1.1)',
  extension: 'Chunk extension is not valid (RFC 9112 §7.1.1)',
  data: 'Chunk is not as long as its size says (RFC 9112 §7.1)',
} as const;

const MAX_SIZE_DIGITS = 16;

/** Reads what stands between the octets of a chunked body, one octet at a time. */
export class ChunkReader {
  state: number = ChunkState.size;
  /** Octets of the present chunk that are still to come. */
  remaining = 0;
  private digits = 0;
  private hasSize = false;
  /** Octets of the name or value being read: neither may be empty. */
  private length = 0;

  restart(): void {
    this.state = ChunkState.size;
    this.remaining = 0;
    this.digits = 0;
    this.hasSize = false;
    this.length = 0;
  }

  /**
   * Reads framing in `data[start, end)` and returns the index where content, trailers or an error begin, with
   * `state` saying which; or `end`.
   */
  read(message: Message, data: Uint8Array, start: number, end: number): number {
    let i = start;
    while (i < end) {
      if (this.state === ChunkState.data || this.state >= ChunkState.trailers) return i;
      this.take(message, data[i]);
      if (this.state === ChunkState.broken) return i;
      i++;
    }
    return i;
  }

  /** `count` octets of content were taken (or lost). */
  consume(count: number): void {
    this.remaining -= count;
    if (this.remaining === 0) this.state = ChunkState.dataCr;
  }

  private take(message: Message, octet: number): void {
    switch (this.state) {
      case ChunkState.size:
        this.takeSize(message, octet);
        return;
      case ChunkState.extensionName:
        if (TOKEN[octet] === 1) this.length++;
        else if (octet === EQUALS && this.length > 0) this.enter(ChunkState.extensionValue);
        else this.endExtension(message, octet);
        return;
      case ChunkState.extensionValue:
        if (TOKEN[octet] === 1) this.length++;
        else if (octet === DQUOTE && this.length === 0) this.state = ChunkState.quoted;
        else this.endExtension(message, octet);
        return;
      case ChunkState.quoted:
        if (octet === DQUOTE) this.state = ChunkState.afterQuoted;
        else if (octet === BACKSLASH) this.state = ChunkState.quotedEscape;
        else if (octet === CR || octet === LF) this.badExtension(message, octet);
        return;
      case ChunkState.quotedEscape:
        if (octet === CR || octet === LF) this.badExtension(message, octet);
        else this.state = ChunkState.quoted;
        return;
      case ChunkState.afterQuoted:
        this.length = 1;
        this.endExtension(message, octet);
        return;
      case ChunkState.skipLine:
        if (octet === CR || octet === LF) this.endLine(message, octet);
        return;
      case ChunkState.sizeLf:
        if (octet === LF) this.endSize();
        else this.fail(message, Problem.bareCr);
        return;
      case ChunkState.dataCr:
        if (octet === CR) this.state = ChunkState.dataLf;
        else if (octet === LF) {
          message.malform(Problem.bareLf);
          this.restart();
        } else this.fail(message, ChunkProblem.data);
        return;
      case ChunkState.dataLf:
        if (octet === LF) this.restart();
        else this.fail(message, ChunkProblem.data);
        return;
    }
  }

  private takeSize(message: Message, octet: number): void {
    const value = hexValue(octet);
    if (value >= 0) {
      this.hasSize = true;
      if (value > 0 || this.digits > 0) this.digits++;
      if (this.digits > MAX_SIZE_DIGITS) this.fail(message, ChunkProblem.overflow);
      else this.remaining = this.remaining * 16 + value;
    } else if (!this.hasSize) {
      this.fail(message, ChunkProblem.size);
    } else if (octet === CR || octet === LF) {
      this.endLine(message, octet);
    } else if (octet === SEMICOLON) {
      this.enter(ChunkState.extensionName);
    } else {
      // Old servers pad sizes with spaces; anything else there is an extension without its semicolon.
      message.malform(isBlank(octet) ? ChunkProblem.space : ChunkProblem.size);
      this.state = ChunkState.skipLine;
    }
  }

  private enter(state: number): void {
    this.state = state;
    this.length = 0;
  }

  private endExtension(message: Message, octet: number): void {
    if (this.length === 0) this.badExtension(message, octet);
    else if (octet === SEMICOLON) this.enter(ChunkState.extensionName);
    else if (octet === CR || octet === LF) this.endLine(message, octet);
    else this.badExtension(message, octet);
  }

  private badExtension(message: Message, octet: number): void {
    message.malform(ChunkProblem.extension);
    this.state = ChunkState.skipLine;
    if (octet === CR || octet === LF) this.endLine(message, octet);
  }

  private endLine(message: Message, octet: number): void {
    if (octet === CR) {
      this.state = ChunkState.sizeLf;
      return;
    }
    message.malform(Problem.bareLf);
    this.endSize();
  }

  private endSize(): void {
    this.state = this.remaining === 0 ? ChunkState.trailers : ChunkState.data;
  }

  private fail(message: Message, problem: string): void {
    message.malform(problem);
    this.state = ChunkState.broken;
  }
}
