/** What other languages write, where CEL writes something else. */
const MEANT: Record<string, string> = {
  and: '&&',
  or: '||',
  not: '!',
  '&': '&&',
  '&&&': '&&',
  '|': '||',
  '|||': '||',
  '=': '==',
  '===': '==',
  '!==': '!=',
  '<>': '!=',
  '=>': '>=',
  '=<': '<=',
};

export interface Slip {
  readonly start: number;
  readonly end: number;
  readonly meant: string;
}

/** The operator of another language at a place that cannot be read, or right before it (`not error` fails at its second word). */
export function slipAt(source: string, start: number, end: number): Slip | undefined {
  for (const [kind, at] of [
    [/[=<>!&|]+/g, start],
    [/\w+/g, start],
    [/\w+/g, Math.max(0, source.slice(0, start).trimEnd().length - 1)],
  ] as const) {
    for (const { 0: text, index } of source.matchAll(kind)) {
      if (index > at || index + text.length < Math.min(at + 1, end)) continue;
      const meant = MEANT[text.toLowerCase()];
      if (meant !== undefined) return { start: index, end: index + text.length, meant };
    }
  }
  return undefined;
}
