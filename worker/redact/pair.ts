import { BACKSLASH, BLANK, DIGIT, LF, NAME, PERCENT, SPACE, skipBack, tableOf, WORD } from './octets.ts';
import { beforeBackslashes, redactValue } from './pair-value.ts';
import { Verdict } from './policy.ts';
import type { Scan } from './scan.ts';

/**
 * `name=value` and `name: value` in text, with the many ways to write them: quoted or not, `=>` and `:=`,
 * JSON and its strings at any depth of escaping, YAML blocks, .env lines, cookies, connection strings.
 */

const MAX_NAME_SEEN = 128;
const MAX_GAP = 8;
const QUOTES = tableOf('"\'`');

/**
 * `at` is the `=` or `:`; `last` the last octet of it where it is coded, as `%3D`. Answers the end of the value if it was redacted, else where
 * to read on.
 */
export function findPair(
  scan: Scan,
  data: Uint8Array,
  start: number,
  at: number,
  end: number,
  last = at,
): number {
  const { spans } = scan;
  const before = spans.count - 1;
  const floor = before >= 0 && spans.ends[before] > start ? spans.ends[before] : start;
  let nameEnd = skipBack(BLANK, data, at, Math.max(floor, at - MAX_GAP));
  if (nameEnd === floor) return last + 1;
  let nameStart = nameEnd;
  let sensitive = false;
  const closing = data[nameEnd - 1];
  if (QUOTES[closing] === 1) {
    nameEnd = beforeBackslashes(data, nameEnd - 1, floor);
    nameStart = openingQuote(data, nameEnd, closing, floor);
    if (nameStart < 0) return last + 1;
    sensitive = isSensitive(scan, data, nameStart, nameEnd);
  } else {
    nameStart = skipBack(NAME, data, nameEnd, Math.max(floor, nameEnd - MAX_NAME_SEEN));
    if (nameStart === nameEnd || !hasLetters(data, nameStart, nameEnd)) return last + 1;
    sensitive =
      isSensitive(scan, data, nameStart, nameEnd) ||
      isSensitiveBehindEscape(scan, data, nameStart, nameEnd, floor);
    if (!sensitive && nameStart > floor && data[nameStart - 1] === SPACE && DIGIT[data[nameStart]] === 0) {
      // `Phone number: ...`
      const wordStart = skipBack(NAME, data, nameStart - 1, Math.max(floor, nameStart - 1 - MAX_NAME_SEEN));
      sensitive = scan.policy.endsSensitive(data, wordStart, nameEnd);
      nameStart = wordStart;
    }
  }
  if (!sensitive) return last + 1;
  return redactValue(scan, data, start, nameStart, last, end);
}

/** Whether it is more than a time: `10`, `2024-01-15T10`. */
function hasLetters(data: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++)
    if (WORD[data[i]] > DIGIT[data[i]] && (data[i] | 0x20) !== 0x74) return true;
  return false;
}

function isSensitive(scan: Scan, data: Uint8Array, start: number, end: number): boolean {
  if (scan.policy.isSensitive(data, start, end)) return true;
  let percent = false;
  let escaped = false;
  for (let i = start; i < end; i++) {
    percent ||= data[i] === PERCENT;
    escaped ||= data[i] === BACKSLASH;
  }
  return (
    (percent && (scan.judgeCoded('percent', data, start, end) & Verdict.sensitive) !== 0) ||
    (escaped && (scan.judgeCoded('json', data, start, end) & Verdict.sensitive) !== 0)
  );
}

/** `\npassword=`: the letter belongs to the escape, not to the name. */
function isSensitiveBehindEscape(
  scan: Scan,
  data: Uint8Array,
  start: number,
  end: number,
  floor: number,
): boolean {
  if (start <= floor || data[start - 1] !== BACKSLASH) return false;
  const skipped = data[start] === 0x75 ? 5 : 1;
  return start + skipped < end && scan.policy.isSensitive(data, start + skipped, end);
}

/** Start of the name whose closing quote stands at `end`, or -1. */
function openingQuote(data: Uint8Array, end: number, quote: number, floor: number): number {
  const limit = Math.max(floor, end - MAX_NAME_SEEN);
  for (let i = end - 1; i >= limit; i--) {
    if (data[i] === quote) return i + 1;
    if (data[i] === LF) return -1;
  }
  return -1;
}
