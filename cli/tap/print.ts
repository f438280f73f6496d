/** `-o text` and `-o json`: flows from anywhere to standard output, no faster than it is read. */

import type { Filter } from '../../flow/filter.ts';
import type { Flow } from '../../flow/flow.ts';
import type { FlowFormat } from '../output/format.ts';
import type { ResultOutput } from '../output/stdout.ts';
import { whenAborted } from '../process/abort.ts';

/** Flows in batches. Asks for the next batch only when the last one is written: the pace is the reader's. */
export type FlowSource = AsyncIterable<readonly Flow[]>;

/**
 * Resolves when the source has ended, the reader has gone, or `stop` is aborted. Rejects with the source's
 * error after all it gave before was written.
 */
export async function printFlows(
  source: FlowSource,
  filter: Filter,
  format: FlowFormat,
  output: ResultOutput,
  stop: AbortSignal,
): Promise<void> {
  const over = AbortSignal.any([stop, output.closed]);
  const aborted = whenAborted(over);

  const batches = source[Symbol.asyncIterator]();
  try {
    for (;;) {
      const step = await Promise.race([batches.next(), aborted]);
      if (!step || step.done) return;
      let lines = '';
      for (const flow of step.value) if (filter.matches(flow)) lines += format(flow);
      await output.write(lines);
    }
  } finally {
    // Not awaited: a source that waits for packets may take its time to notice.
    void Promise.resolve(batches.return?.()).catch(() => {});
  }
}
