/** Where Remora's own files are, and where a person's files for it belong (XDG Base Directory Specification). */

import { homedir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import envPaths from 'env-paths';

const here = fileURLToPath(import.meta.url);

/** `.js` in the built tree, `.ts` when run from source with a loader: children are started the same way. */
const extension = extname(here);

/** The file to start for another program of the house, e.g. `hub/main`. */
export function programFile(name: string): string {
  return join(dirname(here), '..', `${name}${extension}`);
}

/** $XDG_STATE_HOME/remora: what should outlive a restart and is not configuration. */
export function stateDirectory(): string {
  const paths = envPaths('remora', { suffix: '' });
  // env-paths files its Linux state directory under `log`; elsewhere `log` is for logs alone.
  return process.platform === 'linux' ? paths.log : paths.data;
}

/** $XDG_CONFIG_HOME/remora/config.yaml. */
export function userSettingsFile(environment: NodeJS.ProcessEnv): string {
  return join(environment['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'remora', 'config.yaml');
}
