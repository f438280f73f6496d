/** `remora tap`: which of its ways to go, and how it ends. */

import { Exit, type ExitStatus } from '../errors.ts';
import { formatJson, textFormat } from '../output/format.ts';
import { resultOutput } from '../output/stdout.ts';
import { colorsFor, Terminal } from '../output/terminal.ts';
import { listenForInterrupt } from '../process/interrupt.ts';
import { currentSettings } from '../settings/resolve.ts';
import type { SettingKey } from '../settings/table.ts';
import { type ClusterSource, type LocalPlan, planTap, type TapFlags, type TapPlan } from './plan.ts';
import type { Session } from './session.ts';
import { tapFiles } from './tap-files.ts';
import { tapLive } from './tap-live.ts';
import { tapToPage } from './tap-ui.ts';

/** Runs one tap; resolves with its exit status. Rejects with CliError. */
export async function tap(
  words: readonly string[],
  flags: TapFlags,
  given: Partial<Record<SettingKey, unknown>>,
): Promise<ExitStatus> {
  const plan = planTap(words, flags, currentSettings(given));
  const terminal = new Terminal(process.stderr, process.env, flags.verbose === true);
  if (isOnCluster(plan)) {
    const { tapCluster } = await import('../cluster/tap.ts');
    return await tapCluster(plan, terminal);
  }
  return await tapHere(plan as LocalPlan, terminal);
}

function isOnCluster(plan: TapPlan): plan is TapPlan<ClusterSource> {
  return plan.source.kind === 'cluster';
}

async function tapHere(plan: LocalPlan, terminal: Terminal): Promise<ExitStatus> {
  let session: Session | undefined;
  const interrupt = listenForInterrupt(() => {
    session?.kill();
    process.exit(Exit.interrupted);
  });
  try {
    await run(plan, terminal, interrupt.signal, (opened) => {
      session = opened;
    });
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
  } finally {
    terminal.clearStatus();
    interrupt.release();
  }
  return interrupt.signal.aborted ? Exit.interrupted : Exit.done;
}

async function run(
  plan: LocalPlan,
  terminal: Terminal,
  stop: AbortSignal,
  onSession: (session: Session) => void,
): Promise<void> {
  const output = resultOutput(process.stdout);
  if (plan.output === 'ui') {
    const say = (line: string) => void output.write(`${line}\n`);
    return await tapToPage(plan, terminal, say, stop, onSession);
  }
  const format = plan.output === 'json' ? formatJson : textFormat(colorsFor(process.stdout, process.env));
  if (plan.source.kind === 'local') return await tapLive(plan, terminal, format, output, stop, onSession);
  return await tapFiles(plan, plan.source.files, terminal, format, output, stop);
}
