import {
  APOSTROPHE,
  BACKSLASH,
  BACKTICK,
  BLANK,
  COLON,
  CR,
  DASH,
  DIGIT,
  EQUALS,
  equalsFolded,
  GREATER,
  LETTERS_AND_DIGITS,
  LF,
  NAME,
  OPEN_BRACE,
  OPEN_BRACKET,
  PERCENT,
  PIPE,
  QUOTE,
  SPACE,
  skip,
  skipBack,
  tableOf,
  WORD,
} from './octets.ts';
import { Verdict } from './policy.ts';
import type { Scan } from './scan.ts';
import { Replacement } from './spans.ts';

/**
 * `name=value` and `name: value` in text, with the many ways to write them: quoted or not, `=>` and `:=`,
 * JSON and its strings at any depth of escaping, YAML blocks, .env lines, cookies, connection strings.
 */

const MAX_NAME_SEEN = 128;
const MAX_GAP = 8;
const QUOTES = tableOf('"\'`');
/** What may stand before the name at the beginning of a line: indentation, list items, quoted mail, comments. */
const LINE_LEAD = tableOf(' \t-*#>');
const LINE_END = tableOf('\r\n');

/** `at` is the `=` or `:`. Answers the end of the value if it was redacted, else where to read on. */
export function findPair(scan: Scan, data: Uint8Array, start: number, at: number, end: number): number {
  const { spans } = scan;
  const last = spans.count - 1;
  const floor = last >= 0 && spans.ends[last] > start ? spans.ends[last] : start;
  let nameEnd = skipBack(BLANK, data, at, Math.max(floor, at - MAX_GAP));
  if (nameEnd === floor) return at + 1;
  let nameStart = nameEnd;
  let sensitive = false;
  const closing = data[nameEnd - 1];
  if (QUOTES[closing] === 1) {
    nameEnd = beforeBackslashes(data, nameEnd - 1, floor);
    nameStart = openingQuote(data, nameEnd, closing, floor);
    if (nameStart < 0) return at + 1;
    sensitive = isSensitive(scan, data, nameStart, nameEnd);
  } else {
    nameStart = skipBack(NAME, data, nameEnd, Math.max(floor, nameEnd - MAX_NAME_SEEN));
    if (nameStart === nameEnd || !hasLetters(data, nameStart, nameEnd)) return at + 1;
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
  if (!sensitive) return at + 1;
  return redactValue(scan, data, start, nameStart, at, end);
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

function beforeBackslashes(data: Uint8Array, at: number, floor: number): number {
  while (at > floor && data[at - 1] === BACKSLASH) at--;
  return at;
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

function redactValue(
  scan: Scan,
  data: Uint8Array,
  start: number,
  nameStart: number,
  at: number,
  end: number,
): number {
  let from = at + 1;
  // :=  =>  ==  ===
  while (
    from < end &&
    from < at + 3 &&
    (data[from] === EQUALS || data[from] === GREATER || data[from] === COLON)
  )
    from++;
  from = skip(BLANK, data, from, end);
  const quoteAt = skipBackslashes(data, from, end);
  let to: number;
  if (quoteAt < end && QUOTES[data[quoteAt]] === 1) {
    const level = quoteAt - from;
    from = quoteAt + 1;
    to = closingQuote(data, from, end, data[quoteAt], level);
  } else if (from < end && (data[from] === OPEN_BRACE || data[from] === OPEN_BRACKET)) {
    to = balancedEnd(data, from, end);
  } else {
    const lead = lineStart(data, nameStart, start);
    if (lead >= 0 && data[at] === COLON) {
      to = blockEnd(data, lead, nameStart, from, end);
      if (from < end && LINE_END[data[from]] === 1) from = skip(SPACES, data, from, to);
    } else if (lead >= 0 && isAlone(data, from, end)) to = lineEnd(data, from, end);
    else to = wordsEnd(data, from, end);
    if (to <= from) return at + 1;
  }
  scan.spans.add(from, to, Replacement.plain);
  return Math.max(to, at + 1);
}
const SPACES = tableOf(' \t\r\n');

function skipBackslashes(data: Uint8Array, at: number, end: number): number {
  while (at < end && data[at] === BACKSLASH) at++;
  return at;
}

/** A quote that is not closed within this many octets ends with its line. */
const MAX_QUOTED = 16_384;

/**
 * The closing quote of a value whose opening quote had `level` backslashes before it: 0 in text, 1 in a JSON
 * string, 3 in a JSON string in a JSON string. A quote inside the value has more, one of an outer string fewer.
 */
function closingQuote(data: Uint8Array, from: number, end: number, quote: number, level: number): number {
  const limit = Math.min(end, from + MAX_QUOTED);
  let backslashes = 0;
  for (let i = from; i < limit; i++) {
    if (data[i] === BACKSLASH) {
      backslashes++;
      continue;
    }
    if (data[i] === quote && level === 0 && backslashes === 0 && i + 1 < limit && data[i + 1] === quote) {
      // Doubled: a quote inside the value (SQL, CSV, YAML).
      i++;
      continue;
    }
    if (data[i] === quote && (backslashes < level || backslashes % (2 * (level + 1)) === level)) {
      return i - Math.min(backslashes, level);
    }
    backslashes = 0;
  }
  return limit === end ? end : lineEnd(data, limit, end);
}

/** End of the object or array at `at`, or of the text. Quotes are honoured whatever their level of escaping. */
function balancedEnd(data: Uint8Array, at: number, end: number): number {
  let depth = 0;
  for (let i = at; i < end; i++) {
    const octet = data[i];
    if (octet === QUOTE) {
      const level = i - beforeBackslashes(data, i, at);
      i = closingQuote(data, i + 1, end, QUOTE, level);
      i = skipBackslashes(data, i, end);
    } else if (octet === OPEN_BRACE || octet === OPEN_BRACKET) depth++;
    else if ((octet === OPEN_BRACE + 2 || octet === OPEN_BRACKET + 2) && --depth === 0) return i + 1;
  }
  return end;
}

/** Where the line begins if the name is the first thing in it, or -1. */
function lineStart(data: Uint8Array, nameStart: number, start: number): number {
  let at = skipBack(LINE_LEAD, data, nameStart, Math.max(start, nameStart - MAX_NAME_SEEN));
  if (at - 6 >= start && at < nameStart && equalsFolded(data, at - 6, at, 'export')) at -= 6;
  return at === start || LINE_END[data[at - 1]] === 1 ? at : -1;
}

function lineEnd(data: Uint8Array, at: number, end: number): number {
  while (at < end && LINE_END[data[at]] === 0) at++;
  return at;
}

/** Whether no other pair is in the rest of the line. */
function isAlone(data: Uint8Array, from: number, end: number): boolean {
  for (let i = from; i < end && LINE_END[data[i]] === 0; i++) {
    if ((data[i] === EQUALS || data[i] === COLON) && NAME[data[i - 1]] === 1 && !isPadding(data, i, end))
      return false;
  }
  return true;
}

/** `=` that ends a base64 value. */
function isPadding(data: Uint8Array, at: number, end: number): boolean {
  if (data[at] !== EQUALS) return false;
  const next = at + 1 < end && data[at + 1] === EQUALS ? at + 2 : at + 1;
  return next >= end || LINE_END[data[next]] === 1;
}

/**
 * YAML: the rest of the line; if that is empty or a block indicator (`|`, `>`), also the lines after it that
 * are indented deeper than the name, or are items of its list.
 */
function blockEnd(data: Uint8Array, lead: number, nameStart: number, from: number, end: number): number {
  let to = lineEnd(data, from, end);
  const folded = to > from && (data[from] === PIPE || data[from] === GREATER) && to - from <= 4;
  if (to > from && !folded) return to;
  const indent = nameStart - lead;
  for (;;) {
    const line = nextLine(data, to, end);
    const text = skip(BLANK, data, line, end);
    if (text >= end) return to;
    const blank = LINE_END[data[text]] === 1;
    const item = data[text] === DASH && text + 1 < end && data[text + 1] === SPACE && text - line >= indent;
    if (!blank && !item && text - line <= indent) return to;
    const next = lineEnd(data, text, end);
    if (blank && next <= to) return to;
    to = next;
  }
}

function nextLine(data: Uint8Array, at: number, end: number): number {
  if (at < end && data[at] === CR) at++;
  if (at < end && data[at] === LF) at++;
  return at;
}

const DELIMITERS = tableOf('&;,|');
/** What ends an unquoted value wherever it stands. */
const STOPS = tableOf(' \t\r\n\f\v"\'`<>\0');
/** What is not taken for a part of the value at its end: `(token=x).` */
const TRAILERS = tableOf(')]},;.');
const SCHEMES = [
  'bearer',
  'basic',
  'digest',
  'token',
  'apikey',
  'negotiate',
  'ntlm',
  'hawk',
  'aws4-hmac-sha256',
];

/** End of an unquoted value inside a line: of the word, or of the line behind an authentication scheme. */
function wordsEnd(data: Uint8Array, from: number, end: number): number {
  const to = wordEnd(data, from, end);
  if (to >= end || data[to] !== SPACE || !SCHEMES.some((scheme) => equalsFolded(data, from, to, scheme)))
    return to;
  let i = to;
  while (i < end && LINE_END[data[i]] === 0 && QUOTES[data[i]] === 0) i++;
  return i;
}

function wordEnd(data: Uint8Array, from: number, end: number): number {
  let i = from;
  while (i < end && STOPS[data[i]] === 0) {
    if (DELIMITERS[data[i]] === 1 && isName(data, i + 1, end)) break;
    if (data[i] === BACKSLASH && i + 1 < end && ESCAPED_STOPS[data[i + 1]] === 1) break;
    i++;
  }
  while (i > from && TRAILERS[data[i - 1]] === 1) i--;
  return i;
}
const ESCAPED_STOPS = tableOf('nrt"\'');
const SHORT_NAME = tableOf(`${LETTERS_AND_DIGITS}_-.%[]`).fill(1, 0x80);

/** Whether the next pair begins at `at`. */
function isName(data: Uint8Array, at: number, end: number): boolean {
  at = skip(BLANK, data, at, end);
  if (at < end && (data[at] === QUOTE || data[at] === APOSTROPHE || data[at] === BACKTICK)) return true;
  const stop = skip(SHORT_NAME, data, at, Math.min(end, at + MAX_NAME_SEEN));
  return stop > at && stop < end && (data[stop] === EQUALS || data[stop] === COLON);
}
