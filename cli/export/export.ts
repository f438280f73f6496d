/** `remora export`: flows of a hub that runs, taken away as a file. */

import { isatty } from 'node:tty';
import { RAW_CONFIRMATION } from '../../flow/api.ts';
import { CliError, Exit, type ExitStatus } from '../errors.ts';
import { askHub, cutOff } from '../hub/ask.ts';
import { withRunningHub } from '../hub/running.ts';
import { Spinner } from '../output/spinner.ts';
import { Terminal } from '../output/terminal.ts';
import { bytes } from '../output/units.ts';
import { listenForInterrupt } from '../process/interrupt.ts';
import { checkFilter } from '../settings/check-filter.ts';
import { currentSettings } from '../settings/resolve.ts';
import type { SettingKey } from '../settings/table.ts';
import type { HubAddress } from '../tap/hub-address.ts';
import { followLiveFlows } from '../tap/live-flows.ts';
import { confirmRaw } from './confirm-raw.ts';
import { exportName, watchExport } from './export-progress.ts';
import { type ExportFlags, type ExportPlan, exportPath, filterOf, planExport } from './plan.ts';
import { readRequests, SCRIPTS } from './script.ts';
import { openTarget, type Target } from './target.ts';

const STDOUT = 1;
/** What is written of flows begins when they have been found, in a history of any length. */
const SEARCH_MS = 3600_000;

/** Resolves when all is written, with the exit status. Rejects with CliError, and leaves no half of a file. */
export async function exportTraffic(
  flags: ExportFlags,
  given: Partial<Record<SettingKey, unknown>>,
): Promise<ExitStatus> {
  const settings = currentSettings(given).values;
  checkFilter(settings.filter);
  const plan = planExport(flags, settings.filter, isatty(STDOUT));
  const terminal = new Terminal(process.stderr, process.env, flags.verbose === true);
  if (plan.raw && !flags.yes) await confirmRaw(process.stdin, process.stderr);
  const interrupt = listenForInterrupt(() => process.exit(Exit.interrupted));
  const spinner = new Spinner(terminal);
  const target = await openTarget(plan);
  try {
    const stop = AbortSignal.any([interrupt.signal, target.closed]);
    const token = process.env['REMORA_TOKEN'];
    spinner.show(plan.follow ? 'waiting for traffic; Ctrl-C ends it' : 'asking the hub');
    const to = { plan, target, terminal, stop, tell: (text: string) => spinner.show(text) };
    await withRunningHub({ url: flags.url, token, settings, terminal, stop }, (hub) => fill(hub, to));
    stop.throwIfAborted();
    await target.finish();
    spinner.clear();
    report(plan, target, terminal);
    return Exit.done;
  } catch (error) {
    if (target.closed.aborted) return Exit.done;
    if (!interrupt.signal.aborted) throw error;
    const isKept = await target.interrupted();
    spinner.clear();
    if (isKept) report(plan, target, terminal);
    return Exit.interrupted;
  } finally {
    spinner.clear();
    await target.close();
    interrupt.release();
  }
}

interface Filling {
  plan: ExportPlan;
  target: Target;
  terminal: Terminal;
  stop: AbortSignal;
  tell(text: string): void;
}

async function fill(hub: HubAddress, filling: Filling): Promise<void> {
  const { plan, target, terminal, stop, tell } = filling;
  const startedAt = performance.now();
  const ending = new AbortController();
  let far = '';
  const show = () => {
    const perSecond = (target.size * 1000) / Math.max(1, performance.now() - startedAt);
    const written = plan.follow
      ? `${bytes(target.size)}; Ctrl-C ends it`
      : `${bytes(target.size)}, ${bytes(perSecond)}/s`;
    tell([far, target.size === 0 ? '' : written].filter((part) => part !== '').join(' · '));
  };
  const isOneAnswer = !plan.follow && !(plan.format.name in SCRIPTS);
  const name = terminal.interactive && isOneAnswer ? exportName() : undefined;
  if (name !== undefined) {
    void watchExport(hub, name, AbortSignal.any([stop, ending.signal]), (text) => {
      far = text;
      show();
    });
  }
  try {
    for await (const chunk of chunks(hub, filling, name)) {
      await target.write(chunk);
      stop.throwIfAborted();
      show();
    }
  } finally {
    ending.abort();
  }
}

async function* chunks(
  hub: HubAddress,
  { plan, terminal, stop, tell }: Filling,
  progress: string | undefined,
): AsyncGenerator<Uint8Array, void> {
  if (plan.follow && plan.format.name === 'ndjson') {
    for await (const flows of followLiveFlows(hub, filterOf(plan.selection), terminal, stop))
      yield Buffer.from(flows.map((flow) => `${JSON.stringify(flow)}\n`).join(''));
    return;
  }
  const { name } = plan.format;
  if (name === 'curl' || name === 'k6') {
    yield Buffer.from(SCRIPTS[name](await readRequests(hub, plan.selection, terminal, stop, tell)));
    return;
  }
  const answer = await askHub(hub, exportPath(plan, progress), stop, headersFor(plan), SEARCH_MS).catch(
    (error: unknown) => {
      throw isUnknownRoute(error) ? unknownFormat(hub, plan, error) : error;
    },
  );
  try {
    yield* answer;
  } catch (cause) {
    throw stop.aborted || cause instanceof CliError ? cause : cutOff(hub, cause);
  }
}

function headersFor({ raw }: ExportPlan): Record<string, string> {
  return raw ? { [RAW_CONFIRMATION.header]: RAW_CONFIRMATION.value } : {};
}

function isUnknownRoute(error: unknown): boolean {
  return error instanceof CliError && error.code === 'ROUTE_NOT_FOUND';
}

function unknownFormat({ url }: HubAddress, { format }: ExportPlan, cause: unknown): CliError {
  return new CliError('FORMAT_UNKNOWN', `the hub at ${url} does not give ${format.name}`, {
    remedy: 'It is older than this program: start it anew, or in a cluster install it anew (remora install).',
    cause,
  });
}

function report({ file, format, raw }: ExportPlan, { size }: Target, terminal: Terminal): void {
  if (size === 0 && !format.isBinary) terminal.warn('no flow matched');
  if (file !== '-') terminal.done(`${file}: ${bytes(size)}`);
  else terminal.detail(`${bytes(size)} written`);
  if (raw) terminal.warn('there are secrets in what was written');
}
