import { CHIPS } from './chips.ts';

/** Filters with a name, kept on this machine; as text they go to others. */
export interface SavedFilter {
  name: string;
  filter: string;
}

const KEY = 'remora.filters.saved';
export const MOST_SAVED = 200;

/** Those that need not be saved. */
export const READY: readonly SavedFilter[] = CHIPS.map(({ label, clause }) => ({
  name: label,
  filter: clause,
}));

export function savedFilters(storage: Pick<Storage, 'getItem'> = localStorage): SavedFilter[] {
  return parse(storage.getItem(KEY) ?? '');
}

export function keep(
  filters: readonly SavedFilter[],
  storage: Pick<Storage, 'setItem'> = localStorage,
): void {
  storage.setItem(KEY, asText(filters));
}

/** With one more, in the order of their names; one of the same name is replaced. */
export function withFilter(filters: readonly SavedFilter[], added: SavedFilter): SavedFilter[] {
  const name = added.name.replace(/[:\s]+/g, ' ').trim();
  if (name === '' || added.filter.trim() === '') return [...filters];
  return [...filters.filter((one) => one.name !== name), { name, filter: added.filter.trim() }]
    .sort((a, b) => a.name.localeCompare(b.name))
    .slice(0, MOST_SAVED);
}

/** A line each: `name: filter`. */
export function asText(filters: readonly SavedFilter[]): string {
  return filters.map(({ name, filter }) => `${name}: ${filter}`).join('\n');
}

/** What `asText` wrote, or somebody by hand. Lines that are no filter are left out. */
export function parse(text: string): SavedFilter[] {
  return text.split(/\r?\n/).reduce<SavedFilter[]>((filters, line) => {
    const colon = line.indexOf(':');
    if (colon < 0) return filters;
    return withFilter(filters, { name: line.slice(0, colon), filter: line.slice(colon + 1) });
  }, []);
}
