/** `remora install`: puts Remora into a cluster for as long as it is wanted there. */

import { stringify } from 'yaml';
import { ciliumPolicy } from '../../deploy/cilium-policy.ts';
import { CliError, type ExitStatus, usageError } from '../errors.ts';
import { resultOutput } from '../output/stdout.ts';
import type { Terminal } from '../output/terminal.ts';
import type { ResolvedSettings } from '../settings/resolve.ts';
import type { Settings } from '../settings/table.ts';
import { ANY } from '../settings/values.ts';
import { chosenNamespaces, readWords } from '../tap/plan.ts';
import { type Deployment, decideDeployment, describeDeployment, NAMESPACE } from './deployment.ts';
import { GIVE_RANGE, givenIngress } from './hub-ingress.ts';
import { chooseInstallation, findInstallations } from './installation.ts';
import { describeInstallation } from './join.ts';
import { newMark } from './mark.ts';
import { Presence } from './presence.ts';
import { countPods, findPods } from './preview.ts';
import { onCluster } from './session.ts';
import { refuseSecond, toYaml } from './tap.ts';
import { describeTargets, readTargets, type WantedPods } from './targets.ts';

/** Resolves when hub and workers run. Rejects with CliError. */
export async function install(
  words: readonly string[],
  resolved: ResolvedSettings,
  terminal: Terminal,
): Promise<ExitStatus> {
  const settings = { ...resolved.values, keep: true };
  const wanted: WantedPods = { ...readWords(words), namespaces: chosenNamespaces(resolved) };
  return await onCluster(settings, terminal, async (session) => {
    const { kube, stop } = session;
    const targets = readTargets(wanted, settings, kube.namespace);
    for (const hint of targets.hints) terminal.note(hint);
    const places = [settings.remoraNamespace || NAMESPACE, ...targets.spec.namespaces];
    const found = await findInstallations(kube, places, stop);
    const there = chooseInstallation(found, settings.remoraNamespace);
    if (there !== undefined && there.managedBy !== 'remora') {
      throw new CliError('INSTALLED_OTHERWISE', describeInstallation(there), {
        remedy: `Change it with ${there.managedBy}.`,
      });
    }
    const mark = newMark(true);
    const deployment = await decideDeployment(
      kube,
      { settings, targets: targets.spec, mark },
      there?.namespace,
      (line) => terminal.note(line),
      stop,
    );
    refuseSecond(deployment, found);
    if (there !== undefined) terminal.note(`${describeInstallation(there)} Replacing it.`);
    const pods = await findPods(kube, targets, deployment.namespace, stop);
    terminal.note(`Tapping ${countPods(pods)}: ${describeTargets(targets.spec)}`);
    const presence = new Presence(kube, terminal, deployment, mark);
    try {
      await presence.begin(settings.timeout * 1000, stop);
    } catch (error) {
      terminal.note(`What was applied stays: \`${presence.cleanCommand()}\` removes it.`);
      throw error;
    }
    await presence.admitWorkers(stop);
    const later = presence.laterNodes();
    if (later !== undefined) terminal.note(later);
    terminal.note('`remora view` opens its page, `remora clean` removes it.');
  });
}

/** YAML for kubectl apply; asks the cluster nothing. */
export async function printManifests(
  words: readonly string[],
  { values: settings, layers }: ResolvedSettings,
): Promise<void> {
  const namespaces = chosenNamespaces({ values: settings, layers });
  if (namespaces === undefined) {
    throw usageError('which namespaces is it to tap?', 'Name them with -n, or -A for all.');
  }
  const targets = readTargets({ ...readWords(words), namespaces }, settings, '');
  const only = settings.namespaceOnly ? [...targets.spec.namespaces] : undefined;
  if (only?.length === 0) throw usageError('--namespace-only needs namespaces', 'Name them with -n.');
  const deployment = await describeDeployment(
    { settings, targets: targets.spec, mark: undefined },
    givenIngress(settings),
    settings.remoraNamespace || only?.[0] || NAMESPACE,
    only,
    only === undefined,
  );
  await resultOutput(process.stdout).write(`${ingressComment(deployment, settings)}${toYaml(deployment)}`);
}

/** What cannot be known without asking the cluster: who its nodes are, and whether its network is Cilium's. */
function ingressComment({ namespace, ingress }: Deployment, { nodeCidr }: Settings): string {
  if (nodeCidr.includes(ANY)) return '';
  const lines =
    ingress.nodeCidrs.length === 0
      ? [`The network policy lets any address try the hub's port, which asks for a token. ${GIVE_RANGE}`]
      : [
          'On Cilium, which does not count nodes into ranges of addresses, apply this too:',
          ...stringify(ciliumPolicy(namespace), { lineWidth: 0 }).trimEnd().split('\n'),
        ];
  return lines.map((line) => `# ${line}\n`).join('');
}
