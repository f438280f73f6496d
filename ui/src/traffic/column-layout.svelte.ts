import { page } from '../lib/page.svelte.ts';
import { type ColumnId, type Layout, MAX_WIDTH, MIN_WIDTH, parseHidden, parseLayout } from './columns.ts';

const KEY = 'remora.columns';

/** The user's columns: kept on this machine, and which are shown also in the page's address. */
class ColumnLayout {
  #layout = $state.raw<Layout>(parseLayout(localStorage.getItem(KEY)));

  get layout(): Layout {
    const hidden = parseHidden(page.state.hidden);
    return hidden === undefined ? this.#layout : { ...this.#layout, hidden };
  }

  toggle(id: ColumnId): void {
    const { hidden: before } = this.layout;
    const hidden = before.includes(id) ? before.filter((one) => one !== id) : [...before, id];
    this.#set({ ...this.#layout, hidden });
    page.go({ hidden: hidden.length === 0 ? 'none' : hidden.join(',') });
  }

  resize(id: ColumnId, width: number): void {
    const bounded = Math.round(Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, width)));
    this.#set({ ...this.#layout, widths: { ...this.#layout.widths, [id]: bounded } });
  }

  reset(): void {
    this.#set({ widths: {}, hidden: [] });
    page.go({ hidden: '' });
  }

  #set(layout: Layout): void {
    this.#layout = layout;
    localStorage.setItem(KEY, JSON.stringify(layout));
  }
}

export const columnLayout = new ColumnLayout();
