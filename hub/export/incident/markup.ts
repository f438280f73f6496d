/** Markup that captured text cannot leave: what is no Markup already is escaped. */

export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = Markup | readonly Markup[] | string | number | undefined;

/** A template whose parts are text, but for those that are Markup; undefined is nothing. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Markup {
  let text = strings[0] as string;
  for (const [at, part] of parts.entries()) text += markupOf(part) + strings[at + 1];
  return new Markup(text);
}

function markupOf(part: Part): string {
  if (part === undefined) return '';
  if (part instanceof Markup) return part.text;
  if (typeof part === 'object') return part.map(({ text }) => text).join('');
  return escaped(String(part));
}

/**
 * Also in an attribute with quotes. What acts without being seen (control and directional characters) is written as
 * its code, so that no text reads as another.
 */
function escaped(text: string): string {
  return text
    .replace(/[&<>"'`]/g, (char) => `&#${char.charCodeAt(0)};`)
    .replace(/(?![\t\n])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (char) => {
      const code = char.codePointAt(0) as number;
      return code === 0x0d ? '' : `\\u{${code.toString(16)}}`;
    });
}
