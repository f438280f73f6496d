/** The Remora that a command is about, for commands that only look. */

import { CliError } from '../errors.ts';
import { type Kube, question } from '../kube/client.ts';
import type { Settings } from '../settings/table.ts';
import { NAMESPACE } from './deployment.ts';
import { chooseInstallation, findInstallations, type Installation } from './installation.ts';

export interface Search {
  installation: Installation | undefined;
  /** The first namespace that was looked into. */
  namespace: string;
  /** Nothing was found, and this person could not have seen it: nothing is known. */
  blind: boolean;
}

/** Rejects with CliError where there are several to choose from. */
export async function findInstallation(
  kube: Kube,
  settings: Pick<Settings, 'remoraNamespace' | 'namespace'>,
  signal: AbortSignal,
): Promise<Search> {
  const namespace = settings.remoraNamespace || NAMESPACE;
  const installation = await choose(kube, settings, signal);
  const blind =
    installation === undefined &&
    !(await kube.mayI(question('list', 'Deployment', namespace), signal)).allowed;
  return { installation, namespace, blind };
}

/** The same for a command that can do nothing without it. Rejects with CliError. */
export async function requireInstallation(
  kube: Kube,
  settings: Pick<Settings, 'remoraNamespace' | 'namespace'>,
  signal: AbortSignal,
): Promise<Installation> {
  const found = await choose(kube, settings, signal);
  if (found !== undefined) return found;
  const { remoraNamespace } = settings;
  const where = remoraNamespace === '' ? 'this cluster' : `namespace "${remoraNamespace}"`;
  throw new CliError('NOT_INSTALLED', `there is no Remora in ${where}`, {
    remedy:
      '`remora tap` or `remora install` puts one there. Without rights in the whole cluster, say where it is: --remora-namespace NAMESPACE.',
  });
}

async function choose(
  kube: Kube,
  { remoraNamespace, namespace }: Pick<Settings, 'remoraNamespace' | 'namespace'>,
  signal: AbortSignal,
): Promise<Installation | undefined> {
  const places = [remoraNamespace || NAMESPACE, ...namespace, kube.namespace];
  return chooseInstallation(await findInstallations(kube, places, signal), remoraNamespace);
}
