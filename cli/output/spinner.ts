/** A status line that moves, so that one sees that something goes on. Nothing where stderr is not a terminal. */

import type { Terminal } from './terminal.ts';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const EVERY_MS = 100;

export class Spinner {
  private readonly terminal: Terminal;
  private timer: NodeJS.Timeout | undefined;
  private text = '';
  private frame = 0;

  constructor(terminal: Terminal) {
    this.terminal = terminal;
  }

  show(text: string): void {
    this.text = text;
    if (!this.terminal.interactive) return;
    this.timer ??= setInterval(() => this.draw(), EVERY_MS).unref();
    this.draw();
  }

  clear(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.terminal.clearStatus();
  }

  private draw(): void {
    this.frame = (this.frame + 1) % FRAMES.length;
    this.terminal.status(`${FRAMES[this.frame]} ${this.text}`);
  }
}
