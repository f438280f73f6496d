/** What a person reads while a command runs: notes, warnings and one status line, all on stderr. */

import type { WriteStream } from 'node:tty';
import picocolors from 'picocolors';
import { withName } from '../program-name.ts';
import { visible, visibleLine } from './visible.ts';

export type Colors = ReturnType<typeof picocolors.createColors>;

/** Colours only for a terminal, and never against NO_COLOR (https://no-color.org). */
export function colorsFor(stream: { isTTY?: boolean }, environment: NodeJS.ProcessEnv): Colors {
  return picocolors.createColors(
    stream.isTTY === true && !environment['NO_COLOR'] && environment['TERM'] !== 'dumb',
  );
}

/** Where the terminal does not say how wide it is. */
const DEFAULT_COLUMNS = 80;

export class Terminal {
  readonly colors: Colors;
  /** Also tell what only someone looking for a fault wants to know. */
  readonly verbose: boolean;
  /** Nobody can read what is written any more. */
  gone = false;
  private readonly stream: WriteStream;
  private statusText = '';

  constructor(stream: WriteStream, environment: NodeJS.ProcessEnv, verbose: boolean) {
    this.stream = stream;
    this.colors = colorsFor(stream, environment);
    this.verbose = verbose;
    // A terminal that was closed takes no more lines, and is no reason to leave work undone.
    stream.on('error', () => {
      this.gone = true;
    });
  }

  get interactive(): boolean {
    return this.stream.isTTY === true;
  }

  note(text: string): void {
    this.print(visible(text));
  }

  /** Lines with colours of their own; what others named in them was made visible by who wrote them. */
  styled(text: string): void {
    this.print(text);
  }

  /** A step that went well. */
  done(text: string): void {
    this.print(`${this.colors.green('✓')} ${visible(text)}`);
  }

  warn(text: string): void {
    this.print(`${this.colors.yellow('warning:')} ${visible(text)}`);
  }

  error(text: string): void {
    this.print(`${this.colors.red('error:')} ${visible(text)}`);
  }

  detail(text: string): void {
    if (this.verbose) this.print(this.colors.dim(visible(text)));
  }

  /** Replaces the status line; nothing where stderr is not a terminal. */
  status(text: string): void {
    if (!this.interactive || text === this.statusText) return;
    const room = (this.stream.columns || DEFAULT_COLUMNS) - 1;
    this.statusText = text;
    this.stream.write(`\r\x1b[2K${this.colors.dim(visibleLine(text).slice(0, room))}`);
  }

  clearStatus(): void {
    if (this.statusText === '') return;
    this.statusText = '';
    this.stream.write('\r\x1b[2K');
  }

  private print(text: string): void {
    const status = this.statusText;
    this.clearStatus();
    this.stream.write(`${withName(text)}\n`);
    if (status !== '') this.status(status);
  }
}
