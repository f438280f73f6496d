/** Building and taking apart CEL by conditions, for the buttons that filter: the text stays the only truth. */

/** A CEL string literal. */
export function literal(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

export function hasClause(filter: string, clause: string): boolean {
  return split(filter).includes(clause);
}

/** The filter and the clause as well; unchanged if it is there already. */
export function withClause(filter: string, clause: string): string {
  if (filter.trim() === '') return clause;
  const there = split(filter);
  const more = split(clause).filter((part) => !there.includes(part));
  return more.length === 0 ? filter : [...there, ...more].map((part) => guard(part)).join(' && ');
}

export function withoutClause(filter: string, clause: string): string {
  const rest = split(filter).filter((part) => part !== clause);
  return rest.length === 1 ? rest[0]! : rest.map((part) => guard(part)).join(' && ');
}

/** The operands of `&&` at the top level, brackets round a whole operand taken off. */
function split(filter: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < filter.length; at++) {
    const char = filter[at]!;
    if (char === '"' || char === "'") at = endOfString(filter, at);
    else if ('([{'.includes(char)) depth++;
    else if (')]}'.includes(char)) depth--;
    else if (depth === 0 && loose(filter, at)) return [filter.trim()];
    else if (depth === 0 && char === '&' && filter[at + 1] === '&') {
      parts.push(filter.slice(start, at));
      start = at + 2;
      at++;
    }
  }
  parts.push(filter.slice(start));
  return parts.map((part) => unwrap(part.trim())).filter((part) => part !== '');
}

/** An operator that binds more loosely than `&&`: the filter is one operand. */
function loose(filter: string, at: number): boolean {
  return (filter[at] === '|' && filter[at + 1] === '|') || filter[at] === '?';
}

function guard(part: string): string {
  let depth = 0;
  for (let at = 0; at < part.length; at++) {
    const char = part[at]!;
    if (char === '"' || char === "'") at = endOfString(part, at);
    else if ('([{'.includes(char)) depth++;
    else if (')]}'.includes(char)) depth--;
    else if (depth === 0 && loose(part, at)) return `(${part})`;
  }
  return part;
}

function unwrap(part: string): string {
  if (!part.startsWith('(') || !part.endsWith(')')) return part;
  let depth = 0;
  for (let at = 0; at < part.length; at++) {
    const char = part[at]!;
    if (char === '"' || char === "'") at = endOfString(part, at);
    else if (char === '(') depth++;
    else if (char === ')' && --depth === 0 && at < part.length - 1) return part;
  }
  return part.slice(1, -1).trim();
}

function endOfString(text: string, start: number): number {
  const quote = text[start];
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === quote) return at;
  }
  return text.length;
}
