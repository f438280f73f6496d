import { bytesToText } from '../text.ts';

const CR = 13;
const LF = 10;
const COLON = 58;
const SPACE = 32;
const TAB = 9;

/**
 * Field lines of a head (or of trailers) as name and value, in the order sent. Lines end in CRLF or a bare LF;
 * a line that begins with white space continues the value before it (RFC 9112 §5.2, obs-fold), joined by one
 * space. A line without a colon is given with an empty value, so that nothing sent is hidden.
 * `skipFirst`: the first line is the start line.
 */
export function readFields(
  bytes: Uint8Array,
  start: number,
  end: number,
  skipFirst: boolean,
): [string, string][] {
  const fields: [string, string][] = [];
  let at = skipFirst ? lineAfter(bytes, start, end) : start;
  while (at < end) {
    const next = lineAfter(bytes, at, end);
    let stop = next;
    if (stop > at && bytes[stop - 1] === LF) stop--;
    if (stop > at && bytes[stop - 1] === CR) stop--;
    if (stop > at) {
      const folded = bytes[at] === SPACE || bytes[at] === TAB;
      const last = fields.at(-1);
      if (folded && last !== undefined) {
        last[1] = `${last[1]} ${bytesToText(bytes, at, stop).trim()}`.trim();
      } else {
        fields.push(readField(bytes, at, stop));
      }
    }
    at = next;
  }
  return fields;
}

/** Range of the value of the first field called `name` (lower case), white space taken off. */
export function findField(
  bytes: Uint8Array,
  start: number,
  end: number,
  name: string,
): { start: number; end: number } | undefined {
  let at = lineAfter(bytes, start, end);
  while (at < end) {
    const next = lineAfter(bytes, at, end);
    if (bytes[at + name.length] === COLON && matches(bytes, at, name)) {
      let from = at + name.length + 1;
      let to = next;
      while (to > from && bytes[to - 1] <= SPACE) to--;
      while (from < to && bytes[from] <= SPACE) from++;
      return { start: from, end: to };
    }
    at = next;
  }
  return undefined;
}

function readField(bytes: Uint8Array, start: number, end: number): [string, string] {
  let colon = start;
  while (colon < end && bytes[colon] !== COLON) colon++;
  return [
    bytesToText(bytes, start, colon).trim(),
    colon < end ? bytesToText(bytes, colon + 1, end).trim() : '',
  ];
}

function lineAfter(bytes: Uint8Array, at: number, end: number): number {
  while (at < end && bytes[at] !== LF) at++;
  return Math.min(at + 1, end);
}

function matches(bytes: Uint8Array, at: number, name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    if ((bytes[at + i] | 0x20) !== name.charCodeAt(i)) return false;
  }
  return true;
}
