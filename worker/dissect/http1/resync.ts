import { Message } from '../message.ts';
import { FieldReader } from './fields.ts';
import { CR, LF } from './octets.ts';
import { mayBeRequestLine, mayBeStatusLine, readRequestLine, readStatusLine } from './start-line.ts';

/**
 * Finds where a message begins in bytes whose framing is not known: after a loss, in a connection whose
 * beginning was not captured, or where HTTP follows another protocol.
 *
 * A message that is sent when its peer has fallen silent begins a segment, so that place is looked at first,
 * and a start line is enough there. Inside a segment, only a whole valid start line at the start of a line, with a
 * field line or the end of the head after it, is taken: bodies may speak of HTTP.
 */
export class StartFinder {
  /** What the readers of lines write to; nobody reads it. */
  private readonly scratch = new Message();
  private readonly fields = new FieldReader();

  /**
   * Index of the next start in `data[start, end)`, or -1. `segmentStart`: `start` is the beginning of a segment; `cut`: the end of that was
   * not captured.
   */
  find(
    isRequest: boolean,
    cut: boolean,
    data: Uint8Array,
    start: number,
    end: number,
    segmentStart: boolean,
  ): number {
    if (segmentStart && this.beginsSegment(isRequest, cut, data, start, end)) return start;
    const minimum = isRequest ? MIN_REQUEST : MIN_RESPONSE;
    const segment = data.subarray(start, end);
    let at = segment.indexOf(LF);
    while (at >= 0 && at + minimum < segment.length) {
      if (this.beginsLine(isRequest, data, start + at + 1, end)) return start + at + 1;
      at = segment.indexOf(LF, at + 1);
    }
    return -1;
  }

  /** Whether a message can begin at `start`: a valid start line, or the beginning of what can still become one. */
  mayBegin(isRequest: boolean, data: Uint8Array, start: number, end: number): boolean {
    if (isRequest ? !mayBeRequestLine(data, start, end) : !mayBeStatusLine(data, start, end)) return false;
    return this.readLine(isRequest, data, start, end) >= start;
  }

  /** As `mayBegin`, but what is there must leave no doubt. */
  beginsSegment(isRequest: boolean, cut: boolean, data: Uint8Array, start: number, end: number): boolean {
    if (!this.mayBegin(isRequest, data, start, end)) return false;
    if (this.scratch.targetEnd > 0) return this.scratch.version > 9;
    // The line goes on in the next segment, or in what was not captured.
    const text = Buffer.from(data.subarray(start, Math.min(end, start + MAX_PREFIX))).toString('latin1');
    if (!isRequest) return STATUS_PREFIX.test(text);
    return (cut || end - start >= MIN_UNFINISHED) && REQUEST_PREFIX.test(text);
  }

  private beginsLine(isRequest: boolean, data: Uint8Array, start: number, end: number): boolean {
    if (isRequest ? !mayBeRequestLine(data, start, end) : !mayBeStatusLine(data, start, end)) return false;
    const next = this.readLine(isRequest, data, start, end);
    if (next <= start || this.scratch.flags !== 0) return false;
    if (next + 1 < end && data[next] === CR && data[next + 1] === LF) return true;
    const after = this.fields.read(this.scratch, data, next, end, start, false);
    return this.scratch.fieldCount > 0 && after !== next && this.scratch.flags === 0;
  }

  private readLine(isRequest: boolean, data: Uint8Array, start: number, end: number): number {
    const scratch = this.scratch;
    scratch.reset();
    return isRequest
      ? readRequestLine(scratch, data, start, end, start)
      : readStatusLine(scratch, data, start, end, start);
  }
}

/** `GET / HTTP/1.1` and `HTTP/1.1 200`. */
const MIN_REQUEST = 14;
const MIN_RESPONSE = 12;

const MAX_PREFIX = 24;
const STATUS_PREFIX = /^HTTP\/1\.[01] [1-5]\d\d[ \r]/;
const REQUEST_PREFIX = /^(?:GET|POST|PUT|HEAD|DELETE|PATCH|OPTIONS|CONNECT) (?:\/|\*|https?:\/\/|[\w.-]+:\d)/;
/** Who sends a request line in several segments sends full ones. */
const MIN_UNFINISHED = 500;

/** Whether a segment ends as a chunked body without trailers does: a good guess where its chunks cannot be counted. */
export function endsWithLastChunk(data: Uint8Array, start: number, end: number): boolean {
  const at = end - LAST_CHUNK.length;
  if (at < start) return false;
  for (let i = 0; i < LAST_CHUNK.length; i++) if (data[at + i] !== LAST_CHUNK[i]) return false;
  return at === start || data[at - 1] === LF;
}

const LAST_CHUNK: readonly number[] = [...Buffer.from('0\r\n\r\n')];
