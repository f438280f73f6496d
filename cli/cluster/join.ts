/** A tap where a Remora runs already: it looks through that one, and leaves it as it was. */

import { CONFIG_MAP, TARGETS_KEY } from '../../deploy/names.ts';
import type { TargetReport } from '../../flow/api.ts';
import type { HubConnection } from './connection.ts';
import type { Installation } from './installation.ts';
import { look } from './look.ts';
import type { Tap } from './tap.ts';
import { describeTargets, sameTargets } from './targets.ts';

/** Resolves when interrupted. Rejects with CliError, also when whoever started it takes it away. */
export async function join(tap: Tap, there: Installation): Promise<void> {
  tap.terminal.note(`${describeInstallation(there)} Joining it.`);
  await look(tap, {
    namespace: there.namespace,
    hint: 'Ctrl-C ends this view; Remora stays in the cluster.',
    reached: (connection) => settleTargets(tap, connection, there.namespace),
  });
}

/** `Remora runs already in namespace remora: ana@laptop is tapping, since 2026-11-21 14:05.` */
export function describeInstallation({ namespace, mark, managedBy }: Installation): string {
  const start = `Remora runs already in namespace ${namespace}`;
  if (mark === undefined)
    return `${start}, put there by ${managedBy === 'remora' ? 'manifests' : managedBy}.`;
  const when = localTime(mark.since);
  return mark.kept
    ? `${start}: ${mark.by} installed it on ${when}.`
    : `${start}: ${mark.by} is tapping, since ${when}.`;
}

/** `2026-11-21 14:05`, in this machine's time zone. */
function localTime(rfc3339: string): string {
  const time = new Date(rfc3339);
  // Swedes write times as ISO 8601 does.
  return Number.isNaN(time.getTime()) ? rfc3339 : time.toLocaleString('sv-SE').slice(0, 16);
}

/** Other people look through it too: what it taps is changed only when that was asked for. */
async function settleTargets(tap: Tap, connection: HubConnection, namespace: string): Promise<void> {
  const { kube, terminal, source, stop } = tap;
  const wanted = tap.targets.spec;
  const path = '/api/v1/targets';
  const { spec, count, hints } = await connection.call<TargetReport>(path, { stop });
  for (const hint of hints) terminal.note(hint);
  if (sameTargets(spec, wanted)) {
    terminal.note(`It taps ${count} pods: ${describeTargets(spec)}.`);
    return;
  }
  if (!source.retarget) {
    terminal.warn(
      `it taps ${describeTargets(spec)}, and you asked for ${describeTargets(wanted)}. To change what it taps, for all who look, add --retarget.`,
    );
    return;
  }
  const changed = await connection.call<TargetReport>(path, { method: 'PUT', body: wanted, stop });
  terminal.done(`It taps ${changed.count} pods now: ${describeTargets(wanted)}`);
  // For the next start of the hub.
  const data = { [TARGETS_KEY]: JSON.stringify(wanted) };
  await kube.mergePatch('ConfigMap', CONFIG_MAP, namespace, { data }).catch((error: unknown) => {
    terminal.detail(`the change will not outlive the hub's pod: ${(error as Error).message}`);
  });
}
