import { bytesToText } from '../text.ts';

const LF = 10;
const COLON = 58;
const SPACE = 32;

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
  const lines = bytesToText(bytes, start, end).split('\n');
  for (let n = skipFirst ? 1 : 0; n < lines.length; n++) {
    const line = lines[n];
    if (line === '' || line === '\r') continue;
    const last = fields.at(-1);
    if ((line[0] === ' ' || line[0] === '\t') && last !== undefined) {
      last[1] = `${last[1]} ${line.trim()}`.trim();
      continue;
    }
    const colon = line.indexOf(':');
    fields.push(colon < 0 ? [line.trim(), ''] : [line.slice(0, colon).trim(), line.slice(colon + 1).trim()]);
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
