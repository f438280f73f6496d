/** What every command on a cluster begins and ends with. */

import { CliError, Exit, type ExitStatus } from '../errors.ts';
import { Kube } from '../kube/client.ts';
import { type ResultOutput, resultOutput } from '../output/stdout.ts';
import type { Terminal } from '../output/terminal.ts';
import { listenForInterrupt } from '../process/interrupt.ts';
import type { Settings } from '../settings/table.ts';

export interface ClusterSession {
  kube: Kube;
  settings: Settings;
  terminal: Terminal;
  output: ResultOutput;
  /** Aborted by the first Ctrl-C. */
  stop: AbortSignal;
  /** Said at the second Ctrl-C, which ends at once. */
  lastWords: string | undefined;
}

/** Runs `work`; resolves with the exit status. Rejects with CliError. */
export async function onCluster(
  settings: Settings,
  terminal: Terminal,
  work: (session: ClusterSession) => Promise<void>,
): Promise<ExitStatus> {
  const interrupt = listenForInterrupt(() => {
    if (session.lastWords !== undefined) terminal.warn(session.lastWords);
    process.exit(Exit.interrupted);
  });
  const session: ClusterSession = {
    kube: Kube.open(settings),
    settings,
    terminal,
    output: resultOutput(process.stdout),
    stop: interrupt.signal,
    lastWords: undefined,
  };
  try {
    await work(session);
  } catch (error) {
    // Whoever interrupts it, or reads no more, knows why it ends; what stays behind is news.
    const wanted = interrupt.signal.aborted || session.output.closed.aborted;
    if (!wanted || (error instanceof CliError && error.code === 'NOT_REMOVED')) throw error;
  } finally {
    terminal.clearStatus();
    interrupt.release();
    session.kube.close();
  }
  return interrupt.signal.aborted ? Exit.interrupted : Exit.done;
}
