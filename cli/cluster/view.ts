/** `remora view`: the page of a Remora that is in the cluster. */

import { CliError, type ExitStatus } from '../errors.ts';
import type { Terminal } from '../output/terminal.ts';
import type { Settings } from '../settings/table.ts';
import { NAMESPACE } from './deployment.ts';
import { chooseInstallation, findInstallations } from './installation.ts';
import { describeInstallation } from './join.ts';
import { look } from './look.ts';
import { onCluster } from './session.ts';

/** Resolves when interrupted. Rejects with CliError. */
export async function view(settings: Settings, terminal: Terminal): Promise<ExitStatus> {
  return await onCluster(settings, terminal, async (session) => {
    const { kube, stop } = session;
    const places = [settings.remoraNamespace || NAMESPACE, ...settings.namespace, kube.namespace];
    const there = chooseInstallation(await findInstallations(kube, places, stop), settings.remoraNamespace);
    if (there === undefined) throw notThere(settings.remoraNamespace);
    terminal.note(describeInstallation(there));
    const { namespace } = there;
    await look(session, { namespace, hint: 'Ctrl-C ends this view; Remora stays in the cluster.' });
  });
}

function notThere(namespace: string): CliError {
  const where = namespace === '' ? 'this cluster' : `namespace "${namespace}"`;
  return new CliError('NOT_INSTALLED', `there is no Remora in ${where}`, {
    remedy:
      '`remora tap` or `remora install` puts one there. Without rights in the whole cluster, say where it is: --remora-namespace NAMESPACE.',
  });
}
