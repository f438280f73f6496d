/** `remora tap --pcap ... -o text|json`: capture files to standard output, in this process. */

import { compileFilter } from '../../flow/filter.ts';
import type { FlowFormat } from '../output/format.ts';
import { FileProgress } from '../output/progress.ts';
import type { ResultOutput } from '../output/stdout.ts';
import type { Terminal } from '../output/terminal.ts';
import { openFileFlows } from './file-flows.ts';
import type { NamedFile, TapPlan } from './plan.ts';
import { printFlows } from './print.ts';

/**
 * Resolves at the end of the files, or when `stop` is aborted or nobody reads the output. A damaged file
 * gives what is before the damage, then rejects with an error that says where it is.
 */
export async function tapFiles(
  plan: TapPlan,
  named: readonly NamedFile[],
  terminal: Terminal,
  format: FlowFormat,
  output: ResultOutput,
  stop: AbortSignal,
): Promise<void> {
  const files = await openFileFlows(plan, named);
  // Where the flows themselves go to the terminal they are progress enough.
  const progress =
    terminal.interactive && !process.stdout.isTTY ? new FileProgress(process.stderr, files) : undefined;
  try {
    await printFlows(files.flows(), compileFilter(plan.settings.filter), format, output, stop);
  } finally {
    progress?.close();
    await files.close();
  }
}
