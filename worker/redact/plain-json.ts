import { DEPTH_STEP, type NameMemo, SLOT_MASK, STRIDE } from './name-memo.ts';
import { tableOf } from './octets.ts';
import { Verdict } from './policy.ts';
import { type Depths, MAX_DEPTH } from './scan.ts';
import { deservesLook, suspiciousTraits, Trait, traitTable } from './traits.ts';

// Declared here, not imported: see `wordTable`.
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const DASH = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const LOWER_B = 0x62;
const LOWER_C = 0x63;
const LOWER_E = 0x65;
const LOWER_R = 0x72;
/** Words as they are read, little endian. */
const TRUE = 0x65757274;
const FALS = 0x736c6166;
const NULL = 0x6c6c756e;
const ZEROS = 0x30303030;
const HIGH_BITS = 0x80808080 | 0;
const LOW_BITS = 0x7f7f7f7f;
const { naming: NAMING } = Verdict;
const TRAITS = traitTable();
const SUSPICIOUS = suspiciousTraits();
/** What ends or interrupts a string, and what is not ASCII. */
const ODD = Trait.stop | Trait.high;
const WHITE = tableOf(' \t\r\n');
/** What may stand behind a value. */
const ENDS = tableOf(' \t\r\n,]}');
/** A longer number may be that of a card. */
const LONGEST_NUMBER = 12;
/** More than is looked at in front of a place that is checked against the end: a name, or a few words. */
const LOOKAHEAD = 320;
const DEEPEST = MAX_DEPTH - 1;

/** Behind a value; or behind the bracket that opens an object or an array. */
export const AFTER_VALUE = 0;
export const AFTER_OPENING = 1;

/**
 * The short way over what most JSON consists of and no secret can be in: members whose names were seen before and are
 * harmless, with short numbers, `true`, `false`, `null`, and strings of lower-case letters and spaces. It is one loop
 * without calls, which looks at four octets at a time, so that the engine keeps it in registers.
 *
 * Goes on from `at`, where `depths.place` says what came before, as far as it can. Answers how far it came, with
 * `depths` as they are there.
 */
