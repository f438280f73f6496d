import { literal } from './clauses.ts';

/** More do not fit into a filter, nor into the page's address. */
export const MOST_SELECTED = 125;

/** Ids as the page's address has them. */
export function parseSelection(text: string): string[] {
  return text === '' ? [] : text.split(',').slice(0, MOST_SELECTED);
}

export function selectionText(ids: readonly string[]): string {
  return ids.slice(0, MOST_SELECTED).join(',');
}

export function toggled(ids: readonly string[], id: string): string[] {
  return ids.includes(id) ? ids.filter((one) => one !== id) : [...ids, id];
}

/** With all from one place of a list to another, whichever comes first. */
export function withStretch(
  ids: readonly string[],
  list: { fromNewest(n: number): { id: string } | undefined },
  a: number,
  b: number,
): string[] {
  const stretch: string[] = [];
  for (let n = Math.max(0, Math.min(a, b)); n <= Math.max(a, b) && stretch.length < MOST_SELECTED; n++) {
    const id = list.fromNewest(n)?.id;
    if (id !== undefined) stretch.push(id);
  }
  return [...new Set([...ids, ...stretch])];
}

/** The condition that a flow is one of them. */
export function selectionFilter(ids: readonly string[]): string {
  return `id in [${ids.map(literal).join(', ')}]`;
}
