/** What can stand where the cursor is: commands, options and values, from the program itself. */

import type { Argument, Command, Option } from 'commander';
import { visibleLine } from '../output/visible.ts';
import { locate, type Position } from './position.ts';

export interface Candidate {
  value: string;
  description?: string;
}

/** What may stand for a value: a list, or what the shell itself knows best. */
export type Values = readonly Candidate[] | 'files' | 'directories';

/** Answers for options and arguments whose values the program does not list itself; undefined: nothing is known. */
export type ValueSource = (
  of: Option | Argument,
  position: Position,
) => Promise<Values | undefined> | Values | undefined;

/** Bits of what the shell should do besides, as Cobra has them, so that kubectl understands them too. */
export const Directive = { shell: 0, noSpace: 2, noFiles: 4, directories: 16 } as const;

export interface Completion {
  candidates: Candidate[];
  directive: number;
}

/** `words` come after the program's name; the last one, perhaps empty, is completed. */
export async function complete(
  program: Command,
  words: readonly string[],
  source: ValueSource,
): Promise<Completion> {
  const position = locate(program, words);
  const { command, operands, option, argument, free, word, prefix } = position;
  const candidates: Candidate[] = [];
  let directive: number = Directive.noFiles;

  const subject = option ?? argument;
  const values = subject === undefined ? undefined : await valuesOf(subject, position, source);
  if (values === 'files') directive = Directive.shell;
  else if (values === 'directories') directive = Directive.directories;
  else {
    for (const { value, ...rest } of values ?? []) candidates.push({ value: `${prefix}${value}`, ...rest });
  }

  if (free && word.startsWith('-')) candidates.push(...optionsOf(command, position));
  else if (free && operands.length === 0) candidates.push(...subcommandsOf(command));

  const matching = candidates.filter(({ value }) => value.startsWith(`${prefix}${word}`));
  // `deploy/` is the beginning of a value.
  if (matching.length > 0 && matching.every(({ value }) => value.endsWith('/')))
    directive |= Directive.noSpace;
  return { candidates: matching, directive };
}

/** Lines of a value, a tab and its description; then the directive. Shells split at lines and tabs: no value has any. */
export function formatCompletion({ candidates, directive }: Completion): string {
  const lines = candidates.map(({ value, description }) =>
    visibleLine(value) === value
      ? `${value}${description === undefined ? '' : `\t${visibleLine(description)}`}\n`
      : '',
  );
  return `${lines.join('')}:${directive}\n`;
}

async function valuesOf(
  subject: Option | Argument,
  position: Position,
  source: ValueSource,
): Promise<Values | undefined> {
  const choices = subject.argChoices ?? alternatives(subject);
  if (choices !== undefined) return choices.map((value) => ({ value }));
  return await source(subject, position);
}

/** `<ui|text|json>` says it itself. */
function alternatives(subject: Option | Argument): string[] | undefined {
  const placeholder = 'flags' in subject ? /<(.+)>/.exec(subject.flags)?.[1] : undefined;
  return placeholder !== undefined && /^[\w-]+(\|[\w-]+)+$/.test(placeholder)
    ? placeholder.split('|')
    : undefined;
}

function optionsOf(command: Command, { given }: Position): Candidate[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .filter((option) => option.long && (!given.has(option.name()) || isRepeatable(option)))
    .map((option) => ({ value: option.long as string, description: firstClause(option.description) }));
}

function isRepeatable(option: Option): boolean {
  return option.variadic || (option.parseArg !== undefined && option.argChoices === undefined);
}

function subcommandsOf(command: Command): Candidate[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .map((each) => ({ value: each.name(), description: firstClause(each.summary() || each.description()) }));
}

const MAX_DESCRIPTION = 70;

/** Lists have room for a few words. */
function firstClause(text: string): string {
  const clause = text.split(/ \(|; |: /)[0] as string;
  return clause.length <= MAX_DESCRIPTION ? clause : `${clause.slice(0, MAX_DESCRIPTION - 1)}…`;
}
