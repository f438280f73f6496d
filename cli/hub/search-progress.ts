/** How far a search through a hub's history has got: a status line, once it is clear that it takes a while. */

import { Spinner } from '../output/spinner.ts';
import type { Terminal } from '../output/terminal.ts';
import { count } from '../output/units.ts';

const SHOWN_AFTER_MS = 1000;

export class SearchProgress {
  private readonly spinner: Spinner;
  private readonly shownFrom: number;
  private scanned = 0;

  /** `now`: ms. */
  constructor(terminal: Terminal, now = performance.now()) {
    this.spinner = new Spinner(terminal);
    this.shownFrom = now + SHOWN_AFTER_MS;
  }

  /** So many more flows were looked through, back to `since` (RFC 3339; null: to the oldest). */
  looked(scanned: number, since: string | null, now = performance.now()): void {
    this.scanned += scanned;
    if (now < this.shownFrom) return;
    const reached = since === null ? '' : `, back to ${since.slice(0, 19)}Z`;
    this.spinner.show(`looked through ${count(this.scanned)} flows${reached}`);
  }

  close(): void {
    this.spinner.clear();
  }
}
