/**
 * Captured text is hostile: escape sequences in a path could rewrite the terminal, and directional marks
 * could make one line read as another. Both are shown as what they are.
 */

/** Control and format characters, line and paragraph separators: all that acts without being seen. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
const UNSEEN_BUT_LINES = /(?![\t\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Text of one or several lines. */
export function visible(text: string): string {
  return text.replace(UNSEEN_BUT_LINES, escaped);
}

/** Text that has to stay on its line. JSON may go through it: only strings can hold such characters, and their value stays. */
export function visibleLine(text: string): string {
  return text.replace(UNSEEN, escaped);
}

/** As JSON and JavaScript write it: `\u009b`, for each UTF-16 unit. */
function escaped(character: string): string {
  let text = '';
  for (let i = 0; i < character.length; i++) {
    text += `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`;
  }
  return text;
}
