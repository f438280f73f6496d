/**
 * One of the house's programs (hub, worker, demo shop) as a child process. It tells events as JSON lines on
 * its stdout, logs on its stderr, and lives no longer than its stdin stays open: whatever happens to this
 * process, also SIGKILL, the child sees the end of its stdin and goes.
 */

import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { programFile } from '../paths.ts';

export interface ProgramSpec {
  /** For messages: `hub`. */
  name: string;
  /** Its file within the house, without extension: `hub/main`. */
  file: string;
  args: readonly string[];
  /** In addition to this process's environment. Secrets go here and never into `args`, which everybody can list. */
  environment: Record<string, string>;
  /** Gives it this process's standard input as file descriptor 3. */
  passStdin?: boolean;
}

export interface ProgramListener {
  /** A JSON object from its stdout. */
  event(event: Record<string, unknown>): void;
  /** A line from its stderr. */
  log(line: string): void;
}

export interface ProgramExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface Program {
  readonly name: string;
  readonly pid: number | undefined;
  /** Resolves when it has ended and all it wrote was given to the listener. */
  readonly exited: Promise<ProgramExit>;
  /** SIGTERM, and SIGKILL after `graceMs`. Resolves when it has ended. */
  stop(graceMs: number): Promise<void>;
  kill(): void;
}

const STDIN = 0;

export function startProgram(spec: ProgramSpec, listener: ProgramListener): Program {
  const child = spawn(process.execPath, [...process.execArgv, programFile(spec.file), ...spec.args], {
    env: { ...process.env, ...spec.environment, REMORA_PARENT_STDIN: '1' },
    stdio: ['pipe', 'pipe', 'pipe', ...(spec.passStdin ? [STDIN] : [])],
    // A process group of its own: the terminal's Ctrl-C comes to this process alone, which ends the others in order.
    detached: true,
  }) as ChildProcessByStdio<Writable, Readable, Readable>;
  child.stdin.on('error', ignoreClosedPipe);
  createInterface({ input: child.stdout }).on('line', (line) => {
    const event = parseEvent(line);
    if (event) listener.event(event);
    else listener.log(line);
  });
  createInterface({ input: child.stderr }).on('line', (line) => listener.log(line));

  // Node does not end children with their parent: this is for exits that pass no clean-up.
  const killAtExit = () => kill(child);
  process.on('exit', killAtExit);
  const exited = new Promise<ProgramExit>((resolve) => {
    child.on('error', (error) => {
      listener.log(String(error));
      if (child.pid === undefined) resolve({ code: null, signal: null });
    });
    child.on('close', (code, signal) => resolve({ code, signal }));
  });
  void exited.then(() => process.off('exit', killAtExit));

  return {
    name: spec.name,
    pid: child.pid,
    exited,
    kill: () => kill(child),
    async stop(graceMs) {
      child.kill('SIGTERM');
      const timer = setTimeout(() => kill(child), graceMs);
      await exited;
      clearTimeout(timer);
    },
  };
}

function kill(child: ChildProcess): void {
  child.kill('SIGKILL');
}

function parseEvent(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

/** The child has gone; `exited` tells that. */
function ignoreClosedPipe(): void {}
