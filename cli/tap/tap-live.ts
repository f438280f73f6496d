/** `remora tap --local -o text|json`: a hub and a worker behind the scenes, their live flows on standard output. */

import { setTimeout as sleep } from 'node:timers/promises';
import { compileFilter } from '../../flow/filter.ts';
import type { Flow } from '../../flow/flow.ts';
import type { FlowFormat } from '../output/format.ts';
import type { ResultOutput } from '../output/stdout.ts';
import type { Terminal } from '../output/terminal.ts';
import { count } from '../output/units.ts';
import { whenAborted } from '../process/abort.ts';
import { openLiveFlows } from './live-flows.ts';
import type { TapPlan } from './plan.ts';
import { printFlows } from './print.ts';
import { Session } from './session.ts';

/** After the stream broke (the hub is starting again). */
const RECONNECT_MS = 500;

/** Resolves when `stop` is aborted or nobody reads the output, and everything has ended. Rejects with CliError. */
export async function tapLive(
  plan: TapPlan,
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
    const flows = liveFlows(session, plan.settings.filter, terminal, over);
    // Asked for before the worker starts, so that the first flow is not missed.
    const printing = printFlows(flows, compileFilter(''), format, output, over);
    const started = session.capture().then(() => terminal.detail('capturing'));
    await Promise.race([printing, Promise.all([started, session.broken()])]);
  } finally {
    ending.abort();
    await session.close();
  }
}

async function* liveFlows(
  session: Session,
  filter: string,
  terminal: Terminal,
  stop: AbortSignal,
): AsyncGenerator<readonly Flow[], void> {
  const onSkipped = (skipped: number) =>
    terminal.warn(`${count(skipped)} flows skipped: the output is too slow`);
  let opened = false;
  while (!stop.aborted) {
    try {
      const flows = await openLiveFlows({ url: session.url, token: session.token, filter, onSkipped, stop });
      if (opened) terminal.warn('the hub is back; flows in between were not shown');
      opened = true;
      yield* flows;
    } catch (error) {
      if (!opened) throw error;
    }
    await sleep(RECONNECT_MS, undefined, { signal: stop }).catch(() => {});
  }
}
