/** Filters that were applied, the newest first, kept on this machine. */
const KEY = 'remora.filters.recent';
export const MOST_RECENT = 50;

export function recentFilters(storage: Pick<Storage, 'getItem'> = localStorage): string[] {
  let stored: unknown;
  try {
    stored = JSON.parse(storage.getItem(KEY) ?? '[]');
  } catch {
    return [];
  }
  return Array.isArray(stored) ? stored.filter((one) => typeof one === 'string').slice(0, MOST_RECENT) : [];
}

export function remember(filter: string, storage: Pick<Storage, 'getItem' | 'setItem'> = localStorage): void {
  if (filter === '') return;
  const rest = recentFilters(storage).filter((one) => one !== filter);
  storage.setItem(KEY, JSON.stringify([filter, ...rest].slice(0, MOST_RECENT)));
}

/** Goes through what was, as a shell does: the text that was being written comes back at the new end. */
export class Recall {
  readonly #filters: () => string[];
  #at = -1;
  #draft = '';
  #list: string[] = [];
  #shown = '';

  constructor(filters: () => string[] = recentFilters) {
    this.#filters = filters;
  }

  /** From `current`, one to the past (-1) or back (1); undefined: there is none. */
  go(by: -1 | 1, current: string): string | undefined {
    if (this.#at < 0) {
      this.#draft = current;
      this.#list = this.#filters().filter((one) => one !== current);
    }
    const to = this.#at - by;
    if (to < -1 || to >= this.#list.length) return undefined;
    this.#at = to;
    this.#shown = to === -1 ? this.#draft : this.#list[to]!;
    return this.#shown;
  }

  /** A text that was changed by hand is the new draft. */
  changed(text: string): void {
    if (text !== this.#shown) this.#at = -1;
  }
}
