/** `remora clean`: its flags. */

import type { Command } from 'commander';
import type { CleanFlags } from '../cluster/clean.ts';
import { setHelp, verboseOption } from '../help.ts';
import { addSettings, CLUSTER_SETTINGS, givenSettings, WHERE_TO_LOOK } from './options.ts';

export function addClean(program: Command): void {
  const command = program
    .command('clean')
    .description('take everything of Remora out of a cluster')
    .option('--dry-run', 'show what would be removed, and remove nothing')
    .addOption(verboseOption());
  addSettings(command, CLUSTER_SETTINGS, WHERE_TO_LOOK);
  setHelp(command, {
    text: [
      'Also what an interrupted tap left there. A namespace goes only if Remora made it and nobody else uses it; what Helm installed is left to Helm.',
      'Who may not list objects in the whole cluster says where to look, with -n and --remora-namespace.',
    ],
    examples: [
      ['everything', 'remora clean'],
      ['what that would be', 'remora clean --dry-run'],
    ],
  });
  command.action(async (flags: CleanFlags) => {
    const [{ clean }, { currentSettings }, { Terminal }] = await Promise.all([
      import('../cluster/clean.ts'),
      import('../settings/resolve.ts'),
      import('../output/terminal.ts'),
    ]);
    const { values } = currentSettings(givenSettings(command, CLUSTER_SETTINGS));
    const terminal = new Terminal(process.stderr, process.env, flags.verbose === true);
    process.exitCode = await clean(flags, values, terminal);
  });
}
