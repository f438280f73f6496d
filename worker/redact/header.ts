import {
  AT,
  COLON,
  COMMA,
  EQUALS,
  equalsFolded,
  LETTERS_AND_DIGITS,
  QUESTION,
  SEMICOLON,
  SLASH,
  skip,
  skipBack,
  startsWithFolded,
  tableOf,
  WHITE,
} from './octets.ts';
import type { Scan } from './scan.ts';
import { Replacement } from './spans.ts';
import { findAuthority, findReference, findTarget } from './url.ts';

/** What hosts, ports and user names are made of. */
const AUTHORITY = tableOf(`${LETTERS_AND_DIGITS}-._~:@[]%*`).fill(1, 0x80);

/** Finds secrets in a header or trailer field's value. Cookies keep their names, and Set-Cookie its attributes. */
export function findHeader(
  scan: Scan,
  data: Uint8Array,
  nameStart: number,
  nameEnd: number,
  start: number,
  end: number,
  open: boolean,
): void {
  if (scan.policy.isSensitive(data, nameStart, nameEnd)) {
    if (equalsFolded(data, nameStart, nameEnd, 'cookie')) findCookies(scan, data, start, end);
    else if (startsWithFolded(data, nameStart, nameEnd, 'set-cookie')) findSetCookie(scan, data, start, end);
    else scan.spans.add(start, end, Replacement.plain);
  } else if (end > start && data[start] === SLASH) findReference(scan, data, start, end, open);
  else scan.brief(data, start, end, open);
}

/** RFC 6265 §4.2.1: each value. A piece without `=` is a value. */
function findCookies(scan: Scan, data: Uint8Array, start: number, end: number): void {
  for (let from = start; from < end; ) {
    const stop = pieceEnd(data, from, end);
    redactPair(scan, data, from, stop);
    from = stop + 1;
  }
}

const ATTRIBUTES = [
  'path',
  'domain',
  'expires',
  'max-age',
  'samesite',
  'secure',
  'httponly',
  'partitioned',
  'priority',
  'version',
];

/** RFC 6265 §4.1.1: the value of the cookie, and whatever is no attribute of it. */
function findSetCookie(scan: Scan, data: Uint8Array, start: number, end: number): void {
  let from = start;
  for (let first = true; from < end; first = false) {
    const stop = pieceEnd(data, from, end);
    if (first || !isAttribute(data, from, stop)) redactPair(scan, data, from, stop);
    from = stop + 1;
  }
}

function isAttribute(data: Uint8Array, start: number, end: number): boolean {
  start = skip(WHITE, data, start, end);
  if (start === end) return true;
  let equals = start;
  while (equals < end && data[equals] !== EQUALS) equals++;
  const nameEnd = skipBack(WHITE, data, equals, start);
  const attribute = ATTRIBUTES.find((name) => equalsFolded(data, start, nameEnd, name));
  if (attribute === undefined) return false;
  // Several cookies in one field: what follows the comma is the next one.
  for (let i = equals + 1; i < end; i++) {
    if (data[i] === EQUALS) return false;
    if (data[i] === COMMA && attribute !== 'expires') return false;
  }
  return true;
}

function pieceEnd(data: Uint8Array, at: number, end: number): number {
  while (at < end && data[at] !== SEMICOLON) at++;
  return at;
}

function redactPair(scan: Scan, data: Uint8Array, start: number, end: number): void {
  start = skip(WHITE, data, start, end);
  if (start === end) return;
  let from = start;
  while (from < end && data[from] !== EQUALS) from++;
  from = from === end ? start : skip(WHITE, data, from + 1, end);
  scan.spans.add(from, skipBack(WHITE, data, end, from), Replacement.plain);
}

/** A request-target in any form (RFC 9112 §3.2). */
export function findRequestTarget(
  scan: Scan,
  data: Uint8Array,
  start: number,
  end: number,
  open: boolean,
): void {
  if (data[start] === SLASH) {
    findReference(scan, data, start, end, open);
    return;
  }
  let colon = start;
  while (colon < end && data[colon] !== COLON && data[colon] !== QUESTION && data[colon] !== AT) colon++;
  const absolute = colon + 2 < end && data[colon + 1] === SLASH && data[colon + 2] === SLASH;
  const authority = absolute ? colon + 3 : start;
  const target = findAuthority(scan, data, authority, end, open);
  // A target of no form: a query, a password, a piece of something else.
  if (!isAuthority(data, authority, target)) scan.text(data, authority, target, open && target === end);
  findTarget(scan, data, target, end, open);
}

/** Userinfo, host and port (RFC 3986 §3.2), as far as their octets tell. */
function isAuthority(data: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (AUTHORITY[data[i]] === 0) return false;
  return true;
}
