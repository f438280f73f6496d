/** `remora install`: its flags. */

import type { Command } from 'commander';
import { setHelp, verboseOption } from '../help.ts';
import { SETTING_KEYS } from '../settings/table.ts';
import { addSettings, givenSettings } from './options.ts';

/** How to look is for `tap` and `view`. */
const NOT_HERE = new Set(['output', 'filter', 'port', 'open', 'dataDir', 'interface', 'bpf', 'keep']);
const KEYS = SETTING_KEYS.filter((key) => !NOT_HERE.has(key));

export function addInstall(program: Command): void {
  const command = program
    .command('install')
    .description('put Remora into a cluster, to stay there')
    .argument('[PODS...]', 'which pods to tap, as with `remora tap` (default: all)')
    .option('--print', 'print the manifests as YAML and ask the cluster nothing')
    .addOption(verboseOption());
  addSettings(command, KEYS);
  setHelp(command, {
    text: ['Installed once, everybody with the right to forward a port there can look: remora view.'],
    examples: [
      ['everything, with a volume for the history', 'remora install -A --volume-size 20Gi'],
      ['one namespace, with no rights in the cluster', 'remora install -n shop --namespace-only'],
      ['the manifests, to be applied by other means', 'remora install -A --print > remora.yaml'],
    ],
  });
  command.action(async (words: string[], flags: { print?: boolean; verbose?: boolean }) => {
    const [{ install, printManifests }, { currentSettings }, { Terminal }] = await Promise.all([
      import('../cluster/install.ts'),
      import('../settings/resolve.ts'),
      import('../output/terminal.ts'),
    ]);
    const resolved = currentSettings(givenSettings(command, KEYS));
    if (flags.print) return await printManifests(words, resolved);
    const terminal = new Terminal(process.stderr, process.env, flags.verbose === true);
    process.exitCode = await install(words, resolved, terminal);
  });
}
