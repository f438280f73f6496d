/** `remora version`. */

import type { Command } from 'commander';
import { outputOption, setHelp, verboseOption } from '../help.ts';
import type { VersionFlags } from '../version/version.ts';
import { addSettings, CLUSTER_SETTINGS, givenSettings, WHERE_TO_LOOK } from './options.ts';

export function addVersion(program: Command): void {
  const command = program
    .command('version')
    .description('print the versions of this program, of the cluster, and of Remora in it')
    .option('--client', 'of this program alone; ask no cluster')
    .addOption(outputOption())
    .addOption(verboseOption());
  addSettings(command, CLUSTER_SETTINGS, WHERE_TO_LOOK);
  setHelp(command, {
    text: ['A cluster that does not answer within a few seconds is left out, and that is no failure.'],
    examples: [
      ['all there is to know', 'remora version'],
      ['for a script', 'remora version --client -o json'],
    ],
  });
  command.action(async (flags: VersionFlags) => {
    const { showVersion } = await import('../version/version.ts');
    await showVersion(flags, givenSettings(command, CLUSTER_SETTINGS));
  });
}
