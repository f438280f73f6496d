import { parameter } from './media.ts';
import { COLON, CR, equalsFolded, LF, skip, startsWith, WHITE } from './octets.ts';
import type { Scan } from './scan.ts';
import { Replacement } from './spans.ts';

/** Who looks into a part. */
export interface PartReader {
  /** Finds the secrets of a part by its Content-Type in `data[typeStart, typeEnd)`, empty for none; redacts what cannot be read. */
  part(data: Uint8Array, typeStart: number, typeEnd: number, start: number, end: number, open: boolean): void;
  /** A header field of a part. */
  field(data: Uint8Array, nameStart: number, nameEnd: number, start: number, end: number): void;
}

/** multipart/form-data and its kin (RFC 2046 §5.1, RFC 7578). False: the boundary is nowhere. */
export function findMultipart(
  scan: Scan,
  reader: PartReader,
  boundary: string,
  data: Uint8Array,
  start: number,
  end: number,
  open: boolean,
): boolean {
  const delimiter = Buffer.from(`--${boundary}`);
  const bytes = Buffer.from(data.buffer, data.byteOffset, end);
  let at = nextDelimiter(bytes, delimiter, start, start);
  if (at < 0) return false;
  // What stands before the first delimiter belongs to nobody and is for old readers.
  scan.brief(data, start, at, false);
  for (;;) {
    const head = at + delimiter.length;
    if (startsWith(data, head, end, '--')) {
      scan.brief(data, head + 2, end, open);
      return true;
    }
    const next = nextDelimiter(bytes, delimiter, head, start);
    findPart(scan, reader, data, head, next < 0 ? end : beforeLineEnd(data, next, head), open && next < 0);
    if (next < 0) return true;
    at = next;
  }
}

/** A delimiter has a line for itself. */
function nextDelimiter(bytes: Buffer, delimiter: Uint8Array, from: number, start: number): number {
  let at = bytes.indexOf(delimiter, from);
  while (at >= 0 && !isLine(bytes, at, at + delimiter.length, start)) at = bytes.indexOf(delimiter, at + 1);
  return at;
}

function isLine(bytes: Buffer, at: number, behind: number, start: number): boolean {
  const begins = at === start || bytes[at - 1] === LF;
  return (
    begins &&
    (behind >= bytes.length || WHITE[bytes[behind]] === 1 || startsWith(bytes, behind, bytes.length, '--'))
  );
}

/** The line end before a delimiter belongs to the delimiter. */
function beforeLineEnd(data: Uint8Array, at: number, floor: number): number {
  if (at > floor && data[at - 1] === LF) at--;
  if (at > floor && data[at - 1] === CR) at--;
  return at;
}

const MAX_FIELD = 4096;

function findPart(
  scan: Scan,
  reader: PartReader,
  data: Uint8Array,
  start: number,
  end: number,
  open: boolean,
): void {
  let at = lineBehind(data, start, end);
  let typeStart = 0;
  let typeEnd = 0;
  let secret = false;
  while (at < end && data[at] !== CR && data[at] !== LF) {
    const next = fieldEnd(data, at, end);
    const stop = beforeLineEnd(data, next, at);
    let colon = at;
    while (colon < stop && data[colon] !== COLON) colon++;
    if (colon < stop) {
      const value = skip(WHITE, data, colon + 1, stop);
      const text = String.fromCharCode(...data.subarray(value, Math.min(stop, value + MAX_FIELD)));
      if (equalsFolded(data, at, colon, 'content-type')) {
        typeStart = value;
        typeEnd = stop;
      } else if (equalsFolded(data, at, colon, 'content-disposition')) secret ||= namesSecret(scan, text);
      else if (equalsFolded(data, at, colon, 'content-transfer-encoding'))
        secret ||= !/^(7bit|8bit|binary)$/i.test(text);
      reader.field(data, at, colon, value, stop);
    } else scan.brief(data, at, stop, false);
    at = next;
  }
  const body = lineBehind(data, at, end);
  if (body > end || (body === end && !secret)) return;
  if (secret) scan.spans.add(body, end, Replacement.plain);
  else reader.part(data, typeStart, typeEnd, body, end, open);
}

/** Whether `name`, in any of the ways to write it, is that of a secret. */
function namesSecret(scan: Scan, disposition: string): boolean {
  const name = parameter(disposition, 'name');
  const extended = parameter(disposition, 'name\\*').replace(/^[^']*'[^']*'/, '');
  for (const written of [name, extended]) {
    const octets = Uint8Array.from(written, (char) => char.charCodeAt(0));
    if ((scan.judgeCoded('percent', octets, 0, octets.length) & 1) !== 0) return true;
  }
  return false;
}

/** Behind the end of the line at `at`. */
function lineBehind(data: Uint8Array, at: number, end: number): number {
  while (at < end && data[at] !== LF) at++;
  return Math.min(at + 1, end);
}

/** Behind the field at `at`, folded lines included. */
function fieldEnd(data: Uint8Array, at: number, end: number): number {
  let next = lineBehind(data, at, end);
  while (next < end && (data[next] === 0x20 || data[next] === 0x09)) next = lineBehind(data, next, end);
  return next;
}
