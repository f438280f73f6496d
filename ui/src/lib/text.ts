/**
 * Captured text made fit to be looked at. Everything that was captured is hostile: it may be a megabyte in one line,
 * may turn the reading direction round it about (UAX #9), or hide characters. What cannot be seen is spelled out.
 */

/** Longest piece of captured text in one table cell or one line of a label, in UTF-16 units. */
export const CELL_LIMIT = 400;
/** Longest single value (a header, a query parameter) that is drawn before "show all". */
export const VALUE_LIMIT = 4_000;

// C0 and C1 controls, soft hyphen, zero-width and bidi controls, line separators, BOM, tag characters, lone surrogates.
const UNSEEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|\p{Surrogate}/gu;
const UNSEEN_BUT_LINES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what is looked for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|\p{Surrogate}/gu;

function spell(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  // The control pictures: ␀ to ␟ and ␡.
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return '\u2421';
  return `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
}

/** Cut at `limit` without splitting a surrogate pair, with an ellipsis where something is left out. */
export function bounded(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const last = text.charCodeAt(limit - 1);
  return `${text.slice(0, last >= 0xd800 && last <= 0xdbff ? limit - 1 : limit)}…`;
}

/** One line of captured text: bounded, and with every unseen character (line ends too) spelled out. */
export function visible(text: string, limit = CELL_LIMIT): string {
  return bounded(text, limit).replace(UNSEEN, spell);
}

/** As `visible`, for text of many lines: tabs and line feeds stay, and so do carriage returns before them. */
export function visibleLines(text: string, limit: number): string {
  return bounded(text, limit).replace(/\r\n/g, '\n').replace(UNSEEN_BUT_LINES, spell);
}
