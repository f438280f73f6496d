import { type PageState, readState, writeState } from './location.ts';

/** A change of these is worth going back from; how it is looked at is not. */
const STEPS = ['view', 'filter', 'from', 'to'] as const;

/** So is opening and closing these; what is in them is not. */
const PANES = ['flow', 'refused'] as const;

/** The page's state, held equal to its address. A change of what is shown is a step that "back" undoes. */
class Page {
  #state = $state.raw<PageState>(readState(location.search));

  constructor() {
    // The token has done its work (it is a cookie now): it must not stay in the address bar.
    history.replaceState(null, '', this.address());
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
    const isStep =
      STEPS.some((name) => this.#state[name] !== before[name]) ||
      PANES.some((name) => (this.#state[name] === '') !== (before[name] === ''));
    if (isStep) history.pushState(null, '', this.address());
    else history.replaceState(null, '', this.address());
  }

  /** Of the page as it is, or as it would be after `go(change)`: for links. */
  address(change: Partial<PageState> = {}): string {
    return location.pathname + writeState({ ...this.#state, ...change });
  }
}

export const page = new Page();