export function skipPlain(
  depths: Depths,
  memo: NameMemo,
  data: Uint8Array,
  words: DataView,
  at: number,
  limit: number,
): number {
  const { isObject, nameStart, nameEnd } = depths;
  const { names, nameWords, verdicts, next } = memo;
  // Words are read before it is known where the text ends, but not behind the end of the array.
  const end = Math.min(limit, data.length - LOOKAHEAD) | 0;
  let depth = depths.depth | 0;
  let opened = depths.place | 0;
  let slot = memo.last | 0;
  let done = at | 0;
  let i = done;
  while (i < end) {
    if (data[i] <= SPACE) i = whiteEnd(data, i, end);
    let octet = data[i];
    let inObject = isObject[depth];
    if (octet === (inObject === 1 ? CLOSE_BRACE : CLOSE_BRACKET)) {
      if (i >= limit) break;
      depth = (depth - 1) | 0;
      opened = AFTER_VALUE;
      i = (i + 1) | 0;
      done = i;
      if (depth === 0) break;
      continue;
    }
    if (opened === AFTER_VALUE) {
      if (octet !== COMMA) break;
      i = (i + 1) | 0;
      if (data[i] <= SPACE) i = whiteEnd(data, i, end);
      octet = data[i];
    }
    let name = slot;
    if (inObject === 1) {
      if (octet !== QUOTE) break;
      const guess = (slot + depth * DEPTH_STEP) & SLOT_MASK;
      name = next[guess];
      let from = (name * STRIDE + 1) | 0;
      let last = (names[from - 1] - 2) | 0;
      i = (i + 1) | 0;
      let k = 0;
      while (k < last && nameWords.getInt32(from + k, true) === words.getInt32(i + k, true)) k = (k + 4) | 0;
      if (last < 0 || k < last || nameWords.getInt32(from + last, true) !== words.getInt32(i + last, true)) {
        name = memo.find(data, i, end);
        if (name === 0) break;
        next[guess] = name;
        from = (name * STRIDE + 1) | 0;
        last = (names[from - 1] - 2) | 0;
      }
      if ((verdicts[name] | NAMING) !== NAMING) break;
      i = (i + last + 4) | 0;
      if (data[i] <= SPACE) i = whiteEnd(data, i, end);
      octet = data[i];
    }
    if (octet === QUOTE) {
      i = (i + 1) | 0;
      const from = i;
      while (i < end) {
        const word = words.getInt32(i, true);
        const low = word & LOW_BITS;
        const others = ~((low + 0x1f1f1f1f) & ~(low + 0x05050505) & ~word) & HIGH_BITS;
        if (others === 0) {
          i = (i + 4) | 0;
          continue;
        }
        i = (i + ((31 - Math.clz32(others & -others)) >> 3)) | 0;
        octet = data[i];
        if (octet !== SPACE) break;
        // `basic x` and `bearer x`
        const before = data[i - 1];
        if (before === LOWER_C && data[i - 5] === LOWER_B) break;
        if (before === LOWER_R && data[i - 6] === LOWER_B) break;
        i = (i + 1) | 0;
      }
      if (i >= end) break;
      if (octet !== QUOTE) {
        // Any other text: what its octets have in common tells whether a secret can be in it.
        let traits = 0;
        for (i = from; i < end; i = (i + 4) | 0) {
          const word = words.getInt32(i, true);
          const four =
            TRAITS[word & 0xff] |
            TRAITS[(word >> 8) & 0xff] |
            TRAITS[(word >> 16) & 0xff] |
            TRAITS[word >>> 24];
          if ((four & ODD) !== 0) break;
          traits |= four;
        }
        let trait = 0;
        for (; i < end; i = (i + 1) | 0) {
          trait = TRAITS[data[i]];
          if ((trait & ODD) !== 0) break;
          traits |= trait;
        }
        if (data[i] !== QUOTE) break;
        if ((traits & SUSPICIOUS) !== 0 && deservesLook(traits, data, from, i)) break;
      }
      if (inObject === 1 && verdicts[name] !== 0) {
        nameStart[depth] = from;
        nameEnd[depth] = i;
      }
      i = (i + 1) | 0;
    } else if (octet <= NINE && (octet >= ZERO || octet === DASH)) {
      const from = i;
      if (octet === DASH) i = (i + 1) | 0;
      const first = i;
      while (i < end) {
        // The lowest octet whose high bit is set here is the first that is no digit.
        const digits = words.getInt32(i, true) ^ ZEROS;
        const others = ((digits + 0x76767676) | digits) & HIGH_BITS;
        if (others === 0) {
          i = (i + 4) | 0;
          continue;
        }
        i = (i + ((31 - Math.clz32(others & -others)) >> 3)) | 0;
        if (data[i] !== DOT) break;
        i = (i + 1) | 0;
      }
      if (i === first || i - from > LONGEST_NUMBER) break;
    } else if (octet === OPEN_BRACE || octet === OPEN_BRACKET) {
      if (depth === DEEPEST || i >= limit) break;
      inObject = octet === OPEN_BRACE ? 1 : 0;
      depth = (depth + 1) | 0;
      isObject[depth] = inObject;
      nameStart[depth] = 0;
      nameEnd[depth] = 0;
      slot = name;
      opened = AFTER_OPENING;
      i = (i + 1) | 0;
      done = i;
      continue;
    } else {
      const word = words.getInt32(i, true);
      i = (i + 4) | 0;
      if (word === FALS && data[i] === LOWER_E) i = (i + 1) | 0;
      else if (word !== TRUE && word !== NULL) break;
    }
    if (i >= limit || ENDS[data[i]] === 0) break;
    slot = name;
    opened = AFTER_VALUE;
    done = i;
  }
  memo.last = slot;
  depths.depth = depth;
  depths.place = opened;
  return done;
}

function whiteEnd(data: Uint8Array, at: number, end: number): number {
  let i = at | 0;
  while (i < end && WHITE[data[i]] === 1) i = (i + 1) | 0;
  return i;
}
