/** Where on a command line the cursor is: what was given before it, and what can stand there. */

import type { Argument, Command, Option } from 'commander';

export interface Position {
  program: Command;
  /** The one that the words before name. */
  command: Command;
  /** Operands of that command before the word. */
  operands: string[];
  /** Options before the word, by long name without dashes, each with its values. */
  given: Map<string, string[]>;
  /** What the word may be: the value of an option, of an argument, or (where it is not only a value) another word. */
  option: Option | undefined;
  argument: Argument | undefined;
  /** The word may be an option or a subcommand. */
  free: boolean;
  /** The word as far as it is typed, without `--option=`. */
  word: string;
  /** `--option=`, or nothing: stands before every value. */
  prefix: string;
}

/** `words` come after the program's name; the last one is the one to be completed. */
export function locate(program: Command, words: readonly string[]): Position {
  const before = words.slice(0, -1);
  const last = words.at(-1) ?? '';
  const position: Position = {
    ...{ program, command: program, operands: [], given: new Map(), option: undefined, argument: undefined },
    ...{ free: true, word: last, prefix: '' },
  };
  let onlyOperands = false;
  for (const word of before) {
    const pending = position.option;
    if (pending !== undefined && takes(pending, word)) {
      addValue(position, pending, word);
      if (!pending.variadic) position.option = undefined;
    } else if (onlyOperands || !word.startsWith('-') || word === '-') {
      position.option = undefined;
      operand(position, word, onlyOperands);
    } else if (word === '--') {
      position.option = undefined;
      onlyOperands = true;
    } else {
      readOption(position, word);
    }
  }
  lookAtLast(position, last, onlyOperands);
  return position;
}

/** A required value may look like anything, one more of a list not like an option. */
function takes(option: Option, word: string): boolean {
  return !word.startsWith('-') || word === '-' || (option.required && !option.variadic);
}

function operand(position: Position, word: string, onlyOperands: boolean): void {
  const { command, operands } = position;
  const sub =
    operands.length === 0 && !onlyOperands
      ? command
          .createHelp()
          .visibleCommands(command)
          .find((each) => each.name() === word)
      : undefined;
  if (sub === undefined) operands.push(word);
  else position.command = sub;
}

function readOption(position: Position, word: string): void {
  position.option = undefined;
  const equals = word.startsWith('--') ? word.indexOf('=') : -1;
  const flag = equals < 0 ? word : word.slice(0, equals);
  const option = findOption(position.command, flag);
  if (option !== undefined) {
    addValue(position, option, equals < 0 ? undefined : word.slice(equals + 1));
    if (equals < 0 && (option.required || option.optional)) position.option = option;
    return;
  }
  // `-nshop`
  const attached = word.startsWith('--') ? undefined : findOption(position.command, word.slice(0, 2));
  if (attached !== undefined) addValue(position, attached, word.slice(2));
}

function lookAtLast(position: Position, word: string, onlyOperands: boolean): void {
  const { command, operands } = position;
  const nextArgument = () => {
    const { registeredArguments } = command;
    const last = registeredArguments.at(-1);
    return registeredArguments[operands.length] ?? (last?.variadic ? last : undefined);
  };
  if (position.option !== undefined) {
    if (takes(position.option, word)) position.free = false;
    else position.option = undefined;
  } else if (!onlyOperands && word.startsWith('--') && word.includes('=')) {
    const equals = word.indexOf('=') + 1;
    position.option = findOption(command, word.slice(0, equals - 1));
    position.prefix = word.slice(0, equals);
    position.word = word.slice(equals);
    position.free = false;
  } else {
    position.free = !onlyOperands;
    if (!word.startsWith('-') || onlyOperands) position.argument = nextArgument();
  }
}

function findOption(command: Command, flag: string): Option | undefined {
  return command.options.find(({ long, short }) => long === flag || short === flag);
}

function addValue({ given }: Position, option: Option, value: string | undefined): void {
  const values = given.get(option.name()) ?? [];
  if (value !== undefined) values.push(value);
  given.set(option.name(), values);
}
