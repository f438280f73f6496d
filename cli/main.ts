#!/usr/bin/env node
import { CommanderError } from 'commander';
import { CliError, describeError, Exit, explainError } from './errors.ts';
import { Terminal } from './output/terminal.ts';
import { createProgram } from './program.ts';
import { programName } from './program-name.ts';

const terminal = new Terminal(
  process.stderr,
  process.env,
  process.argv.some((arg) => /^(-v|--verbose)$/.test(arg)),
);

/** Its exit status. */
async function main(): Promise<number> {
  const program = createProgram(programName());
  try {
    if (process.argv.length <= 2) program.help();
    await program.parseAsync();
    return Number(process.exitCode ?? Exit.done);
  } catch (error) {
    // Commander has said its piece already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? Exit.done : Exit.usage;
    terminal.error(describeError(error));
    terminal.detail(explainError(error));
    return error instanceof CliError ? error.exit : Exit.failed;
  }
}

process.on('uncaughtException', (error: NodeJS.ErrnoException) => {
  // Help or a version into a pipe that nobody reads.
  if (error.code === 'EPIPE') process.exit(Exit.done);
  terminal.error(`internal error: ${error.message}`);
  terminal.detail(explainError(error));
  process.exit(Exit.failed);
});

const status = await main();
// What is still buffered goes out first; a reader that has gone is no reason to wait.
process.stdout.write('', (cause) => {
  // Node 20 aborts at its exit if the terminal was closed: it cannot set its mode back. So end as programs do whose
  // terminal hangs up.
  if (terminal.gone && process.stderr.isTTY) process.kill(process.pid, 'SIGHUP');
  else process.exit(isLost(cause) ? Exit.failed : status);
});

/** Whether results did not arrive, on a full disk say; tells it. */
function isLost(cause: NodeJS.ErrnoException | null | undefined): boolean {
  if (!cause || cause.code === 'EPIPE') return false;
  terminal.error(`cannot write the output (${cause.code ?? cause.message})`);
  return true;
}
