import { Command } from 'commander';
import { VERSION } from '../flow/version.ts';
import { addTap } from './commands/tap.ts';
import { addVersion } from './commands/version.ts';

/** The whole command line. Wrong usage and displayed help reach the caller as CommanderError. */
export function createProgram(): Command {
  const program = new Command('remora')
    .description('See what services say to each other, with no change to them.')
    .version(VERSION, '-V, --version', 'print the version')
    .helpCommand('help [command]', 'explain a command')
    .exitOverride()
    .showSuggestionAfterError()
    .configureHelp({ showGlobalOptions: true });
  addTap(program);
  addVersion(program);
  return program;
}
