/** How help is written: what every command's help has in common. */

import { type Command, Option } from 'commander';
import { colorsFor } from './output/terminal.ts';
import { type ProgramName, withName } from './program-name.ts';

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
