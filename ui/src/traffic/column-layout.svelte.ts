import { type ColumnId, type Layout, MAX_WIDTH, MIN_WIDTH, parseLayout } from './columns.ts';

const KEY = 'remora.columns';

/** The user's columns, kept on this machine. */
class ColumnLayout {
  #layout = $state.raw<Layout>(parseLayout(localStorage.getItem(KEY)));

  get layout(): Layout {
    return this.#layout;
  }

  toggle(id: ColumnId): void {
    const { hidden } = this.#layout;
    this.#set({
      ...this.#layout,
      hidden: hidden.includes(id) ? hidden.filter((one) => one !== id) : [...hidden, id],
    });
  }

  resize(id: ColumnId, width: number): void {
    const bounded = Math.round(Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, width)));
    this.#set({ ...this.#layout, widths: { ...this.#layout.widths, [id]: bounded } });
  }

  reset(): void {
    this.#set({ widths: {}, hidden: [] });
  }

  #set(layout: Layout): void {
    this.#layout = layout;
    localStorage.setItem(KEY, JSON.stringify(layout));
  }
}

export const columnLayout = new ColumnLayout();
