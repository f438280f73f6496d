/** What a hub in the cluster tells of itself, asked once and within a time limit. */

import type { Health } from '../../flow/api.ts';
import { CliError } from '../errors.ts';
import type { Kube } from '../kube/client.ts';
import type { Terminal } from '../output/terminal.ts';
import { HubConnection } from './connection.ts';

/** Gives `use` a connection to the hub of the namespace; closes it when that has ended. Rejects with CliError. */
export async function withHub<T>(
  kube: Kube,
  terminal: Terminal,
  namespace: string,
  limitMs: number,
  use: (hub: HubConnection, limit: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = AbortSignal.timeout(limitMs);
  const hub = await HubConnection.open(kube, terminal, 0);
  try {
    await hub.reach(namespace, limit);
    return await use(hub, limit);
  } catch (error) {
    if (!limit.aborted) throw error;
    throw new CliError(
      'HUB_SILENT',
      `the hub in namespace "${namespace}" did not answer within ${limitMs / 1000} s`,
      { remedy: `Is its pod ready? kubectl get pods -n ${namespace}`, cause: error },
    );
  } finally {
    hub.close();
  }
}

export function askHealth(hub: HubConnection, limit: AbortSignal): Promise<Health> {
  return hub.call<Health>('/api/v1/health', { stop: limit });
}
