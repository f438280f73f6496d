/** What a person sees while hub and workers start: one line that changes on a terminal, a line a change elsewhere. */

import type { StartProgress } from '../kube/wait.ts';
import { Spinner } from '../output/spinner.ts';
import type { Terminal } from '../output/terminal.ts';

export class StartReport {
  private readonly terminal: Terminal;
  private readonly spinner: Spinner;
  private readonly told = new Set<string>();
  private line = '';

  constructor(terminal: Terminal) {
    this.terminal = terminal;
    this.spinner = new Spinner(terminal);
  }

  /** `applying clusterrole remora-hub` */
  step(text: string): void {
    this.spinner.show(text);
  }

  progress({ hub, workers, troubles }: StartProgress): void {
    const counted =
      workers.wanted === 0
        ? 'workers: waiting for nodes'
        : `workers: ${workers.ready} of ${workers.wanted} ready`;
    const text = `hub: ${hub} · ${counted}`;
    if (this.terminal.interactive) this.spinner.show(text);
    else if (text !== this.line) this.terminal.note(text);
    this.line = text;
    for (const { of, code, text } of troubles) {
      // Pods of a DaemonSet share their troubles: one of a kind is enough.
      const key = `${of.replace(/-[a-z0-9]{5}$/, '')} ${code}`;
      if (!this.told.has(key)) this.terminal.warn(`${of}: ${text}`);
      this.told.add(key);
    }
  }

  /** The last words of a container that ended. */
  log(lines: readonly string[]): void {
    this.spinner.clear();
    this.terminal.note(['The end of its log:', ...lines].join('\n  '));
  }

  done(text: string): void {
    this.spinner.clear();
    this.terminal.done(text);
  }

  close(): void {
    this.spinner.clear();
  }
}
