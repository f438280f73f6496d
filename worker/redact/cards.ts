import { DIGITS, tableOf, wordTable } from './octets.ts';

const SPACE = 0x20;
const DASH = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const WORD = wordTable();
const DIGIT = tableOf(DIGITS);

export const MIN_DIGITS = 13;
const MAX_DIGITS = 19;
/** Digits and separators. */
const MAX_WIDTH = 2 * MAX_DIGITS;
/** A run of digits that is cut off may show this many: PCI DSS 3.4 lets the first six be seen. */
const SHOWN_DIGITS = 6;

/**
 * Whether 13 digits stand in a row, spaces and dashes not counted. Looks at every 13th octet: one of them is in
 * the row if there is one.
 */
export function mayHoldCard(data: Uint8Array, start: number, end: number): boolean {
  for (let probe = start + MIN_DIGITS - 1; probe < end; probe += MIN_DIGITS) {
    const from = Math.max(start, probe - MAX_WIDTH);
    const to = Math.min(end, probe + MAX_WIDTH);
    let digits = 0;
    for (let i = probe; i >= from && isCardOctet(data[i]); i--) digits += DIGIT[data[i]];
    for (let i = probe + 1; i < to && isCardOctet(data[i]); i++) digits += DIGIT[data[i]];
    if (digits >= MIN_DIGITS) return true;
  }
  return false;
}

function isCardOctet(octet: number): boolean {
  return DIGIT[octet] === 1 || octet === DASH || octet === SPACE;
}

/**
 * End of the card number that begins with the digit at `start`, or -1. A card number has 13 to 19 digits, a
 * prefix and length that an issuer uses (ISO/IEC 7812), a right check digit (Luhn), and stands alone: not in a
 * longer number, not in a decimal fraction, no letter next to it. It may be grouped by single spaces or dashes,
 * the first group having four digits and the others at least three but the last. About one in ten identifiers
 * of 16 digits that begin like a card number passes for one.
 */
export function cardEnd(data: Uint8Array, start: number, floor: number, end: number, open: boolean): number {
  const first = data[start] - ZERO;
  if (first < 2 || first > 6) return -1;
  if (start - 1 > floor && data[start - 1] === DOT && DIGIT[data[start - 2]] === 1) return -1;
  let digits = 0;
  let inGroup = 0;
  let separator = 0;
  let found = -1;
  let value = 0;
  for (let i = start; ; i++) {
    const octet = i < end ? data[i] : 0;
    if (i < end && DIGIT[octet] === 1) {
      if (++digits > MAX_DIGITS) return found;
      inGroup++;
      if (digits <= 6) value = value * 10 + octet - ZERO;
      continue;
    }
    const cut = i === end || (i + 1 === end && (octet === SPACE || octet === DASH));
    if (open && cut && digits > SHOWN_DIGITS) return startsLikeCard(value) ? end : found;
    if (digits >= MIN_DIGITS && standsAlone(data, i, end) && isCard(data, start, digits, value)) found = i;
    const grouped = (octet === SPACE || octet === DASH) && i + 1 < end && DIGIT[data[i + 1]] === 1;
    if (!grouped || (separator !== 0 && octet !== separator)) return found;
    if (separator === 0 ? digits !== 4 : inGroup < 3) return found;
    separator = octet;
    inGroup = 0;
  }
}

function standsAlone(data: Uint8Array, at: number, end: number): boolean {
  if (at >= end) return true;
  if (data[at] === DOT) return at + 1 >= end || DIGIT[data[at + 1]] === 0;
  return WORD[data[at]] === 0;
}

function isCard(data: Uint8Array, start: number, digits: number, first6: number): boolean {
  return issued(first6, digits) && luhn(data, start, digits);
}

/** Ranges of the first six digits and the lengths that go with them. */
const ISSUERS: readonly (readonly [from: number, to: number, lengths: readonly number[]])[] = [
  [222100, 272099, [16]],
  [300000, 305999, [14, 16, 17, 18, 19]],
  [309500, 309599, [14, 16, 17, 18, 19]],
  [340000, 349999, [15]],
  [352800, 358999, [16, 17, 18, 19]],
  [360000, 369999, [14, 15, 16, 17, 18, 19]],
  [370000, 379999, [15]],
  [380000, 399999, [14, 16, 17, 18, 19]],
  [400000, 499999, [13, 16, 19]],
  [500000, 509999, [13, 14, 15, 16, 17, 18, 19]],
  [510000, 559999, [16]],
  [560000, 589999, [13, 14, 15, 16, 17, 18, 19]],
  [601100, 601199, [16, 17, 18, 19]],
  [620000, 629999, [16, 17, 18, 19]],
  [630400, 630499, [13, 14, 15, 16, 17, 18, 19]],
  [644000, 659999, [16, 17, 18, 19]],
  [675900, 676399, [13, 14, 15, 16, 17, 18, 19]],
];

function issued(first6: number, digits: number): boolean {
  for (const [from, to, lengths] of ISSUERS) {
    if (first6 >= from && first6 <= to) return lengths.includes(digits);
  }
  return false;
}

function startsLikeCard(first6: number): boolean {
  return ISSUERS.some(([from, to]) => first6 >= from && first6 <= to);
}

/** ISO/IEC 7812-1 annex B over the first `digits` digits, whatever stands between them. */
function luhn(data: Uint8Array, start: number, digits: number): boolean {
  let sum = 0;
  let double = digits % 2 === 0;
  for (let i = start; digits > 0; i++) {
    if (DIGIT[data[i]] === 0) continue;
    const value = data[i] - ZERO;
    sum += double ? (value > 4 ? value * 2 - 9 : value * 2) : value;
    double = !double;
    digits--;
  }
  return sum % 10 === 0;
}
