import {
  BACKSLASH,
  COLON,
  DASH,
  EQUALS,
  hexPair,
  hexQuad,
  LESS,
  PERCENT,
  SLASH,
  tableOf,
  wordTable,
} from './octets.ts';
import { findPair } from './pair.ts';
import type { Scan } from './scan.ts';
import { mayBegin, privateKeyEnd, secretEnd } from './secrets.ts';
import { Replacement } from './spans.ts';

const WORD = wordTable();
/** Octets that `readOn` does something about. */
const SYNTAX = tableOf(':=<-%\\');

/**
 * Finds secrets in text of any kind: logs, .env, YAML, JavaScript, header values, strings inside of JSON, and
 * whatever could not be read as what it said it was. One pass from word to word: each word may begin a value
 * that is a secret by itself, each `=` and `:` may have a sensitive name before it.
 */
export function findText(scan: Scan, data: Uint8Array, start: number, end: number, open: boolean): void {
  let i = start;
  while (i < end) {
    if (WORD[data[i]] === 1) {
      const stop = i + 1 < end && mayBegin(data[i], data[i + 1]) ? secretEnd(data, i, start, end, open) : -1;
      if (stop >= 0) {
        scan.spans.add(i, stop, Replacement.plain);
        i = stop;
      }
      while (i < end && WORD[data[i]] === 1) i++;
    }
    while (i < end && WORD[data[i]] === 0) {
      i = SYNTAX[data[i]] === 0 ? i + 1 : readOn(scan, data, start, i, end, open);
    }
  }
}

/** Letters that stand for white space behind a backslash. */
const WHITE_ESCAPES = tableOf('nrtbf');

/** Deals with the octet at `at`, which is in no word; answers where to read on. */
function readOn(scan: Scan, data: Uint8Array, start: number, at: number, end: number, open: boolean): number {
  switch (data[at]) {
    case COLON:
      if (at + 2 < end && data[at + 1] === SLASH && data[at + 2] === SLASH)
        return scan.url(data, at + 3, end, open);
      return findPair(scan, data, start, at, end);
    case EQUALS:
      return findPair(scan, data, start, at, end);
    case LESS:
      return scan.tag(data, at, end, open);
    case DASH: {
      const stop = privateKeyEnd(data, at, end);
      if (stop < 0) return at + 1;
      scan.spans.add(at, stop, Replacement.plain);
      return stop;
    }
    case PERCENT: {
      const octet = hexPair(data, at + 1, end);
      if (octet === EQUALS || octet === COLON) return findPair(scan, data, start, at, end, at + 2);
      return octet < 0 ? at + 1 : at + 3;
    }
    case BACKSLASH:
      if (at + 1 < end && data[at + 1] === 0x75 && hexQuad(data, at + 2, end) >= 0) return at + 6;
      if (
        at + 1 < end &&
        WHITE_ESCAPES[data[at + 1]] === 1 &&
        secretEnd(data, at + 1, start, end, open) < 0
      ) {
        return at + 2;
      }
      return at + 1;
    default:
      return at + 1;
  }
}
