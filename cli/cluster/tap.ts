/** `remora tap` on a cluster: look, put Remora there (or join one that is there), show, take it away. */

import { stringify } from 'yaml';
import type { Health, TargetReport } from '../../flow/api.ts';
import type { Targets } from '../../flow/targets.ts';
import { CliError, describeError, type ExitStatus } from '../errors.ts';
import type { Terminal } from '../output/terminal.ts';
import type { ClusterSource, TapPlan } from '../tap/plan.ts';
import { type Deployment, decideDeployment, NAMESPACE } from './deployment.ts';
import { chooseInstallation, findInstallations, type Installation } from './installation.ts';
import { join } from './join.ts';
import { look } from './look.ts';
import { isLeftover, type Mark, newMark } from './mark.ts';
import { captureTroubles, Presence } from './presence.ts';
import { countPods, findPods, noPods, podTable } from './preview.ts';
import { type ClusterSession, onCluster } from './session.ts';
import { describeTargets, readTargets } from './targets.ts';

export interface Tap extends ClusterSession {
  source: ClusterSource;
  targets: Targets;
}

/** Resolves with the exit status once everything has ended. Rejects with CliError. */
export async function tapCluster(
  { settings, source }: TapPlan<ClusterSource>,
  terminal: Terminal,
): Promise<ExitStatus> {
  return await onCluster(settings, terminal, async (session) => {
    const targets = readTargets(source, settings, session.kube.namespace);
    for (const hint of targets.hints) terminal.note(hint);
    await run(Object.assign(session, { source, targets }));
  });
}

async function run(tap: Tap): Promise<void> {
  const { kube, settings, source, targets, stop } = tap;
  const { remoraNamespace } = settings;
  const places = [remoraNamespace || NAMESPACE, ...targets.spec.namespaces];
  const found = await findInstallations(kube, places, stop);
  const there = chooseInstallation(found, remoraNamespace);
  const leftover = there?.mark !== undefined && isLeftover(there.mark);
  if (there !== undefined && !leftover && !source.dryRun) return await join(tap, there);

  const pods = await findPods(kube, targets, there?.namespace ?? (remoraNamespace || NAMESPACE), stop);
  if (pods.length === 0 && !source.wait) throw await noPods(kube, targets, stop);
  const mark = newMark(settings.keep);
  const deployment = await decideDeployment(
    kube,
    { settings, targets: targets.spec, mark },
    there?.namespace,
    (line) => tap.terminal.note(line),
    stop,
  );
  refuseSecond(deployment, found);
  if (source.dryRun) return await printPlan(tap, pods, deployment, leftover ? undefined : there);

  tellPods(tap, pods);
  if (leftover) tap.terminal.note('A tap of yours that ended without cleaning up is replaced.');
  await stay(tap, deployment, mark);
}

/** What is made for the whole cluster has the same names wherever Remora runs: a second one would take it from the first. */
export function refuseSecond({ namespace, namespaceOnly }: Deployment, found: readonly Installation[]): void {
  const other = found.find((each) => each.namespace !== namespace);
  if (other === undefined || namespaceOnly !== undefined) return;
  throw new CliError('INSTALLED_ELSEWHERE', `Remora runs already in namespace "${other.namespace}"`, {
    remedy: `Join it with --remora-namespace ${other.namespace}, or remove it with \`remora clean\`.`,
  });
}

function tellPods({ kube, targets, terminal }: Tap, pods: Parameters<typeof podTable>[0]): void {
  const where = `(context ${kube.context})`;
  if (pods.length === 0) {
    terminal.note(
      `No pod matches ${describeTargets(targets.spec)} yet: those that come are tapped. ${where}`,
    );
    return;
  }
  terminal.note(`Tapping ${countPods(pods)} ${where}`);
  terminal.styled(podTable(pods, terminal.colors));
}

async function stay(tap: Tap, deployment: Deployment, mark: Mark): Promise<void> {
  const { kube, settings, terminal } = tap;
  const presence = new Presence(kube, terminal, deployment, mark);
  tap.lastWords = `Remora may still be in the cluster: \`${presence.cleanCommand()}\``;
  let failure: unknown;
  try {
    await look(tap, {
      namespace: deployment.namespace,
      hint: settings.keep
        ? 'Ctrl-C ends this view; Remora stays in the cluster.'
        : 'Ctrl-C ends it and takes Remora out of the cluster.',
      before: (stop) => presence.begin(settings.timeout * 1000, stop),
      reached: async (connection, stop) => {
        const askHealth = () => connection.call<Health>('/api/v1/health', { stop });
        void presence.keepAdmitting(askHealth, stop);
        const health = await askHealth();
        for (const trouble of captureTroubles(health)) terminal.warn(trouble);
        const { hints } = await connection.call<TargetReport>('/api/v1/targets', { stop });
        for (const hint of hints) if (!tap.targets.hints.includes(hint)) terminal.note(hint);
      },
    });
  } catch (error) {
    failure = error;
  }
  await leave(tap, presence, failure);
}

/** Cleans up, whatever went wrong before; what went wrong first is what is told last. */
async function leave({ settings, terminal, stop }: Tap, presence: Presence, failure: unknown): Promise<void> {
  const failed = failure !== undefined && !stop.aborted && (failure as Error).name !== 'AbortError';
  if (settings.keep) {
    terminal.note(
      `Remora stays in namespace ${presence.namespace}: \`remora view\` comes back to it, \`remora clean\` removes it.`,
    );
    const later = presence.laterNodes();
    if (later !== undefined) terminal.note(later);
  } else {
    try {
      await presence.end();
    } catch (error) {
      if (!failed) throw error;
      terminal.error(describeError(error));
    }
  }
  if (failed) throw failure;
}

/** The pods as comments, so that all of it is YAML. */
async function printPlan(
  { output, targets, terminal }: Tap,
  pods: Parameters<typeof podTable>[0],
  deployment: Deployment,
  there: Installation | undefined,
): Promise<void> {
  if (there !== undefined) {
    terminal.note(`Remora runs already in namespace ${there.namespace}: a tap would join it.`);
  }
  const table = pods.length === 0 ? '' : `${podTable(pods)}\n`;
  const head = `${describeTargets(targets.spec)}: ${countPods(pods)}\n${table}`;
  await output.write(head.replace(/^/gm, '# ').replace(/^# $/gm, ''));
  await output.write(toYaml(deployment));
}

export function toYaml({ objects }: Deployment): string {
  return objects.map((object) => `---\n${stringify(object, { lineWidth: 0 })}`).join('');
}
