import type { Text } from './request.ts';

/** Text as one word, or part of one, for a shell with ANSI-C quoting (bash, zsh, ksh), with nothing in it that acts. */
export function shellQuote(text: string): string {
  // zsh puts the path of a command in the place of `=NAME`.
  if (/^[\w./:@%+,-][\w./:=@%+,-]*$/.test(text)) return text;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what must not reach a terminal
  if (!/[\u0000-\u001f\u007f-\u009f]/.test(text)) return `'${text.replaceAll("'", `'\\''`)}'`;
  const escaped = text
    .replace(/[\\']/g, '\\$&')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
    // A shell's string cannot hold a NUL.
    .replaceAll('\u0000', '')
    .replace(
      // biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what must not reach a terminal
      /[\u0001-\u001f\u007f-\u009f]/g,
      (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
  return `$'${escaped}'`;
}

/** The same with a variable in the place of each redacted value. */
export function shellText(text: Text): string {
  return text.length === 0
    ? "''"
    : text.map((piece) => (typeof piece === 'string' ? shellQuote(piece) : `"$${piece.redacted}"`)).join('');
}
