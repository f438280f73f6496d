/** Which hub a command asks that starts none: the one of --url and REMORA_TOKEN, or else the one in the cluster. */

import { usageError } from '../errors.ts';
import type { Terminal } from '../output/terminal.ts';
import type { Settings } from '../settings/table.ts';
import type { HubAddress } from '../tap/hub-address.ts';

export interface RunningHubOptions {
  /** --url */
  url: string | undefined;
  /** Of REMORA_TOKEN. */
  token: string | undefined;
  settings: Settings;
  terminal: Terminal;
  stop: AbortSignal;
}

const DEFAULT_URL = 'http://localhost:8899';
const TOKEN_REMEDY =
  'Put the token of the page’s address (?token=...) into REMORA_TOKEN: then the hub of --url is asked, or the one at ' +
  `${DEFAULT_URL}. Without it, the one in the cluster of the kubeconfig.`;

/** Gives `use` the way to the hub, and closes that when it has ended. Rejects with CliError. */
export async function withRunningHub<T>(
  options: RunningHubOptions,
  use: (hub: HubAddress) => Promise<T>,
): Promise<T> {
  const { url, token } = options;
  if (token) return await use({ url: hubUrl(url ?? DEFAULT_URL), token });
  if (url !== undefined) throw usageError(`${hubUrl(url)} wants a token`, TOKEN_REMEDY);
  // It is much to load, and not needed for a hub that is known.
  const { throughCluster } = await import('./through-cluster.ts');
  return await throughCluster(options, TOKEN_REMEDY, use);
}

function hubUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw usageError(`--url: "${text}" is no address of a hub`, `It looks like ${DEFAULT_URL}.`);
  return url.origin;
}
