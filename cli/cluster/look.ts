/** Looking through a hub in the cluster, for as long as somebody looks. */

import { HubConnection } from './connection.ts';
import type { ClusterSession } from './session.ts';
import { show } from './show.ts';

export interface LookOptions {
  /** Of the hub. */
  namespace: string;
  /** Said under the page's address. */
  hint: string;
  /** Done when the local port is taken and before the hub is looked for: nothing is started for a port that cannot be had. */
  before?: (stop: AbortSignal) => Promise<void>;
  /** Done when the hub answers. */
  reached?: (connection: HubConnection, stop: AbortSignal) => Promise<void>;
}

/** Resolves when interrupted or when nobody reads the output. Rejects with CliError, also when somebody removes the hub. */
export async function look(session: ClusterSession, options: LookOptions): Promise<void> {
  const { kube, settings, terminal, output, stop } = session;
  const connection = await HubConnection.open(kube, terminal, settings.output === 'ui' ? settings.port : 0);
  const ending = new AbortController();
  const over = AbortSignal.any([stop, output.closed, ending.signal]);
  try {
    await options.before?.(over);
    await connection.reach(options.namespace, over);
    await options.reached?.(connection, over);
    const { hint } = options;
    await Promise.race([
      show(connection, { settings, terminal, output, hint, stop: over }),
      connection.removed,
    ]);
  } finally {
    ending.abort();
    connection.close();
  }
}
