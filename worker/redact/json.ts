import { cardEnd } from './cards.ts';
import {
  BACKSLASH,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  LETTERS_AND_DIGITS,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  RS,
  skip,
  startsWith,
  tableOf,
} from './octets.ts';
import { Verdict } from './policy.ts';
import { MAX_DEPTH, type Scan } from './scan.ts';
import { Replacement } from './spans.ts';
import { deservesLook, TRAITS, Trait } from './traits.ts';

/** Numbers, `true`, `false`, `null`. */
const LITERAL = tableOf(`${LETTERS_AND_DIGITS}+-.`);
const SHORTEST_CARD = 13;

/** What may stand next. */
const VALUE = 0;
const VALUE_OR_END = 1;
const KEY = 2;
const KEY_OR_END = 3;
const COMMA_OR_END = 4;

/**
 * Finds secrets in JSON: one value, or several one after another (NDJSON, JSON text sequences RFC 7464). One
 * pass, no value is built. Answers false at the first thing that is not JSON; the spans found up to there are
 * then worth nothing. JSON that ends too early is JSON still.
 */
export function findJson(scan: Scan, data: Uint8Array, start: number, end: number, open: boolean): boolean {
  const { policy, spans } = scan;
  const { isObject, nameStart, nameEnd } = scan.depths;
  let depth = 0;
  let expect = VALUE;
  let verdict = 0;
  let i = start;
  while (i < end) {
    const octet = data[i];
    if (octet <= 0x20) {
      if (octet !== 0x20 && octet !== 0x0a && octet !== 0x0d && octet !== 0x09) {
        if (octet !== RS || depth !== 0) return false;
      }
      i++;
      continue;
    }
    if (octet === QUOTE) {
      const from = ++i;
      let traits = 0;
      let trait = 0;
      while (i < end) {
        trait = TRAITS[data[i]];
        if ((trait & Trait.stop) !== 0) break;
        traits |= trait;
        i++;
      }
      let escaped = false;
      if (i < end && data[i] !== QUOTE) {
        i = stringEnd(data, i, end);
        if (i < 0) return false;
        escaped = true;
      }
      const to = i;
      i++;
      if (expect === KEY || expect === KEY_OR_END) {
        if (i >= end) return true;
        if (data[i] !== COLON) {
          i = skipSpace(data, i, end);
          if (i === end) return true;
          if (data[i] !== COLON) return false;
        }
        i++;
        verdict = escaped ? scan.judgeCoded('json', data, from, to) : policy.judge(data, from, to);
        if ((verdict & Verdict.named) !== 0 && nameStart[depth] < nameEnd[depth]) {
          verdict |= scan.judgeCoded('json', data, nameStart[depth], nameEnd[depth]) & Verdict.sensitive;
        }
        expect = VALUE;
        continue;
      }
      if (expect !== VALUE && expect !== VALUE_OR_END) return false;
      if (verdict !== 0) {
        if ((verdict & Verdict.naming) !== 0) {
          nameStart[depth] = from;
          nameEnd[depth] = to;
        }
        if ((verdict & Verdict.sensitive) !== 0) {
          spans.add(from, to, Replacement.plain);
          verdict = 0;
          expect = depth === 0 ? VALUE : COMMA_OR_END;
          continue;
        }
        verdict = 0;
      }
      if (escaped) scan.nested('json', data, from, to, open && to === end);
      else if (deservesLook(traits, to - from)) scan.text(data, from, to, open && to === end);
      expect = depth === 0 ? VALUE : COMMA_OR_END;
      continue;
    }
    if (octet === COMMA) {
      if (expect !== COMMA_OR_END) return false;
      expect = isObject[depth] === 1 ? KEY : VALUE;
      i++;
      continue;
    }
    if (octet === CLOSE_BRACE || octet === CLOSE_BRACKET) {
      const object = octet === CLOSE_BRACE ? 1 : 0;
      const allowed = expect === COMMA_OR_END || expect === (object === 1 ? KEY_OR_END : VALUE_OR_END);
      if (depth === 0 || !allowed || isObject[depth] !== object) return false;
      depth--;
      expect = depth === 0 ? VALUE : COMMA_OR_END;
      i++;
      continue;
    }
    if (expect !== VALUE && expect !== VALUE_OR_END) return false;
    if (octet === OPEN_BRACE || octet === OPEN_BRACKET) {
      if ((verdict & Verdict.sensitive) !== 0) {
        const to = bracketsEnd(data, i, end);
        spans.add(i, to, Replacement.quoted);
        i = to;
        verdict = 0;
        expect = depth === 0 ? VALUE : COMMA_OR_END;
        continue;
      }
      if (depth === MAX_DEPTH) return false;
      depth++;
      verdict = 0;
      isObject[depth] = octet === OPEN_BRACE ? 1 : 0;
      nameEnd[depth] = nameStart[depth] = 0;
      expect = octet === OPEN_BRACE ? KEY_OR_END : VALUE_OR_END;
      i++;
      continue;
    }
    const from = i;
    i = skip(LITERAL, data, i, end);
    if (i === from || !(i === end || isLiteral(data, from, i))) return false;
    if ((verdict & Verdict.sensitive) !== 0) spans.add(from, i, Replacement.quoted);
    else if (i - from >= SHORTEST_CARD || (i === end && open)) {
      const stop = cardEnd(data, from, from, i, open && i === end);
      if (stop === i) spans.add(from, i, Replacement.quoted);
    }
    verdict = 0;
    expect = depth === 0 ? VALUE : COMMA_OR_END;
  }
  return true;
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
