/** `remora logs`. */

import type { Command } from 'commander';
import { setHelp, verboseOption } from '../help.ts';
import type { LogsFlags } from '../logs/logs.ts';
import { addSettings, CLUSTER_SETTINGS, givenSettings, WHERE_TO_LOOK } from './options.ts';

export function addLogs(program: Command): void {
  const command = program
    .command('logs')
    .description('put logs, events, manifests and health of Remora in the cluster into one zip file')
    .option(
      '-w, --write <FILE>',
      'where to write it; - for standard output (default: a name with the time in it)',
    )
    .addOption(verboseOption());
  addSettings(command, CLUSTER_SETTINGS, WHERE_TO_LOOK);
  setHelp(command, {
    text: [
      'For a report of what is wrong. There is no captured traffic in it, and no secret: values of Secrets are ' +
        'withheld, and what looks like a token, a key or a password is taken out of logs. Its README.txt says what is ' +
        'in it and what could not be read.',
    ],
    examples: [
      ['a file in this directory', 'remora logs'],
      ['somewhere else', 'remora logs -w /tmp/remora.zip'],
      ['the names of what is in it', 'remora logs -w - | bsdtar -tf -'],
    ],
  });
  command.action(async (flags: LogsFlags) => {
    const { logs } = await import('../logs/logs.ts');
    process.exitCode = await logs(flags, givenSettings(command, CLUSTER_SETTINGS));
  });
}
