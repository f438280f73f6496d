/** `remora tap --local -o text|json`: a hub and a worker behind the scenes, their live flows on standard output. */

import { compileFilter } from '../../flow/filter.ts';
import type { FlowFormat } from '../output/format.ts';
import type { ResultOutput } from '../output/stdout.ts';
import type { Terminal } from '../output/terminal.ts';
import { whenAborted } from '../process/abort.ts';
import { followLiveFlows } from './live-flows.ts';
import type { LocalPlan } from './plan.ts';
import { printFlows } from './print.ts';
import { Session } from './session.ts';

/** Resolves when `stop` is aborted or nobody reads the output, and everything has ended. Rejects with CliError. */
export async function tapLive(
  plan: LocalPlan,
  terminal: Terminal,
  format: FlowFormat,
  output: ResultOutput,
  stop: AbortSignal,
  onSession: (session: Session) => void,
): Promise<void> {
  const session = new Session({ plan, terminal, port: 0, dataDir: undefined });
  onSession(session);
  const ending = new AbortController();
  const over = AbortSignal.any([stop, ending.signal]);
  try {
    await Promise.race([session.open(), whenAborted(stop)]);
    if (stop.aborted) return;
    const flows = followLiveFlows(session, plan.settings.filter, terminal, over);
    // Asked for before the worker starts, so that the first flow is not missed.
    const printing = printFlows(flows, compileFilter(''), format, output, over);
    const started = session.capture().then(() => terminal.detail('capturing'));
    await Promise.race([printing, Promise.all([started, session.broken()])]);
  } finally {
    ending.abort();
    await session.close();
  }
}
