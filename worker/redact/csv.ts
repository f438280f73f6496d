import { CR, LF, QUOTE } from './octets.ts';
import type { Scan } from './scan.ts';
import { Replacement } from './spans.ts';

const MAX_COLUMNS = 1024;

/**
 * Tables of text (RFC 4180; also with tabs or semicolons): the columns whose name in the first row is sensitive.
 * Columns past the 1024th are all taken for secrets if any of the first is.
 */
export function findCsv(scan: Scan, data: Uint8Array, start: number, end: number, open: boolean): void {
  const separator = separatorOf(data, start, end);
  const secret = new Uint8Array(MAX_COLUMNS);
  let column = 0;
  let header = true;
  for (let at = start; at < end; ) {
    const stop = cellEnd(data, at, end, separator);
    const quoted = data[at] === QUOTE;
    const from = quoted ? at + 1 : at;
    const to = quoted && stop - 1 > at && data[stop - 1] === QUOTE ? stop - 1 : stop;
    if (header) {
      if (column < MAX_COLUMNS && scan.policy.isSensitive(data, from, to)) secret[column] = 1;
      scan.brief(data, from, to, open && stop === end);
    } else if (secret[Math.min(column, MAX_COLUMNS - 1)] === 1) scan.spans.add(from, to, Replacement.plain);
    else scan.brief(data, from, to, open && stop === end);
    if (stop === end) return;
    const rowEnds = data[stop] !== separator;
    column = rowEnds ? 0 : column + 1;
    header &&= !rowEnds;
    at = stop + (data[stop] === CR && data[stop + 1] === LF ? 2 : 1);
  }
}

/** The one that is most frequent in the first row. */
function separatorOf(data: Uint8Array, start: number, end: number): number {
  const counts = new Map([',', '\t', ';', '|'].map((char) => [char.charCodeAt(0), 0]));
  for (let i = start; i < end && data[i] !== LF; i++) {
    const count = counts.get(data[i]);
    if (count !== undefined) counts.set(data[i], count + 1);
  }
  return [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best))[0];
}

/** The separator or line end behind the cell at `at`. */
function cellEnd(data: Uint8Array, at: number, end: number, separator: number): number {
  if (data[at] === QUOTE) {
    at++;
    while (at < end && !(data[at] === QUOTE && data[at + 1] !== QUOTE)) at += data[at] === QUOTE ? 2 : 1;
  }
  while (at < end && data[at] !== separator && data[at] !== CR && data[at] !== LF) at++;
  return Math.min(at, end);
}
