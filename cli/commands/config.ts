/** `remora config`: the settings in force, and the files they stand in. */

import type { Command } from 'commander';
import type { FileFlags, InitFlags } from '../config/change.ts';
import type { ShowFlags } from '../config/show.ts';
import { outputOption, setHelp } from '../help.ts';

export function addConfig(program: Command): void {
  const config = program
    .command('config')
    .description('show the settings in force and where each comes from; change them')
    .option('--init', 'write a settings file that has every setting in it, explained and not yet set')
    .option('--project', 'with --init: ./remora.yaml instead of ~/.config/remora/config.yaml')
    .option('--force', 'with --init: replace the file that is there')
    .addOption(outputOption())
    .action(async (flags: ShowFlags & InitFlags) => {
      if (flags.init) (await import('../config/change.ts')).initConfig(flags);
      else (await import('../config/show.ts')).showConfig(flags);
    });
  setHelp(config, {
    text: [
      'A setting is taken from the command line, else from the environment (REMORA_PORT=8900), else from ' +
        './remora.yaml, else from ~/.config/remora/config.yaml ($XDG_CONFIG_HOME/remora/config.yaml).',
    ],
    examples: [
      ['each setting, its value, and the variable or line it comes from', 'remora config'],
      ['a file to fill in, with every setting explained', 'remora config --init'],
      ['change one line; your comments stay', 'remora config set namespace shop,payments'],
      ['for this directory alone, in ./remora.yaml', 'remora config set --project port 8900'],
    ],
  });

  config
    .command('get')
    .description('print the value of one setting')
    .argument('<NAME>', 'name of the setting, such as port')
    .action(async (name: string) => {
      (await import('../config/show.ts')).getSetting(name);
    });
  addChange(config, 'set', 'write one setting into a file; comments stay')
    .argument('<VALUE...>', 'its value; several for a list')
    .action(async (name: string, words: string[], flags: FileFlags) => {
      (await import('../config/change.ts')).setSetting(name, words, flags);
    });
  addChange(config, 'unset', 'take one setting out of a file').action(
    async (name: string, flags: FileFlags) => {
      (await import('../config/change.ts')).unsetSetting(name, flags);
    },
  );
}

function addChange(config: Command, verb: string, description: string): Command {
  return config
    .command(verb)
    .description(description)
    .argument('<NAME>', 'name of the setting, such as port')
    .option('--project', 'in ./remora.yaml instead of ~/.config/remora/config.yaml');
}
