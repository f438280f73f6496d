/** What came and what went since the last time. */
export interface EntryChange {
  readonly add: string[];
  readonly remove: string[];
}

export const NO_CHANGE: EntryChange = { add: [], remove: [] };

/** Entries that several may have at once: an entry is there as long as one has it. Tells what changed in between. */
export class EntrySet {
  readonly #counts = new Map<string, number>();
  /** Those touched since the last change was taken, and whether they were there then. */
  readonly #before = new Map<string, boolean>();

  get size(): number {
    return this.#counts.size;
  }

  has(entry: string): boolean {
    return this.#counts.has(entry);
  }

  entries(): Iterable<string> {
    return this.#counts.keys();
  }

  add(entry: string): void {
    const count = this.#counts.get(entry) ?? 0;
    this.#counts.set(entry, count + 1);
    if (count === 0 && !this.#before.has(entry)) this.#before.set(entry, false);
  }

  remove(entry: string): void {
    const count = this.#counts.get(entry);
    if (count === undefined) return;
    if (count > 1) {
      this.#counts.set(entry, count - 1);
      return;
    }
    this.#counts.delete(entry);
    if (!this.#before.has(entry)) this.#before.set(entry, true);
  }

  /** What is different from when this was last called. */
  takeChange(): EntryChange {
    if (this.#before.size === 0) return NO_CHANGE;
    const change: EntryChange = { add: [], remove: [] };
    for (const [entry, was] of this.#before) {
      const is = this.#counts.has(entry);
      if (is && !was) change.add.push(entry);
      if (!is && was) change.remove.push(entry);
    }
    this.#before.clear();
    return change;
  }
}
