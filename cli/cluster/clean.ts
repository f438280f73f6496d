/** `remora clean`: everything that Remora put into a cluster, also what an interrupted tap left there. */

import type { ExitStatus } from '../errors.ts';
import { type Found, findLabelled, type Unreadable } from '../kube/remove.ts';
import type { Terminal } from '../output/terminal.ts';
import type { Settings } from '../settings/table.ts';
import { NAMESPACE } from './deployment.ts';
import { findInstallations, type Installation } from './installation.ts';
import { describeInstallation } from './join.ts';
import { isLeftover } from './mark.ts';
import { nameOf, OURS, reportLeftovers, takeAway } from './removal.ts';
import { type ClusterSession, onCluster } from './session.ts';
import { StartReport } from './start-report.ts';

export interface CleanFlags {
  dryRun?: boolean;
  verbose?: boolean;
}

const LIMIT_MS = 60_000;

/** Resolves when all of it has gone, or goes by itself. Rejects with CliError where something stays. */
export async function clean(flags: CleanFlags, settings: Settings, terminal: Terminal): Promise<ExitStatus> {
  return await onCluster(settings, terminal, async (session) => {
    const { kube, output, stop } = session;
    const places = [settings.remoraNamespace || NAMESPACE, ...settings.namespace, kube.namespace];
    const [installations, { found, unreadable }] = await Promise.all([
      findInstallations(kube, places, stop),
      findLabelled(kube, OURS, [...new Set(places)], stop),
    ]);
    const objects = inScope(found, settings.remoraNamespace, installations);
    tellOthers(session, installations, settings.remoraNamespace);
    if (objects.length === 0) return tellNothing(session, unreadable);
    if (flags.dryRun) {
      for (const object of objects) await output.write(`would remove ${nameOf(object)}\n`);
      return;
    }
    const report = new StartReport(terminal);
    report.step('removing');
    try {
      const outcome = await takeAway(kube, objects, LIMIT_MS, stop, (object) => {
        void output.write(`removed ${nameOf(object)}\n`);
      });
      report.close();
      reportLeftovers(outcome, terminal, 'remora clean');
    } finally {
      report.close();
    }
  });
}

/** With --remora-namespace that one alone; what the cluster has once goes with the last. */
function inScope(found: readonly Found[], only: string, installations: readonly Installation[]): Found[] {
  if (only === '') return [...found];
  const othersStay = installations.some(({ namespace }) => namespace !== only);
  return found.filter(({ kind, name, namespace }) => {
    if (namespace !== undefined) return namespace === only;
    return kind === 'Namespace' ? name === only : !othersStay;
  });
}

function tellOthers(
  { terminal }: ClusterSession,
  installations: readonly Installation[],
  only: string,
): void {
  for (const each of installations) {
    if (only !== '' && each.namespace !== only) continue;
    if (each.managedBy !== 'remora') {
      terminal.warn(`${describeInstallation(each)} It stays: remove it with ${each.managedBy}.`);
    } else if (each.mark !== undefined && !each.mark.kept && !isLeftover(each.mark)) {
      terminal.note(describeInstallation(each));
    }
  }
}

function tellNothing({ terminal }: ClusterSession, unreadable: readonly Unreadable[]): void {
  const [first] = unreadable;
  if (first !== undefined) throw first.error;
  terminal.note('There is nothing of Remora in the cluster.');
}
