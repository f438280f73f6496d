import { wordsOf } from '../../flow/copy.ts';

/** What was noticed while a message was read. */
export const MessageFlag = {
  /** Not valid by RFC 9112; `problem` says how. */
  malformed: 1,
  /** The head or the trailers were longer than the limit: `bytes` has the beginning, and the fields that decide about framing. */
  headTruncated: 2,
  /** Bytes inside the message were never captured. */
  gap: 4,
  /** The message had not ended when its stream did (closed, reset, or the capture stopped). */
  cut: 8,
  /** Its beginning was not captured. */
  midstream: 16,
  /** Transfer-Encoding: chunked was undone. */
  chunked: 32,
  /** The body ends with the connection (RFC 9112 §6.3 rule 8). */
  untilClose: 64,
  /** More body was there than is kept: `bodySize` has the true size. */
  bodyTruncated: 128,
} as const;

/** Whose start line it has. RTSP and Icecast borrow the framing of HTTP/1 and can be paired like it, but are not it. */
export const MessageProtocol = { http: 0, rtsp: 1, icecast: 2 } as const;

/**
 * One HTTP message as it was on the wire, with the transfer coding undone and nothing else: content coding,
 * charset and redaction come later. Owns its bytes, so it can wait for its answer. Used again after `reset`.
 */
export class Message {
  /** Head in `[0, headEnd)`: start line, header lines, empty line, unchanged. Then the kept body in `[headEnd, bodyEnd)`, then trailers in `[bodyEnd, trailerEnd)`. */
  bytes: Uint8Array = new Uint8Array(1024);
  /** `bytes` by words. */
  words: DataView = wordsOf(this.bytes);
  headEnd = 0;
  bodyEnd = 0;
  trailerEnd = 0;

  /** Request: the method and the request-target. Response: the reason phrase in `target*`, and `status`. Offsets into `bytes`. */
  methodEnd = 0;
  targetStart = 0;
  targetEnd = 0;
  status = 0;
  /** Ten times the version: 10, 11; 9 for a request line without a version. */
  version = 11;
  /** One of MessageProtocol. */
  protocol: number = MessageProtocol.http;

  /**
   * Four offsets a header field line: name start and end, value start and end, optional white space taken off.
   * Trailer fields come last. A folded value spans its line ends; a line without a colon is a value with an empty name.
   */
  fields: Int32Array = new Int32Array(4 * 32);
  fieldCount = 0;
  /**
   * For each field line a number if it was seen before, else 0. Lines with the same number are the same, octet by octet.
   * Negative: it may decide where the body ends.
   */
  lines: Int32Array = new Int32Array(32);
  /** How many of `fieldCount` are trailers. */
  trailerCount = 0;

  /** Octets of content after the transfer coding was undone, kept or not; holes inside a body of known length included. */
  bodySize = 0;
  flags = 0;
  /** Of those octets and of the head: how many were never captured. */
  gapBytes = 0;
  /** A short sentence if malformed, e.g. `Content-Length repeated with different values (RFC 9112 §6.3)`. */
  problem = '';

  /** Capture time, µs: of the packet with the first byte, and of the one with the last byte seen. */
  startTime = 0;
  endTime = 0;
  /** Stream offset of its first byte and of the byte after its last, and the raw sequence number of the first (signed 32 bit). */
  streamStart = 0;
  streamEnd = 0;
  seq = 0;
  /** From `peerAcked` of the packet with the first byte (see tcp/stream.ts). */
  ackedAtStart = -1;

  /** Bytes of memory that its pool counts for it. */
  counted = 0;

  has(flag: number): boolean {
    return (this.flags & flag) !== 0;
  }

  /** Whether the start line may go on where what is kept of it ends. */
  get isTargetCut(): boolean {
    return this.targetEnd === this.headEnd || this.has(MessageFlag.headTruncated);
  }

  /** Marks it as not valid. The first problem found is the one that is told. */
  malform(problem: string): void {
    if ((this.flags & MessageFlag.malformed) !== 0) return;
    this.flags |= MessageFlag.malformed;
    this.problem = problem;
  }

  /** Gives it other memory; what it had must be there already. */
  hold(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.words = wordsOf(bytes);
  }

  /** Adds a field line: offsets of its name and its value into `bytes`, and its number. */
  addField(nameStart: number, nameEnd: number, valueStart: number, valueEnd: number, line: number): void {
    let at = this.fieldCount << 2;
    if (at === this.fields.length) this.growFields();
    this.lines[this.fieldCount] = line;
    const fields = this.fields;
    fields[at++] = nameStart;
    fields[at++] = nameEnd;
    fields[at++] = valueStart;
    fields[at] = valueEnd;
    this.fieldCount++;
  }

  /** Makes it new again, with the memory it has. */
  reset(): void {
    this.headEnd = 0;
    this.bodyEnd = 0;
    this.trailerEnd = 0;
    this.methodEnd = 0;
    this.targetStart = 0;
    this.targetEnd = 0;
    this.status = 0;
    this.version = 11;
    this.protocol = MessageProtocol.http;
    this.fieldCount = 0;
    this.trailerCount = 0;
    this.bodySize = 0;
    this.flags = 0;
    this.gapBytes = 0;
    this.problem = '';
    this.startTime = 0;
    this.endTime = 0;
    this.streamStart = 0;
    this.streamEnd = 0;
    this.seq = 0;
    this.ackedAtStart = -1;
  }

  private growFields(): void {
    const fields = new Int32Array(this.fields.length * 2);
    fields.set(this.fields);
    this.fields = fields;
    const lines = new Int32Array(this.lines.length * 2);
    lines.set(this.lines);
    this.lines = lines;
  }
}
