/** `remora map`: who calls whom, of capture files or of a hub that runs; and what is new since a snapshot. */

import { readFile, writeFile } from 'node:fs/promises';
import type { MapLevel } from '../../flow/api.ts';
import { compileFilter } from '../../flow/filter.ts';
import type { Flow } from '../../flow/flow.ts';
import { formatTime } from '../../flow/time.ts';
import { CliError, Exit, type ExitStatus, usageError } from '../errors.ts';
import { hubRows } from '../hub/rows.ts';
import { withRunningHub } from '../hub/running.ts';
import { SearchProgress } from '../hub/search-progress.ts';
import { parseSince } from '../hub/since.ts';
import { resultOutput } from '../output/stdout.ts';
import { colorsFor, Terminal } from '../output/terminal.ts';
import { count } from '../output/units.ts';
import { listenForInterrupt } from '../process/interrupt.ts';
import { checkFilter } from '../settings/check-filter.ts';
import { currentSettings } from '../settings/resolve.ts';
import type { SettingKey, Settings } from '../settings/table.ts';
import { openFileFlows } from '../tap/file-flows.ts';
import { planTap, type TapPlan } from '../tap/plan.ts';
import { formatDiff, formatMap, type MapFormat } from './formats.ts';
import { diffSnapshots, formatSnapshot, isNews, parseSnapshot, snapshotLines } from './snapshot.ts';
import { MapCollector, type MappedExchange } from './traffic-map.ts';

export interface MapFlags {
  pcap?: string[];
  objects?: string;
  url?: string;
  since: string;
  output: MapFormat;
  level: MapLevel;
  snapshot?: string;
  diff?: string;
  verbose?: boolean;
}

/** Flows of a hub that are looked at: at some 20,000 a second, half a minute. */
const MAX_HUB_FLOWS = 500_000;

/** Resolves with the exit status: 1 where `--diff` found something new. Rejects with CliError. */
export async function map(flags: MapFlags, given: Partial<Record<SettingKey, unknown>>): Promise<ExitStatus> {
  if (flags.snapshot !== undefined && flags.diff !== undefined)
    throw usageError('--snapshot and --diff exclude each other');
  if (flags.diff !== undefined && (flags.output === 'dot' || flags.output === 'mermaid'))
    throw usageError(`--diff gives a table or json, and no ${flags.output}`);
  if (flags.objects !== undefined && flags.pcap === undefined)
    throw usageError('--objects has a meaning only with --pcap');
  const settings = currentSettings(given);
  checkFilter(settings.values.filter);
  const terminal = new Terminal(process.stderr, process.env, flags.verbose === true);
  const before = flags.diff === undefined ? undefined : parseSnapshot(await read(flags.diff), flags.diff);
  const interrupt = listenForInterrupt(() => process.exit(Exit.interrupted));
  const collector = new MapCollector(flags.level);
  try {
    if (flags.pcap !== undefined) {
      const plan = planTap([], { ...flags, redact: true }, settings);
      await collectFiles(plan, collector, interrupt.signal);
    } else {
      await collectHub(flags, settings.values, collector, terminal, interrupt.signal);
    }
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
  } finally {
    interrupt.release();
  }
  if (interrupt.signal.aborted) return Exit.interrupted;
  tell(collector, terminal);
  const traffic = collector.build();

  if (flags.snapshot !== undefined) {
    await write(flags.snapshot, formatSnapshot(traffic));
    return Exit.done;
  }
  const output = resultOutput(process.stdout);
  const colors = colorsFor(process.stdout, process.env);
  if (before === undefined) {
    await output.write(formatMap(traffic, flags.output, colors));
    return Exit.done;
  }
  const diff = diffSnapshots(before, snapshotLines(traffic));
  await output.write(
    flags.output === 'json' ? `${JSON.stringify(diff, null, 2)}\n` : formatDiff(diff, colors),
  );
  return isNews(diff) ? Exit.failed : Exit.done;
}

async function collectFiles(plan: TapPlan, collector: MapCollector, stop: AbortSignal): Promise<void> {
  if (plan.source.kind !== 'files') return;
  const filter = compileFilter(plan.settings.filter);
  const files = await openFileFlows(plan, plan.source.files);
  try {
    for await (const flows of files.flows()) {
      stop.throwIfAborted();
      for (const flow of flows) if (filter.matches(flow)) collector.add(mapped(flow));
    }
  } finally {
    await files.close();
  }
}

function mapped({ src, dst, request, response, elapsedMs }: Flow): MappedExchange {
  return {
    ...{ src, dst, method: request?.method ?? '', path: request?.path ?? '' },
    ...{ status: response?.status ?? 0, elapsedMs: elapsedMs ?? null },
  };
}

async function collectHub(
  { url, since }: MapFlags,
  settings: Settings,
  collector: MapCollector,
  terminal: Terminal,
  stop: AbortSignal,
): Promise<void> {
  const now = Date.now() * 1000;
  const range = { from: formatTime(now - parseSince(since)), to: formatTime(now) };
  const token = process.env['REMORA_TOKEN'];
  const progress = new SearchProgress(terminal);
  const counting = withRunningHub({ url, token, settings, terminal, stop }, async (hub) => {
    for await (const rows of hubRows(hub, { filter: settings.filter, ...range }, progress, stop)) {
      for (const row of rows) collector.add({ ...row, path: row.path.split('?', 1)[0] ?? '' });
      if (collector.counters.exchanges < MAX_HUB_FLOWS) continue;
      terminal.warn(
        `only the newest ${count(collector.counters.exchanges)} flows are counted; a shorter --since or a --filter has fewer`,
      );
      return;
    }
  });
  await counting.finally(() => progress.close());
}

function tell({ counters: { exchanges, beyondEndpoints } }: MapCollector, terminal: Terminal): void {
  if (exchanges === 0) terminal.warn('no flow was seen');
  if (beyondEndpoints > 0)
    terminal.warn(`${count(beyondEndpoints)} flows are of endpoints beyond the limit, counted as "…"`);
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new CliError('SNAPSHOT', `cannot read ${file} (${(cause as NodeJS.ErrnoException).code})`, {
      remedy: 'Make it with `remora map --snapshot FILE`.',
      cause,
    });
  }
}

async function write(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (cause) {
    throw new CliError('SNAPSHOT', `cannot write ${file} (${(cause as NodeJS.ErrnoException).code})`, {
      cause,
    });
  }
}
