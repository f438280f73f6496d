/** Octets by name, and the classes the finders ask for. Bytes from 0x80 on count as letters: they are parts of UTF-8 letters, or at least not syntax. */

export const TAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const RS = 0x1e;
export const SPACE = 0x20;
export const QUOTE = 0x22;
export const HASH = 0x23;
export const PERCENT = 0x25;
export const AMPERSAND = 0x26;
export const APOSTROPHE = 0x27;
export const PLUS = 0x2b;
export const COMMA = 0x2c;
export const DASH = 0x2d;
export const DOT = 0x2e;
export const SLASH = 0x2f;
export const ZERO = 0x30;
export const COLON = 0x3a;
export const SEMICOLON = 0x3b;
export const LESS = 0x3c;
export const EQUALS = 0x3d;
export const GREATER = 0x3e;
export const QUESTION = 0x3f;
export const AT = 0x40;
export const OPEN_BRACKET = 0x5b;
export const BACKSLASH = 0x5c;
export const CLOSE_BRACKET = 0x5d;
export const BACKTICK = 0x60;
export const OPEN_BRACE = 0x7b;
export const PIPE = 0x7c;
export const CLOSE_BRACE = 0x7d;

/** A table of 256 with `value` for each octet of `members` and 0 for the others. */
export function tableOf(members: string, value = 1): Uint8Array {
  const table = new Uint8Array(256);
  for (let i = 0; i < members.length; i++) table[members.charCodeAt(i)] = value;
  return table;
}

export const LOWER_CASE = 'abcdefghijklmnopqrstuvwxyz';
export const UPPER_CASE = LOWER_CASE.toUpperCase();
export const DIGITS = '0123456789';
export const LETTERS_AND_DIGITS = LOWER_CASE + UPPER_CASE + DIGITS;

/** ASCII letters, digits, and everything from 0x80 on. */
export const WORD = wordTable();
export const DIGIT = tableOf(DIGITS);

/**
 * `WORD` for a module of its own: to the engine a `const` of the module is a constant, an import is a variable.
 * That makes loops over octets twice as fast, so the hottest modules declare their own tables and octets.
 */
export function wordTable(): Uint8Array {
  return tableOf(LETTERS_AND_DIGITS).fill(1, 0x80);
}
/** What an unquoted name in text may hold: `db.pass-word`, `x_api_key`, `user[password]`, `t%6Fken`. */
export const NAME = tableOf(`${LETTERS_AND_DIGITS}_-.$@[]%`).fill(1, 0x80);
export const BLANK = tableOf(' \t');
export const WHITE = tableOf(' \t\r\n\f\v\0');

const HEX = new Int8Array(256).fill(-1);
for (let i = 0; i < 16; i++) {
  HEX[i.toString(16).charCodeAt(0)] = i;
  HEX[i.toString(16).toUpperCase().charCodeAt(0)] = i;
}

/** 0 to 15, or -1. */
export function hexValue(octet: number): number {
  return HEX[octet];
}

/** The octet written `HH` at `at`, or -1. */
export function hexPair(data: Uint8Array, at: number, end: number): number {
  if (at + 2 > end) return -1;
  const high = HEX[data[at]];
  const low = HEX[data[at + 1]];
  return high < 0 || low < 0 ? -1 : (high << 4) | low;
}

/** The code unit written `HHHH` at `at`, or -1. */
export function hexQuad(data: Uint8Array, at: number, end: number): number {
  const high = hexPair(data, at, end);
  const low = hexPair(data, at + 2, end);
  return high < 0 || low < 0 ? -1 : (high << 8) | low;
}

export function isLetter(octet: number): boolean {
  const folded = octet | 0x20;
  return folded >= 0x61 && folded <= 0x7a;
}

export function isUpper(octet: number): boolean {
  return octet >= 0x41 && octet <= 0x5a;
}

/** Whether `word` (lower case ASCII) stands at `at`, in any case. */
export function startsWithFolded(data: Uint8Array, at: number, end: number, word: string): boolean {
  if (at + word.length > end) return false;
  for (let i = 0; i < word.length; i++) {
    const octet = data[at + i];
    if ((isUpper(octet) ? octet | 0x20 : octet) !== word.charCodeAt(i)) return false;
  }
  return true;
}

/** Whether `[start, end)` is `word` (lower case ASCII) in any case. */
export function equalsFolded(data: Uint8Array, start: number, end: number, word: string): boolean {
  return end - start === word.length && startsWithFolded(data, start, end, word);
}

/** Whether `text` (ASCII) stands at `at` as it is. */
export function startsWith(data: Uint8Array, at: number, end: number, text: string): boolean {
  if (at + text.length > end) return false;
  for (let i = 0; i < text.length; i++) if (data[at + i] !== text.charCodeAt(i)) return false;
  return true;
}

export function skip(table: Uint8Array, data: Uint8Array, at: number, end: number): number {
  while (at < end && table[data[at]] !== 0) at++;
  return at;
}

/** Start of the run of `table` octets that ends at `at`, not before `floor`. */
export function skipBack(table: Uint8Array, data: Uint8Array, at: number, floor: number): number {
  while (at > floor && table[data[at - 1]] !== 0) at--;
  return at;
}
