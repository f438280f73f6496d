import { type PageState, readState, writeState } from './location.ts';

/** The page's state, held equal to its address. A change of view or of flow is a step that "back" undoes. */
class Page {
  #state = $state.raw<PageState>(readState(location.search));

  constructor() {
    // The token has done its work (it is a cookie now): it must not stay in the address bar.
    history.replaceState(null, '', this.#address());
    window.addEventListener('popstate', () => {
      this.#state = readState(location.search);
    });
  }

  get state(): PageState {
    return this.#state;
  }

  go(change: Partial<PageState>): void {
    const before = this.#state;
    this.#state = { ...before, ...change };
    const step = this.#state.view !== before.view || (before.flow === '') !== (this.#state.flow === '');
    if (step) history.pushState(null, '', this.#address());
    else history.replaceState(null, '', this.#address());
  }

  #address(): string {
    return location.pathname + writeState(this.#state);
  }
}

export const page = new Page();
