import type { ServiceMap } from '../../../flow/api.ts';
import { FIELDS } from '../../../flow/fields.ts';
import type { Filter } from '../../../flow/filter.ts';
import { type Found, findByFilter, findByName, isFilter, unknownOfEdges } from './find.ts';

const NAMES = new Set(FIELDS.map(({ name }) => name));

/** What is typed to be found on the map; filters are compiled by code that is loaded for the first one. */
export class MapFind {
  #text = $state('');
  #filter = $state.raw<Filter | undefined>();
  #mistake = $state('');

  /** Why nothing is looked for; empty: it is. */
  get mistake(): string {
    return this.#mistake;
  }

  follow(text: string): void {
    this.#text = text.trim();
    this.#filter = undefined;
    this.#mistake = '';
    if (isFilter(text)) void this.#compile(text.trim());
  }

  /** Undefined: nothing is looked for. */
  in(map: ServiceMap): Found | undefined {
    if (this.#text === '') return undefined;
    if (!isFilter(this.#text)) return findByName(map, this.#text);
    return this.#filter && findByFilter(map, this.#filter);
  }

  async #compile(text: string): Promise<void> {
    const unknown = unknownOfEdges(text, (path) => NAMES.has(path));
    if (unknown !== undefined) {
      this.#mistake = `${unknown} is known of flows only. Here: both ends, protocol, error, slow and elapsed_time (p95).`;
      return;
    }
    const { compileFilter } = await import('../../../flow/filter.ts');
    if (text !== this.#text) return;
    try {
      this.#filter = compileFilter(text);
    } catch (error) {
      this.#mistake = error instanceof Error ? error.message : String(error);
    }
  }
}
