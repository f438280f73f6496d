/** Octets and classes of octets of RFC 9110 §5.6 and RFC 9112 §2. */

export const HT = 9;
export const LF = 10;
export const CR = 13;
export const SP = 32;
export const DQUOTE = 34;
export const COMMA = 44;
export const DOT = 46;
export const SLASH = 47;
export const COLON = 58;
export const SEMICOLON = 59;
export const EQUALS = 61;
export const BACKSLASH = 92;

function classOf(belongs: (octet: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, octet) => (belongs(octet) ? 1 : 0));
}

/** tchar (RFC 9110 §5.6.2). */
export const TOKEN = classOf((octet) => /[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(String.fromCharCode(octet)));

/** What a field value may hold (RFC 9110 §5.5): VCHAR, obs-text, SP and HT. */
export const VALUE = classOf((octet) => octet === HT || (octet >= 0x20 && octet !== 0x7f));

/** What a request-target may hold: visible ASCII. Narrower sets (RFC 3986) are not kept by real clients. */
export const VISIBLE = classOf((octet) => octet > 0x20 && octet < 0x7f);

export function isDigit(octet: number): boolean {
  return octet >= 48 && octet <= 57;
}

export function isLetter(octet: number): boolean {
  const lower = octet | 0x20;
  return lower >= 97 && lower <= 122;
}

export function isBlank(octet: number): boolean {
  return octet === SP || octet === HT;
}

/** Value of a HEXDIG, or -1. */
export function hexValue(octet: number): number {
  if (octet >= 48 && octet <= 57) return octet - 48;
  const lower = octet | 0x20;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

/** Whether `source[start, end)` is `word`, which is in lower case; the case of `source` does not count. */
export function equalsWord(source: Uint8Array, start: number, end: number, word: Uint8Array): boolean {
  if (end - start !== word.length) return false;
  for (let i = 0; i < word.length; i++) {
    const octet = source[start + i];
    if (octet !== word[i] && (!isLetter(octet) || (octet | 0x20) !== word[i])) return false;
  }
  return true;
}

/** Index of the next LF in `source[from, limit)`, or -1. Never looks past `limit`: captured batches are large. */
export function findLineFeed(source: Uint8Array, from: number, limit: number): number {
  for (let i = from; i < limit; i++) if (source[i] === LF) return i;
  return -1;
}
