/** What the worker said of itself, and what follows from it when it ends. */

import { CliError } from '../errors.ts';
import type { Terminal } from '../output/terminal.ts';

export class WorkerWatch {
  /** Resolves at its first packets' source: interfaces are open, or files are. */
  readonly capturing: Promise<void>;
  /** Files: they are read, or could not be read on. */
  readonly allRead: Promise<void>;
  /** Why it ended, as it told it. */
  failure: CliError | undefined;
  /** Files: how far, 0 to 1; undefined where the size is not known. */
  progress: number | undefined;
  /** Files: all read. */
  done = false;
  private readonly kind: 'local' | 'files';
  private readonly terminal: Terminal;
  private started = false;
  private begin: () => void = () => {};
  private end: () => void = () => {};

  constructor(kind: 'local' | 'files', terminal: Terminal) {
    this.kind = kind;
    this.terminal = terminal;
    this.capturing = new Promise((resolve) => {
      this.begin = resolve;
    });
    this.allRead = new Promise((resolve) => {
      this.end = resolve;
    });
  }

  /** An event as the worker wrote it on its stdout. */
  event(event: Record<string, unknown>): void {
    switch (event['event']) {
      case 'capturing':
        this.terminal.detail(`worker: reading ${list(event['sources'])}`);
        this.failure = undefined;
        this.started = true;
        this.begin();
        break;
      case 'progress': {
        const size = Number(event['size']);
        this.progress = size > 0 ? Math.min(1, Number(event['position']) / size) : undefined;
        break;
      }
      case 'done':
        this.done = true;
        this.end();
        break;
      case 'failed':
        this.failure = new CliError(String(event['code']), String(event['message']), {
          remedy: typeof event['remedy'] === 'string' ? event['remedy'] : undefined,
        });
        this.end();
        break;
    }
  }

  /**
   * A live worker that once captured is started again. A file that turned out damaged would be so again:
   * what was read of it stays in view.
   */
  judge(): 'restart' | 'done' | 'fail' {
    if (this.kind === 'files' && this.done) return 'done';
    if (!this.started) return 'fail';
    return this.kind === 'files' && this.failure !== undefined ? 'done' : 'restart';
  }
}

function list(sources: unknown): string {
  return Array.isArray(sources) ? sources.join(', ') : String(sources);
}
