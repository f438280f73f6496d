/** Keeps a program running: when it dies unexpectedly it is started again, later each time. */

import { setTimeout as sleep } from 'node:timers/promises';
import { CliError } from '../errors.ts';
import type { Terminal } from '../output/terminal.ts';
import { LastLog, type Reason, showLog } from './logs.ts';
import { type Program, type ProgramExit, type ProgramSpec, startProgram } from './program.ts';

export interface SupervisorOptions {
  terminal: Terminal;
  /** Asked at each start: a hub started again keeps the port the first one was given. */
  spec: () => ProgramSpec;
  onEvent: (event: Record<string, unknown>) => void;
  /** Asked when it ended by itself: `done` is an expected end, `fail` one that a new start would not mend. */
  judge: (exit: ProgramExit) => 'restart' | 'done' | 'fail';
  /** Shorter in tests. */
  firstDelayMs?: number;
}

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 10_000;
/** After so long a run the next death counts as the first. */
const SETTLED_MS = 60_000;
const MAX_DEATHS = 10;

export class Supervisor {
  private readonly options: SupervisorOptions;
  private readonly stopping = new AbortController();
  private program: Program | undefined;
  private deaths = 0;
  /** Resolves when the program has ended as it should; rejects with CliError when it cannot be kept running. */
  readonly finished: Promise<void>;

  constructor(options: SupervisorOptions) {
    this.options = options;
    this.finished = this.run();
    // Whoever waits for it gets the rejection; nobody may be waiting yet.
    this.finished.catch(() => {});
  }

  async stop(graceMs: number): Promise<void> {
    this.stopping.abort();
    await this.program?.stop(graceMs);
    await this.finished.catch(() => {});
  }

  kill(): void {
    this.stopping.abort();
    this.program?.kill();
  }

  private async run(): Promise<void> {
    const { terminal, spec, onEvent, judge } = this.options;
    while (!this.stopping.signal.aborted) {
      const wanted = spec();
      const startedAt = performance.now();
      const log = new LastLog();
      this.program = startProgram(wanted, {
        event: onEvent,
        log: (line) => {
          log.add(line);
          showLog(terminal, wanted.name, line);
        },
      });
      const exit = await this.program.exited;
      if (this.stopping.signal.aborted) return;

      const verdict = judge(exit);
      if (verdict === 'done') return;
      if (performance.now() - startedAt > SETTLED_MS) this.deaths = 0;
      this.deaths++;
      const reason = log.reason();
      const story = tellDeath(wanted.name, exit, reason?.text);
      if (verdict === 'fail' || this.deaths > MAX_DEATHS) throw giveUp(story, reason, terminal.verbose);
      const delay = Math.min(
        LONGEST_DELAY_MS,
        (this.options.firstDelayMs ?? FIRST_DELAY_MS) * 2 ** (this.deaths - 1),
      );
      terminal.warn(`${story}; starting it again in ${(delay / 1000).toFixed(1)} s`);
      await sleep(delay, undefined, { signal: this.stopping.signal }).catch(() => {});
    }
  }
}

function giveUp(story: string, reason: Reason | undefined, verbose: boolean): CliError {
  if (reason?.certain) return new CliError('PROGRAM_ENDED', reason.text, { remedy: reason.remedy });
  return new CliError('PROGRAM_ENDED', story, {
    remedy: verbose ? undefined : 'Run it again with --verbose to see all it logged.',
  });
}

/** An error logged some time before says nothing about a death by a signal. */
function tellDeath(name: string, exit: ProgramExit, reason: string | undefined): string {
  if (exit.signal !== null) return `the ${name} ended by ${exit.signal}`;
  return `the ${name} ended with status ${exit.code}${reason === undefined ? '' : `: ${reason}`}`;
}
