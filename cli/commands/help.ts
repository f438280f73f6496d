/** `remora help COMMAND`: of commands within commands too, and with a guess for names that are none. */

import type { Command } from 'commander';
import { nearest } from '../../flow/filter/nearest.ts';
import { usageError } from '../errors.ts';

export function addHelp(program: Command): void {
  program
    .helpCommand(false)
    .command('help')
    .description('explain a command')
    .argument('[COMMAND...]', 'such as tap, or config set (default: the program)')
    .action((words: string[]) => findCommand(program, words).help());
}

function findCommand(program: Command, words: readonly string[]): Command {
  let command = program;
  for (const [i, word] of words.entries()) {
    const known = command.createHelp().visibleCommands(command);
    const next = known.find((each) => each.name() === word);
    if (next === undefined) {
      const meant = nearest(
        word,
        known.map((each) => each.name()),
      );
      throw usageError(
        `unknown command '${words.slice(0, i + 1).join(' ')}'`,
        meant === undefined ? '`remora help` lists all.' : `Did you mean ${meant}?`,
      );
    }
    command = next;
  }
  return command;
}
