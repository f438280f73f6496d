import { Command } from 'commander';
import { VERSION } from '../flow/version.ts';
import { addCheck } from './commands/check.ts';
import { addClean } from './commands/clean.ts';
import { addCompletion } from './commands/completion.ts';
import { addConfig } from './commands/config.ts';
import { addExport } from './commands/export.ts';
import { addHelp } from './commands/help.ts';
import { addInstall } from './commands/install.ts';
import { addLogs } from './commands/logs.ts';
import { addMap } from './commands/map.ts';
import { addReplay } from './commands/replay.ts';
import { addTap } from './commands/tap.ts';
import { addVersion } from './commands/version.ts';
import { addView } from './commands/view.ts';
import { configureHelp, setHelp } from './help.ts';
import type { ProgramName } from './program-name.ts';

/** The whole command line. Wrong usage and displayed help reach the caller as CommanderError. */
export function createProgram(name: ProgramName = 'remora'): Command {
  const program = new Command(name)
    .description('See what services say to each other, with no change to them.')
    .version(VERSION, '-V, --version', 'print the version')
    .exitOverride()
    // An option belongs to the command it stands behind: `config --project`, `config set --project`.
    .enablePositionalOptions()
    .showSuggestionAfterError();
  configureHelp(program, name);
  program.commandsGroup('Traffic:');
  addTap(program);
  addView(program);
  addMap(program);
  addExport(program);
  addReplay(program);
  program.commandsGroup('In a cluster:');
  addInstall(program);
  addClean(program);
  addCheck(program);
  addLogs(program);
  program.commandsGroup('This program:');
  addConfig(program);
  addCompletion(program);
  addVersion(program);
  addHelp(program);
  setHelp(program, {
    text: [
      'Settings: the command line, the environment (REMORA_PORT=8900), ./remora.yaml and ~/.config/remora/config.yaml, ' +
        'the first that has one. `remora config` shows them all.',
      'Exit status: 0 done, 1 failed, 2 wrong usage, 3 refused by the cluster, 130 interrupted.',
    ],
    examples: [
      ['the pods of a namespace, on a page in the browser', 'remora tap -n shop'],
      ['the traffic of this machine, with no cluster', 'remora tap --local'],
      ['a capture file, line by line', 'remora tap --pcap capture.pcap -o text'],
    ],
  });
  return program;
}
