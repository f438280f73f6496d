/** Deeper levels are not indented further: `[[[[…` of 64 KB must not become gigabytes of blanks. */
const INDENT_LIMIT = 40;

const BLANK = /[ \t\r\n]/;

/**
 * JSON laid out in lines, for reading. It moves blanks and nothing else: numbers keep their digits, strings their
 * escapes, and what is cut off, redacted or not JSON at all is kept as it is.
 */
export function prettyJson(text: string): string {
  const out: string[] = [];
  let depth = 0;
  let at = 0;
  const line = (): void => {
    out.push('\n', '  '.repeat(Math.min(depth, INDENT_LIMIT)));
  };
  while (at < text.length) {
    const char = text[at]!;
    if (char === '"') {
      const end = stringEnd(text, at);
      out.push(text.slice(at, end));
      at = end;
    } else if (char === '{' || char === '[') {
      const close = char === '{' ? '}' : ']';
      const next = skipBlanks(text, at + 1);
      if (text[next] === close) {
        out.push(char, close);
        at = next + 1;
      } else {
        out.push(char);
        depth++;
        if (next < text.length) line();
        at = next;
      }
    } else if (char === '}' || char === ']') {
      depth = Math.max(0, depth - 1);
      line();
      out.push(char);
      at++;
    } else if (char === ',') {
      out.push(char);
      at = skipBlanks(text, at + 1);
      if (at < text.length) line();
    } else if (char === ':') {
      out.push(': ');
      at = skipBlanks(text, at + 1);
    } else if (BLANK.test(char)) {
      const end = skipBlanks(text, at);
      // Several values one after the other (NDJSON) stay one a line.
      if (depth === 0 && out.length > 0 && end < text.length) out.push('\n');
      at = end;
    } else {
      const end = atomEnd(text, at);
      out.push(text.slice(at, end));
      at = end;
    }
  }
  return out.join('');
}

function stringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}

function skipBlanks(text: string, at: number): number {
  while (at < text.length && BLANK.test(text[at]!)) at++;
  return at;
}

function atomEnd(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && !/[\s,:"{}[\]]/.test(text[at]!)) at++;
  return at;
}
