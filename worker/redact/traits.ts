import { MIN_DIGITS, mayHoldCard } from './cards.ts';
import { DIGITS, LOWER_CASE, UPPER_CASE } from './octets.ts';
import { MARKS, mayHoldCredentials } from './secrets.ts';

/**
 * A set of octets as bits, collected while a string is read anyway. Most strings lack a character that every
 * secret of a kind must have, and so need no second look.
 */
export const Trait = {
  /** Ends or interrupts a JSON string: quote, backslash, control character. */
  stop: 1,
  /** 0x80 and above. */
  high: 2,
  /** `=` and `<`: pairs and tags; `%`, with which both may be coded. */
  syntax: 4,
  colon: 8,
  digit: 16,
  /** A letter other than T and Z: without one there are no names, but dates. */
  letter: 32,
  space: 64,
} as const;
const { syntax: SYNTAX, colon: COLON, digit: DIGIT, letter: LETTER, space: SPACE, stop: STOP } = Trait;
const FIRST_FREE = 7;

/** The traits of each octet. */
const TRAITS = new Int32Array(256).fill(Trait.stop, 0, 0x20).fill(Trait.high | Trait.letter, 0x80);
assign('"\\', Trait.stop);
assign('=<%', Trait.syntax);
assign(':', Trait.colon);
assign(DIGITS, Trait.digit);
assign(' ', Trait.space);
assign(LOWER_CASE + UPPER_CASE.replace(/[TZ]/g, ''), Trait.letter);

function assign(octets: string, trait: number): void {
  for (const octet of octets) TRAITS[octet.charCodeAt(0)] = trait;
}

/**
 * Kinds of secrets by the last octet of their mark: that trait, and the traits of the first octets of all marks that
 * end so. A text can hold one only if it has the first trait and one of the others.
 */
const [LASTS, FIRSTS] = groupMarks();

const ANY_LAST = LASTS.reduce((all, last) => all | last, 0);

function groupMarks(): [Int32Array, Int32Array] {
  const bits = new Map<string, number>();
  const groups = new Map<number, number>();
  const bitOf = (char: string): number => {
    const bit = bits.get(char) ?? 1 << (FIRST_FREE + bits.size);
    bits.set(char, bit);
    TRAITS[char.charCodeAt(0)] |= bit;
    return bit;
  };
  for (const [first, last] of MARKS) {
    const group = bitOf(last);
    groups.set(group, (groups.get(group) ?? 0) | bitOf(first));
  }
  return [Int32Array.from(groups.keys()), Int32Array.from(groups.values())];
}

/** The traits of each octet, for a module of its own (see `wordTable`). */
export function traitTable(): Int32Array {
  return TRAITS.slice();
}

/** `a=b`, with the shortest names there are. */
const SHORTEST_PAIR = 3;
/** `Bearer x` */
const SHORTEST = 8;

/** A text with none of these does not deserve a look. */
export function suspiciousTraits(): number {
  return ANY_LAST | SYNTAX | COLON | DIGIT | SPACE;
}

/** Whether the text, which has `traits`, may hold something to redact. */
export function deservesLook(traits: number, data: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  if (length < SHORTEST_PAIR) return false;
  if ((traits & (SYNTAX | STOP)) !== 0) return true;
  if ((traits & COLON) !== 0 && (traits & LETTER) !== 0) return true;
  if (length < SHORTEST) return false;
  for (let i = 0; (traits & ANY_LAST) !== 0 && i < LASTS.length; i++) {
    if ((traits & LASTS[i]) !== 0 && (traits & FIRSTS[i]) !== 0) return true;
  }
  if ((traits & SPACE) !== 0 && mayHoldCredentials(data, start, end)) return true;
  return (traits & DIGIT) !== 0 && length >= MIN_DIGITS && mayHoldCard(data, start, end);
}

export function traitsOf(data: Uint8Array, start: number, end: number): number {
  let traits = 0;
  for (let i = start; i < end; i++) traits |= TRAITS[data[i]];
  return traits;
}
