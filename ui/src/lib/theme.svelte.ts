export type Theme = 'system' | 'light' | 'dark';

const KEY = 'remora.theme';
const dark = window.matchMedia('(prefers-color-scheme: dark)');

function stored(): Theme {
  const value = localStorage.getItem(KEY);
  return value === 'light' || value === 'dark' ? value : 'system';
}

/** The system's colours, unless the user chose otherwise on this machine. */
class ThemeChoice {
  #choice = $state<Theme>(stored());
  #systemDark = $state(dark.matches);

  constructor() {
    dark.addEventListener('change', (event) => {
      this.#systemDark = event.matches;
    });
    this.#apply();
  }

  get isDark(): boolean {
    return this.#choice === 'system' ? this.#systemDark : this.#choice === 'dark';
  }

  toggle(): void {
    const wanted: Theme = this.isDark ? 'light' : 'dark';
    // Back to what the system says: follow the system again from then on.
    this.#choice = (wanted === 'dark') === this.#systemDark ? 'system' : wanted;
    if (this.#choice === 'system') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, this.#choice);
    this.#apply();
  }

  #apply(): void {
    if (this.#choice === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = this.#choice;
  }
}

export const theme = new ThemeChoice();
