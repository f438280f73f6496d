import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { cliReference } from '../scripts/cli-reference.ts';
import { createProgram } from './program.ts';
import { programName, withName } from './program-name.ts';

test('docs/cli.md is what the program makes (npm run docs)', () => {
  expect(readFileSync(new URL('../docs/cli.md', import.meta.url), 'utf8')).toBe(cliReference());
});

function all(command: Command): Command[] {
  return [command, ...command.commands.flatMap(all)];
}

test('every command says what it does, in a phrase that fits a list', () => {
  for (const command of all(createProgram())) {
    if (command.name().startsWith('_')) continue;
    expect(command.description(), command.name()).toMatch(/^\S.{5,99}$/);
  }
});

test('every example is a command line that the program understands', () => {
  const examples = [...cliReference().matchAll(/^ {2}\$ (.*)$/gm)].map(([, line]) => line as string);
  expect(examples.length).toBeGreaterThan(15);
  for (const line of examples) {
    if (!line.startsWith('remora ')) continue;
    const words = [...(line.split(/ [|>] /)[0] as string).matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
      ([, single, double, bare]) => single ?? double ?? (bare as string),
    );
    const program = createProgram();
    // Only read, not done.
    for (const command of all(program)) command.action(() => {}).configureOutput({ writeErr: () => {} });
    expect(() => program.parse(['node', ...words]), line).not.toThrow();
  }
});

test('called as a plugin of kubectl, it says so', () => {
  expect(programName('/usr/local/bin/kubectl-remora')).toBe('kubectl remora');
  expect(programName('C:\\bin\\kubectl-remora.cmd'.replaceAll('\\', '/'))).toBe('kubectl remora');
  expect(programName('/x/dist/cli/main.js')).toBe('remora');
  const text = 'See `remora logs`.\n  $ remora tap -n remora\nremora is here: remora clean';
  expect(withName(text, 'kubectl remora')).toBe(
    'See `kubectl remora logs`.\n  $ kubectl remora tap -n remora\nremora is here: remora clean',
  );
  expect(createProgram('kubectl remora').helpInformation()).toContain('Usage: kubectl remora');
});
