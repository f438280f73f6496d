/** How help is written: what every command's help has in common, and the name by which the program was called. */

import { basename } from 'node:path';
import { type Command, Option } from 'commander';
import { colorsFor } from './output/terminal.ts';

export type ProgramName = 'remora' | 'kubectl remora';

/** kubectl runs a plugin by the name of its file: `kubectl-remora` for `kubectl remora`. */
export function programName(executable: string | undefined): ProgramName {
  return /^kubectl-remora(\.|$)/.test(basename(executable ?? '')) ? 'kubectl remora' : 'remora';
}

/** Texts name commands as `remora check`, in backquotes, or after a `$`: said here as they have to be typed. */
export function withName(text: string, name: ProgramName): string {
  return name === 'remora' ? text : text.replace(/(?<=`|^ *\$ )remora(?= )/gm, name);
}

export interface HelpTexts {
  /** Paragraphs after the options. */
  text?: readonly string[];
  /** What it does, and the command line. */
  examples: readonly (readonly [what: string, command: string])[];
}

const DEFAULT_WIDTH = 80;

export function setHelp(command: Command, { text = [], examples }: HelpTexts): void {
  command.addHelpText('after', () => {
    const helper = command.createHelp();
    const width = Math.min(process.stdout.columns || DEFAULT_WIDTH, 100);
    const paragraphs = text.map((paragraph) => helper.boxWrap(paragraph, width));
    const shown = examples.flatMap(([what, line]) => [`  # ${what}`, `  $ ${line}`]);
    return `\n${[...paragraphs, ['Examples:', ...shown].join('\n')].join('\n\n')}`;
  });
}

/** For commands whose result programs may want to read. */
export function outputOption(): Option {
  return new Option('-o, --output <FORMAT>', 'text for people, json for programs')
    .choices(['text', 'json'])
    .default('text');
}

export function verboseOption(): Option {
  return new Option('-v, --verbose', 'tell more, on stderr');
}

/** To be called before commands are added: they take over what is set here. */
export function configureHelp(program: Command, name: ProgramName): void {
  const isColored = (stream: NodeJS.WriteStream) => colorsFor(stream, process.env).isColorSupported;
  program
    .configureHelp({ showGlobalOptions: true, styleTitle: (title) => `\x1b[1m${title}\x1b[22m` })
    .configureOutput({
      writeOut: (text) => void process.stdout.write(withName(text, name)),
      writeErr: (text) => void process.stderr.write(withName(text, name)),
      getOutHasColors: () => isColored(process.stdout),
      getErrHasColors: () => isColored(process.stderr),
    });
}
