import {
  AMPERSAND,
  AT,
  COLON,
  DIGIT,
  EQUALS,
  HASH,
  PERCENT,
  PLUS,
  QUESTION,
  SEMICOLON,
  SLASH,
  SPACE,
  tableOf,
} from './octets.ts';
import { Verdict } from './policy.ts';
import type { Coding, Scan } from './scan.ts';
import { Replacement } from './spans.ts';

/** What ends a URL in running text. */
const URL_STOP = tableOf('"\'`<>\\^{}|\x7f', 1).fill(1, 0, 0x21);
const AUTHORITY_STOP = tableOf('/?#');
/** A user name alone is shown up to this length (`git@`); a longer one is a token. */
const LONGEST_USER = 15;
/** How far behind a `/` in a password the `@` is looked for. */
const LONGEST_PASSWORD = 64;

/** What makes a URL worth reading: userinfo, parameters, a query, a fragment, codings. */
const URL_SYNTAX = tableOf('@;?#=%');

/** What makes a path worth reading, and what ends it. */
const PATH_SYNTAX = tableOf('%;=');
const PATH_END = 2;
PATH_SYNTAX[QUESTION] = PATH_SYNTAX[HASH] = PATH_END;

/** A URL in running text, from behind its `://`. Answers its end. */
export function findUrl(scan: Scan, data: Uint8Array, start: number, end: number, open: boolean): number {
  let stop = start;
  let syntax = 0;
  while (stop < end && URL_STOP[data[stop]] === 0) syntax |= URL_SYNTAX[data[stop++]];
  const cut = open && stop === end;
  if (syntax === 0 && !cut) scan.brief(data, start, stop, false);
  else findTarget(scan, data, findAuthority(scan, data, start, stop, cut), stop, cut);
  return stop;
}

/** Redacts the userinfo (RFC 3986 §3.2.1) of the authority at `start`; answers where the authority ends. */
export function findAuthority(
  scan: Scan,
  data: Uint8Array,
  start: number,
  end: number,
  open: boolean,
): number {
  let colon = -1;
  let at = -1;
  let stop = start;
  for (; stop < end && AUTHORITY_STOP[data[stop]] === 0; stop++) {
    if (data[stop] === AT) at = stop;
    else if (data[stop] === COLON && colon < 0) colon = stop;
  }
  if (at < 0 && colon >= 0 && !isPort(data, colon + 1, stop)) {
    // A password with a `/` in it, against the rules.
    const limit = Math.min(end, stop + LONGEST_PASSWORD);
    for (let i = stop; i < limit && at < 0; i++) if (data[i] === AT) at = i;
    if (at < 0 && open && limit === end) at = end;
    if (at >= 0) stop = at;
  }
  if (at >= 0 && ((colon >= 0 && colon < at) || at - start > LONGEST_USER)) {
    scan.spans.add(start, at, Replacement.plain);
  }
  return stop;
}

function isPort(data: Uint8Array, start: number, end: number): boolean {
  if (end - start > 5 || data[start] === 0x5b) return false;
  for (let i = start; i < end; i++)
    if (DIGIT[data[i]] === 0 && data[i] !== 0x5d && data[i] !== COLON) return false;
  return true;
}

/** Path with matrix parameters, query and fragment: a request-target in origin-form (RFC 9112 §3.2.1), or the rest of a URL. */
export function findTarget(scan: Scan, data: Uint8Array, start: number, end: number, open: boolean): void {
  let i = start;
  let syntax = 0;
  while (i < end && PATH_SYNTAX[data[i]] !== PATH_END) syntax |= PATH_SYNTAX[data[i++]];
  const cut = open && i === end;
  if (syntax === 0) scan.brief(data, start, i, cut);
  else findSegments(scan, data, start, i, cut);
  while (i < end) {
    const from = i + 1;
    i = from;
    while (i < end && data[i] !== HASH) i++;
    findPairs(scan, 'form', data, from, i, open && i === end);
  }
}

/** A reference that begins with a slash (RFC 3986 §4.2): a path, or an authority behind two. */
export function findReference(scan: Scan, data: Uint8Array, start: number, end: number, open: boolean): void {
  const hasAuthority = start + 1 < end && data[start + 1] === SLASH;
  findTarget(scan, data, hasAuthority ? findAuthority(scan, data, start + 2, end, open) : start, end, open);
}

/** A path with codings or parameters in it. */
function findSegments(scan: Scan, data: Uint8Array, start: number, end: number, open: boolean): void {
  let from = start;
  for (let i = start; i <= end; i++) {
    if (i < end && data[i] !== SLASH && data[i] !== SEMICOLON) continue;
    if (i > from) findComponent(scan, 'percent', data, from, i, open && i === end);
    from = i + 1;
  }
}

/** `name=value&name=value`: a query, a fragment, a form. */
export function findPairs(
  scan: Scan,
  coding: Coding,
  data: Uint8Array,
  start: number,
  end: number,
  open: boolean,
): void {
  let from = start;
  while (from < end) {
    let stop = from;
    while (stop < end && data[stop] !== AMPERSAND) stop++;
    if (stop > from) findComponent(scan, coding, data, from, stop, open && stop === end);
    from = stop + 1;
  }
}

/** `name=value`, or a value alone, in a URL or a form. */
function findComponent(
  scan: Scan,
  coding: Coding,
  data: Uint8Array,
  start: number,
  end: number,
  open: boolean,
): void {
  let equals = start;
  let coded = false;
  // What stands where a name should may be JSON.
  let isOdd = false;
  for (; equals < end && data[equals] !== EQUALS; equals++) {
    coded ||= isCoded(data[equals]);
    isOdd ||= data[equals] === COLON || data[equals] === SPACE;
  }
  if (equals < end) {
    const verdict = coded
      ? scan.judgeCoded(coding, data, start, equals)
      : scan.policy.judge(data, start, equals);
    if ((verdict & Verdict.sensitive) !== 0) {
      if (coded) scan.nested(coding, data, start, equals, false);
      else if (isOdd) scan.brief(data, start, equals, false);
      scan.spans.add(equals + 1, end, Replacement.plain);
      return;
    }
  }
  for (let i = equals; i < end && !coded; i++) coded = isCoded(data[i]);
  if (coded) scan.nested(coding, data, start, end, open);
  else scan.brief(data, equals < end && !isOdd ? equals + 1 : start, end, open);
}

function isCoded(octet: number): boolean {
  return octet === PERCENT || octet === PLUS;
}
