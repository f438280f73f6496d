/** Standard output for results: as fast as the reader takes them, and quiet when the reader has gone. */

import { CliError } from '../errors.ts';

export interface ResultOutput {
  /** Resolves when more may be written. Rejects when the output cannot be written (a full disk). */
  write(chunk: string | Uint8Array): Promise<void>;
  /** Aborted when nobody reads any more (`| head -1`): then there is nothing left to do, and nothing wrong. */
  readonly closed: AbortSignal;
}

export function resultOutput(stream: NodeJS.WritableStream): ResultOutput {
  const closed = new AbortController();
  let failure: CliError | undefined;
  let wake: (() => void) | undefined;
  const resume = () => {
    wake?.();
    wake = undefined;
  };

  stream.on('drain', resume);
  stream.on('error', (cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'EPIPE') {
      failure = new CliError('OUTPUT', `cannot write the output (${cause.code ?? cause.message})`, { cause });
    }
    closed.abort();
    resume();
  });

  return {
    closed: closed.signal,
    async write(chunk) {
      if (failure) throw failure;
      if (closed.signal.aborted || chunk.length === 0) return;
      if (stream.write(chunk)) return;
      await new Promise<void>((proceed) => {
        wake = proceed;
      });
      if (failure) throw failure;
    },
  };
}
