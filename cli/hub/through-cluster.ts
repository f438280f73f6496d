/** The hub that is in the cluster of the kubeconfig, for commands that ask a hub. */

import { HubConnection } from '../cluster/connection.ts';
import { requireInstallation } from '../cluster/find.ts';
import { CliError, Exit } from '../errors.ts';
import { Kube } from '../kube/client.ts';
import type { Settings } from '../settings/table.ts';
import type { HubAddress } from '../tap/hub-address.ts';
import type { RunningHubOptions } from './running.ts';

/** `remedy` is for who has no cluster. Rejects with CliError, also when somebody removes the hub. */
export async function throughCluster<T>(
  { settings, terminal, stop }: RunningHubOptions,
  remedy: string,
  use: (hub: HubAddress) => Promise<T>,
): Promise<T> {
  const kube = openKube(settings, remedy);
  try {
    const { namespace } = await requireInstallation(kube, settings, stop);
    const connection = await HubConnection.open(kube, terminal, 0);
    try {
      await connection.reach(namespace, stop);
      return await Promise.race([use(connection), connection.removed]);
    } finally {
      connection.close();
    }
  } finally {
    kube.close();
  }
}

function openKube(settings: Settings, remedy: string): Kube {
  try {
    return Kube.open(settings);
  } catch (cause) {
    const why = (cause as Error).message;
    throw new CliError('NO_HUB', `there is no hub to ask: ${why}`, { remedy, exit: Exit.usage, cause });
  }
}
