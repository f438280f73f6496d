import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

export interface Command {
  file: string;
  args: readonly string[];
}

/** What a program has cost, from its start to its end. */
export interface Cost {
  /** Elapsed, and CPU time of all its threads and children, user and system. */
  wallSeconds: number;
  cpuSeconds: number;
}

/** Writes elapsed, user and system time of a command to file descriptor 3; what the command writes goes where it went. */
const TIMED = `TIMEFORMAT='%3R %3U %3S'; { time "$@" 2>&4; } 4>&2 2>&3`;

/**
 * Runs a program to its end, on one core where `taskset` is there. Rejects if it fails. `stdout` is what it
 * wrote, where `keepOutput`.
 */
export async function runTimed(command: Command, keepOutput: boolean): Promise<Cost & { stdout: string }> {
  const program = onOneCore(command);
  const child = spawn('bash', ['-c', TIMED, 'bash', program.file, ...program.args], {
    env: { ...process.env, LC_ALL: 'C' },
    stdio: ['ignore', keepOutput ? 'pipe' : 'ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close');
  const [stdout, stderr, times] = await Promise.all([
    keepOutput ? text(child.stdout as Readable) : '',
    text(child.stderr as Readable),
    text(child.stdio[3] as Readable),
  ]);
  const [status] = (await ended) as [number | null];
  if (status !== 0) throw new Error(`${command.file} failed with status ${status}: ${lastLine(stderr)}`);
  const [wallSeconds, user, system] = times.trim().split(' ').map(Number);
  return { wallSeconds, cpuSeconds: user + system, stdout };
}

export function isInstalled(program: string): boolean {
  return spawnSync('bash', ['-c', 'command -v "$1"', 'bash', program]).status === 0;
}

/** The last one: interrupts tend to be served by the first. */
const CORE = cpus().length - 1;
const canPin = spawnSync('taskset', ['-c', String(CORE), 'true']).status === 0;

/** Where programs run, in words. */
export const PLACE = canPin ? `core ${CORE}` : 'any core (no taskset)';

function onOneCore({ file, args }: Command): Command {
  return canPin ? { file: 'taskset', args: ['-c', String(CORE), file, ...args] } : { file, args };
}

function lastLine(output: string): string {
  return output.trim().split('\n').at(-1) ?? '';
}
