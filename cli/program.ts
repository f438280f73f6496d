import { Command } from 'commander';
import { VERSION } from '../flow/version.ts';
import { addCheck } from './commands/check.ts';
import { addClean } from './commands/clean.ts';
import { addCompletion } from './commands/completion.ts';
import { addConfig } from './commands/config.ts';
import { addInstall } from './commands/install.ts';
import { addLogs } from './commands/logs.ts';
import { addTap } from './commands/tap.ts';
import { addVersion } from './commands/version.ts';
import { addView } from './commands/view.ts';
import { configureHelp } from './help.ts';
import type { ProgramName } from './program-name.ts';

/** The whole command line. Wrong usage and displayed help reach the caller as CommanderError. */
export function createProgram(name: ProgramName = 'remora'): Command {
  const program = new Command(name)
    .description('See what services say to each other, with no change to them.')
    .version(VERSION, '-V, --version', 'print the version')
    .helpCommand('help [command]', 'explain a command')
    .exitOverride()
    // An option belongs to the command it stands behind: `config --project`, `config set --project`.
    .enablePositionalOptions()
    .showSuggestionAfterError();
  configureHelp(program, name);
  addTap(program);
  addView(program);
  addInstall(program);
  addClean(program);
  addCheck(program);
  addConfig(program);
  addCompletion(program);
  addLogs(program);
  addVersion(program);
  return program;
}
