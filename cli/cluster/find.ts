/** The Remora that a command is about, for commands that only look. */

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
  const places = [namespace, ...settings.namespace, kube.namespace];
  const installation = chooseInstallation(
    await findInstallations(kube, places, signal),
    settings.remoraNamespace,
  );
  const blind =
    installation === undefined &&
    !(await kube.mayI(question('list', 'Deployment', namespace), signal)).allowed;
  return { installation, namespace, blind };
}
