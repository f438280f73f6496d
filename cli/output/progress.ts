/** How far long files are read: a bar on stderr, once it is clear that it takes a while. */

import { SingleBar } from 'cli-progress';
import { bytes } from './units.ts';

export interface Progress {
  /** Bytes read, and of how many where that is known. */
  readonly position: number;
  readonly size: number | undefined;
}

const SHOWN_AFTER_MS = 1000;
const EVERY_MS = 250;

export class FileProgress {
  private readonly timer: NodeJS.Timeout;
  private readonly bar: SingleBar;
  private shown = false;

  constructor(stream: NodeJS.WritableStream, files: Progress) {
    const total = files.size === undefined ? '' : ` of ${bytes(files.size)}`;
    this.bar = new SingleBar({
      stream,
      format: `{bar} {percentage}%  {read}${total}`,
      clearOnComplete: true,
      hideCursor: true,
      barsize: 30,
    });
    const startedAt = performance.now();
    this.timer = setInterval(() => {
      if (performance.now() - startedAt < SHOWN_AFTER_MS) return;
      const read = bytes(files.position);
      if (this.shown) this.bar.update(files.position, { read });
      else this.bar.start(files.size ?? files.position, files.position, { read });
      this.shown = true;
    }, EVERY_MS);
    this.timer.unref();
  }

  close(): void {
    clearInterval(this.timer);
    if (this.shown) this.bar.stop();
  }
}
