/** `remora view`: its flags. */

import type { Command } from 'commander';
import { setHelp, verboseOption } from '../help.ts';
import type { SettingKey } from '../settings/table.ts';
import { addSettings, CLUSTER_SETTINGS, givenSettings, WHERE_TO_LOOK } from './options.ts';

const KEYS: SettingKey[] = ['output', 'filter', 'port', 'open', ...CLUSTER_SETTINGS];

export function addView(program: Command): void {
  const command = program
    .command('view')
    .description('look through a Remora that is in a cluster already')
    .addOption(verboseOption());
  addSettings(command, KEYS, WHERE_TO_LOOK);
  setHelp(command, {
    examples: [
      ['its page, in the browser', 'remora view'],
      ['its live flows, a line each', 'remora view -o text'],
    ],
  });
  command.action(async (flags: { verbose?: boolean }) => {
    const [{ view }, { currentSettings }, { Terminal }] = await Promise.all([
      import('../cluster/view.ts'),
      import('../settings/resolve.ts'),
      import('../output/terminal.ts'),
    ]);
    const { values } = currentSettings(givenSettings(command, KEYS));
    const terminal = new Terminal(process.stderr, process.env, flags.verbose === true);
    process.exitCode = await view(values, terminal);
  });
}
