/** How help is written: what every command's help has in common. */

import { type Command, Help, Option } from 'commander';
import { colorsFor } from './output/terminal.ts';
import { type ProgramName, withName } from './program-name.ts';

export interface HelpTexts {
  /** Paragraphs after the options. */
  text?: readonly string[];
  /** What it does, and the command line. */
  examples: readonly (readonly [what: string, command: string])[];
}

const DEFAULT_WIDTH = 80;
/** Longer lines of text are hard to read. */
const WIDEST = 100;
const LONGEST_TERM = 28;

export function setHelp(command: Command, { text = [], examples }: HelpTexts): void {
  command.addHelpText('after', () => {
    const helper = command.createHelp();
    const width = Math.min(command.configureOutput().getOutHelpWidth?.() || DEFAULT_WIDTH, WIDEST);
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
    .helpOption('-h, --help', 'show this help')
    .configureHelp({
      styleTitle: (title) => `\x1b[1m${title}\x1b[22m`,
      // One long name does not push all texts into a narrow column: its own text begins below it.
      padWidth(command, helper) {
        return Math.min(LONGEST_TERM, Help.prototype.padWidth.call(helper, command, helper));
      },
      formatItem(term, termWidth, text, helper) {
        const format = (first: string) =>
          Help.prototype.formatItem.call(helper, first, termWidth, text, helper);
        const isLong = helper.displayWidth(term) > termWidth && text !== '';
        return isLong ? `  ${term}\n${format('')}` : format(term);
      },
      // In lists it is one of many; above its own help it is a sentence.
      commandDescription: (command) => sentence(command.description()),
    })
    .configureOutput({
      writeOut: (text) => void process.stdout.write(withName(text, name)),
      writeErr: (text) => void process.stderr.write(withName(text, name)),
      getOutHasColors: () => isColored(process.stdout),
      getErrHasColors: () => isColored(process.stderr),
    });
}

function sentence(text: string): string {
  return `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}
