import { cardEnd, MIN_DIGITS } from './cards.ts';
import { LETTERS_AND_DIGITS, startsWith, tableOf } from './octets.ts';
import { AFTER_OPENING, AFTER_VALUE, skipPlain } from './plain-json.ts';
import { Verdict } from './policy.ts';
import { MAX_DEPTH, type Scan } from './scan.ts';
import { Replacement } from './spans.ts';
import { deservesLook, suspiciousTraits, Trait, traitTable } from './traits.ts';

// Declared here, not imported: see `wordTable`.
const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const RS = 0x1e;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const TRAITS = traitTable();
const SUSPICIOUS = suspiciousTraits();
const { stop: STOP, high: HIGH } = Trait;
const { sensitive: SENSITIVE, naming: NAMING, named: NAMED, foreign: FOREIGN } = Verdict;
const { plain: PLAIN, quoted: QUOTED } = Replacement;

/** Numbers, `true`, `false`, `null`. */
const LITERAL = tableOf(`${LETTERS_AND_DIGITS}+-.`);

/** What may stand next. */
const VALUE = 0;
const VALUE_OR_END = 1;
const KEY = 2;
const KEY_OR_END = 3;
const COMMA_OR_END = 4;

export const Json = {
  /** It is not JSON: the spans found are worth nothing. */
  no: 0,
  /** It is, and all of it is ASCII. */
  ascii: 1,
  /** It is, if its other octets are UTF-8. */
  unicode: 2,
} as const;
export type Json = (typeof Json)[keyof typeof Json];

/**
 * Finds secrets in JSON: one value, or several one after another (NDJSON, JSON text sequences RFC 7464). One
 * pass, and no value is built. JSON that ends too early is JSON still.
 */
export function findJson(scan: Scan, data: Uint8Array, start: number, end: number, open: boolean): Json {
  const { policy, spans, depths } = scan;
  const { isObject, nameStart, nameEnd } = depths;
  const { memo } = policy;
  const words = scan.words.of(data);
  memo.last = 0;
  let depth = 0;
  let expect = VALUE;
  let verdict = 0;
  let all = 0;
  let i = start;
  while (i < end) {
    if (depth > 0 && (expect === COMMA_OR_END || expect === KEY_OR_END || expect === VALUE_OR_END)) {
      depths.depth = depth;
      depths.place = expect === COMMA_OR_END ? AFTER_VALUE : AFTER_OPENING;
      i = skipPlain(depths, memo, data, words, i, end);
      depth = depths.depth;
      if (depth === 0) expect = VALUE;
      else if (depths.place === AFTER_VALUE) expect = COMMA_OR_END;
      else expect = isObject[depth] === 1 ? KEY_OR_END : VALUE_OR_END;
      if (i >= end) break;
    }
    let octet = data[i];
    if (octet === QUOTE && (expect === KEY || expect === KEY_OR_END)) {
      const from = i + 1;
      const guess = memo.guess(depth, data, from, end);
      if (guess !== 0) {
        memo.last = guess;
        i = from + memo.lengthOf(guess);
        verdict = memo.verdicts[guess];
      } else {
        i = stringEnd(data, from, end);
        if (i < 0) return Json.no;
        if (i >= end) break;
        // A name with escapes is not remembered: its bytes are not the name.
        const slot = hasBackslash(data, from, i) ? 0 : policy.judgeNext(depth, data, from, i);
        verdict = slot === 0 ? scan.judgeCoded('json', data, from, i) : memo.verdicts[slot];
      }
      if (verdict !== 0) {
        if ((verdict & NAMED) !== 0 && nameStart[depth] < nameEnd[depth]) {
          verdict |= scan.judgeCoded('json', data, nameStart[depth], nameEnd[depth]) & SENSITIVE;
        }
        if ((verdict & FOREIGN) !== 0) all |= HIGH;
      }
      i++;
      if (data[i] !== COLON) i = skipSpace(data, i, end);
      if (i >= end) break;
      if (data[i] !== COLON) return Json.no;
      expect = VALUE;
      if (++i >= end) break;
      octet = data[i];
    }
    if (octet === QUOTE) {
      if (expect !== VALUE && expect !== VALUE_OR_END) return Json.no;
      const from = i + 1;
      let traits = 0;
      let trait = 0;
      for (i = from; i < end; i++) {
        trait = TRAITS[data[i]];
        if ((trait & STOP) !== 0) break;
        traits |= trait;
      }
      all |= traits;
      let escaped = false;
      if (i < end && data[i] !== QUOTE) {
        escaped = true;
        all |= HIGH;
        i = stringEnd(data, i, end);
        if (i < 0) return Json.no;
      }
      const to = i++;
      const cut = open && to === end;
      if ((verdict & SENSITIVE) !== 0) spans.add(from, to, PLAIN);
      else if (escaped) scan.nested('json', data, from, to, cut);
      else if (cut || ((traits & SUSPICIOUS) !== 0 && deservesLook(traits, data, from, to))) {
        scan.text(data, from, to, cut);
      }
      if (verdict !== 0) {
        if ((verdict & NAMING) !== 0) {
          nameStart[depth] = from;
          nameEnd[depth] = to;
        }
        verdict = 0;
      }
    } else if (octet === COMMA) {
      if (expect !== COMMA_OR_END) return Json.no;
      expect = isObject[depth] === 1 ? KEY : VALUE;
      i++;
      continue;
    } else if (octet === 0x20 || octet === LF || octet === CR || octet === TAB) {
      i = skipSpace(data, i, end);
      continue;
    } else if (octet === CLOSE_BRACE || octet === CLOSE_BRACKET) {
      const object = octet === CLOSE_BRACE ? 1 : 0;
      const empty = expect === (object === 1 ? KEY_OR_END : VALUE_OR_END);
      if (depth === 0 || isObject[depth] !== object || !(empty || expect === COMMA_OR_END)) return Json.no;
      depth--;
      i++;
    } else if (expect !== VALUE && expect !== VALUE_OR_END) return Json.no;
    else if (octet === OPEN_BRACE || octet === OPEN_BRACKET) {
      const object = octet === OPEN_BRACE ? 1 : 0;
      if ((verdict & SENSITIVE) === 0) {
        if (depth === MAX_DEPTH) return Json.no;
        depth++;
        isObject[depth] = object;
        nameEnd[depth] = nameStart[depth] = 0;
        verdict = 0;
        expect = object === 1 ? KEY_OR_END : VALUE_OR_END;
        i++;
        continue;
      }
      const to = bracketsEnd(data, i, end);
      spans.add(i, to, QUOTED);
      all |= HIGH;
      verdict = 0;
      i = to;
    } else if (octet === RS && depth === 0) {
      i++;
      continue;
    } else {
      const from = i;
      while (i < end && LITERAL[data[i]] === 1) i++;
      if (i === from || !(i === end || isLiteral(data, from, i))) return Json.no;
      if ((verdict & SENSITIVE) !== 0) spans.add(from, i, QUOTED);
      else if (i - from >= MIN_DIGITS || (open && i === end)) {
        if (cardEnd(data, from, from, i, open && i === end) === i) spans.add(from, i, QUOTED);
      }
      verdict = 0;
    }
    // A value has ended.
    expect = depth === 0 ? VALUE : COMMA_OR_END;
  }
  return (all & HIGH) === 0 ? Json.ascii : Json.unicode;
}

