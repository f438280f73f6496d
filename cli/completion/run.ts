/** `remora __complete -- WORDS...`: what the completion scripts ask. */

import type { Command } from 'commander';
import { createAsk } from './ask.ts';
import { complete, formatCompletion } from './complete.ts';
import { createValueSource } from './values.ts';

/** After the start of the process, ms: the answer is out before a second has passed. */
const DEADLINE_MS = 750;

/** Writes candidates to standard output. Says nothing where it fails: the words on the command line are not its to judge. */
export async function runCompletion(program: Command, words: readonly string[]): Promise<void> {
  try {
    const completion = await complete(program, words, createValueSource(createAsk(DEADLINE_MS)));
    process.stdout.write(formatCompletion(completion));
  } catch {
    process.stdout.write(':1\n');
  }
}
