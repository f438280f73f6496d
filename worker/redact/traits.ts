import { DIGITS } from './octets.ts';
import { MARKS } from './secrets.ts';

/**
 * A set of octets as bits, collected while a string is read anyway. Most strings lack a character that every
 * secret of a kind must have, and so need no second look.
 */
export const Trait = {
  /** Ends or interrupts a JSON string: quote, backslash, control character. */
  stop: 1,
  /** 0x80 and above. */
  high: 2,
  /** `=` and `<`: pairs and tags. */
  syntax: 4,
  colon: 8,
  digit: 16,
  /** Two of these in a row are looked for in PEM; marks count it too. */
  dash: 32,
} as const;
const FIRST_FREE = 6;
const LAST = 30;

/** The traits of each octet. An octet that nothing needs has none. */
export const TRAITS = new Int32Array(256).fill(Trait.stop, 0, 0x20).fill(Trait.high, 0x80);
assign('"\\', Trait.stop);
assign('=<', Trait.syntax);
assign(':', Trait.colon);
assign(DIGITS, Trait.digit);
assign('-', Trait.dash);

function assign(octets: string, trait: number): void {
  for (const octet of octets) TRAITS[octet.charCodeAt(0)] = trait;
}

/** For each kind of secret, the traits it cannot lack. Octets share a bit when there are more than bits: that only makes for second looks. */
const NEEDS = Int32Array.from(new Set(marksToMasks()));

function marksToMasks(): number[] {
  let bit = FIRST_FREE;
  return MARKS.map((mark) => {
    let mask = 0;
    for (const char of mark) {
      const octet = char.charCodeAt(0);
      if (TRAITS[octet] === 0) {
        TRAITS[octet] = 1 << bit;
        bit = bit === LAST ? FIRST_FREE : bit + 1;
      }
      mask |= TRAITS[octet];
    }
    return mask;
  });
}

/** Shorter than any secret that is recognised without a name: `Basic YTpi`, `a://b:c@d`, `<pass>a`. */
const SHORTEST = 6;
/** Shorter than any card number. */
const SHORTEST_CARD = 13;

/** Whether a text of `length` octets with `traits` may hold something to redact. */
export function deservesLook(traits: number, length: number): boolean {
  if (length < SHORTEST) return (traits & (Trait.syntax | Trait.colon)) !== 0 && length > 2;
  if ((traits & (Trait.syntax | Trait.colon)) !== 0) return true;
  if ((traits & Trait.digit) !== 0 && length >= SHORTEST_CARD) return true;
  for (let i = 0; i < NEEDS.length; i++) if ((traits & NEEDS[i]) === NEEDS[i]) return true;
  return false;
}

export function traitsOf(data: Uint8Array, start: number, end: number): number {
  let traits = 0;
  for (let i = start; i < end; i++) traits |= TRAITS[data[i]];
  return traits;
}