function hasBackslash(data: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (data[i] === BACKSLASH) return true;
  return false;
}

/** The closing quote of a string from `at`, which is inside it; `end` if there is none, -1 at a control character. */
export function stringEnd(data: Uint8Array, at: number, end: number): number {
  for (let i = at; i < end; i++) {
    const octet = data[i];
    if (octet === QUOTE) return i;
    if (octet === BACKSLASH) i++;
    else if (octet < 0x20) return -1;
  }
  return end;
}

/** End of the object or array at `at`, strings honoured; `end` if it does not close. */
export function bracketsEnd(data: Uint8Array, at: number, end: number): number {
  let depth = 0;
  for (let i = at; i < end; i++) {
    const octet = data[i];
    if (octet === QUOTE) {
      i++;
      while (i < end && data[i] !== QUOTE) i += data[i] === BACKSLASH ? 2 : 1;
    } else if (octet === OPEN_BRACE || octet === OPEN_BRACKET) depth++;
    else if ((octet === CLOSE_BRACE || octet === CLOSE_BRACKET) && --depth === 0) return i + 1;
  }
  return end;
}

function skipSpace(data: Uint8Array, i: number, end: number): number {
  while (i < end && (data[i] === 0x20 || data[i] === 0x0a || data[i] === 0x0d || data[i] === 0x09)) i++;
  return i;
}

/** A number by its first character, or one of the three words. */
function isLiteral(data: Uint8Array, start: number, end: number): boolean {
  const first = data[start];
  if (first === 0x2d || (first >= 0x30 && first <= 0x39)) return true;
  return (
    (end - start === 4 && (startsWith(data, start, end, 'true') || startsWith(data, start, end, 'null'))) ||
    (end - start === 5 && startsWith(data, start, end, 'false'))
  );
}
