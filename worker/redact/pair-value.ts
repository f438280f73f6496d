import {
  APOSTROPHE,
  BACKSLASH,
  BACKTICK,
  BLANK,
  COLON,
  CR,
  DASH,
  EQUALS,
  equalsFolded,
  GREATER,
  LETTERS_AND_DIGITS,
  LF,
  NAME,
  OPEN_BRACE,
  OPEN_BRACKET,
  PIPE,
  QUOTE,
  SPACE,
  skip,
  skipBack,
  tableOf,
} from './octets.ts';
import type { Scan } from './scan.ts';
import { Replacement } from './spans.ts';

/** Where the value of a pair in text ends, in the many ways to write values. */

const MAX_NAME_SEEN = 128;
const QUOTES = tableOf('"\'`');
const SPACES = tableOf(' \t\r\n');
/** What may stand before the name at the beginning of a line: indentation, list items, quoted mail, comments. */
const LINE_LEAD = tableOf(' \t-*#>');
const LINE_END = tableOf('\r\n');

/**
 * Redacts the value of a pair whose name begins at `nameStart`, in text from `start` on, and whose `=` or `:` is at `at`.
 * Answers its end; where there is no value, where to read on.
 */
export function redactValue(
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
/** Where the backslashes before `at` begin. */
export function beforeBackslashes(data: Uint8Array, at: number, floor: number): number {
  while (at > floor && data[at - 1] === BACKSLASH) at--;
  return at;
}

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
