/** `remora replay`: requests that were recorded, sent again to a target of the user's. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { ReplayRequest } from '../../flow/replay/request.ts';
import { isOriginal } from '../../flow/replay/target.ts';
import { parseTime } from '../../flow/time.ts';
import { Exit, type ExitStatus, usageError } from '../errors.ts';
import { nameOf, readRequests } from '../export/script.ts';
import { withRunningHub } from '../hub/running.ts';
import { parseSince } from '../hub/since.ts';
import { Spinner } from '../output/spinner.ts';
import { resultOutput } from '../output/stdout.ts';
import { Terminal } from '../output/terminal.ts';
import { visibleLine } from '../output/visible.ts';
import { listenForInterrupt } from '../process/interrupt.ts';
import { checkFilter } from '../settings/check-filter.ts';
import { currentSettings } from '../settings/resolve.ts';
import type { SettingKey } from '../settings/table.ts';
import { compare, send } from './send.ts';
import { parseTarget, parseValues, requireValues } from './target.ts';

export interface ReplayFlags {
  to: string;
  url?: string;
  since?: string;
  timing?: boolean;
  set?: string[];
  yes?: boolean;
  verbose?: boolean;
}

/** Resolves with the exit status: 1 where one had another status than was recorded. Rejects with CliError. */
export async function replay(
  flow: string | undefined,
  flags: ReplayFlags,
  given: Partial<Record<SettingKey, unknown>>,
): Promise<ExitStatus> {
  const settings = currentSettings(given).values;
  const { filter } = settings;
  if (flow === undefined && filter === '')
    throw usageError('it is not said what to send', 'Give the id of a flow, or a --filter.');
  checkFilter(filter);
  const to = parseTarget(flags.to);
  const values = parseValues(flags.set ?? []);
  if (flags.since !== undefined) parseSince(flags.since);
  const from = flags.since === undefined ? {} : { from: `-${flags.since}` };
  const selection = { filter, ...from, ...(flow === undefined ? {} : { flow }) };
  const terminal = new Terminal(process.stderr, process.env, flags.verbose === true);
  const interrupt = listenForInterrupt(() => process.exit(Exit.interrupted));
  const output = resultOutput(process.stdout);
  const stop = AbortSignal.any([interrupt.signal, output.closed]);
  const spinner = new Spinner(terminal);
  let differing = 0;
  try {
    const hub = { url: flags.url, token: process.env['REMORA_TOKEN'], settings, terminal, stop };
    spinner.show('asking the hub');
    const requests = await withRunningHub(hub, (address) =>
      readRequests(address, selection, terminal, stop, (text) => spinner.show(text)),
    );
    spinner.clear();
    requireValues(requests, values);
    const flows = requests.map(({ flow }) => flow);
    if (isOriginal(flows, to) && flags.yes !== true) {
      throw usageError(
        `${to.host} is where these requests went at first`,
        'If they are to be sent there again: --yes.',
      );
    }
    const pace = flags.timing === true ? new Pace(requests) : undefined;
    for (const request of requests) {
      await pace?.wait(request, stop);
      const outcome = await send(request, to, values, stop);
      if (outcome.status !== (request.flow.response?.status ?? 0)) differing++;
      const line = `${nameOf(request.flow)}: ${compare(request, outcome)}`;
      await output.write(`${visibleLine(line)}\n`);
      stop.throwIfAborted();
    }
  } catch (error) {
    if (output.closed.aborted) return Exit.done;
    if (!interrupt.signal.aborted) throw error;
    return Exit.interrupted;
  } finally {
    spinner.clear();
    interrupt.release();
  }
  return differing === 0 ? Exit.done : Exit.failed;
}

/** Keeps the distances in time that requests had: each begins as long after the first as it did then. */
class Pace {
  private readonly firstAt: number;
  private readonly startedAt = performance.now();

  constructor(requests: readonly ReplayRequest[]) {
    this.firstAt = parseTime(requests[0]?.flow.time ?? '');
  }

  async wait({ flow: { time } }: ReplayRequest, stop: AbortSignal): Promise<void> {
    const due = (parseTime(time) - this.firstAt) / 1000;
    const late = performance.now() - this.startedAt;
    if (due > late) await sleep(due - late, undefined, { signal: stop });
  }
}
