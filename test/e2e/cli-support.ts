/** Runs the built `remora` as a process of its own, in a home directory of its own. */

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const MEMORY = '/dev/shm';
export const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface Result {
  status: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface Running {
  readonly pid: number;
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  /** What it wrote so far. */
  readonly output: { stdout: string; stderr: string };
  readonly ended: Promise<Result>;
  /** Resolves with the first match in what it wrote to the stream. Rejects when it ends before, or after 20 s. */
  wrote(stream: 'stdout' | 'stderr', pattern: RegExp): Promise<RegExpMatchArray>;
}

export interface RunOptions {
  environment?: Record<string, string>;
  /** A command that runs remora as its arguments. */
  prefix?: readonly string[];
  /** For `run`: all of its standard input. */
  input?: Buffer | string;
}

export interface Sandbox {
  /** Working directory, home, state and temporary files are all in here. */
  readonly root: string;
  readonly environment: NodeJS.ProcessEnv;
  run(args: readonly string[], options?: RunOptions): Promise<Result>;
  start(args: readonly string[], options?: RunOptions): Running;
  /** Ends what still runs and deletes everything. */
  close(): Promise<void>;
}

export function openSandbox(): Sandbox {
  const root = mkdtempSync(join(tmpdir(), 'remora-test-'));
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(REMORA_|XDG_|NO_COLOR|FORCE_COLOR|DISPLAY|WAYLAND)/.test(name),
  );
  // As a session of a user has it: keys of packets are there.
  const runtime = existsSync(MEMORY) ? mkdtempSync(join(MEMORY, 'remora-test-')) : root;
  const environment = {
    ...Object.fromEntries(inherited),
    ...{ HOME: root, TMPDIR: root, XDG_RUNTIME_DIR: runtime, TERM: 'xterm' },
  };
  const running = new Set<Running>();

  const sandbox: Sandbox = {
    root,
    environment,
    start(args, options = {}) {
      const [command, ...rest] = [...(options.prefix ?? []), process.execPath, MAIN, ...args] as [
        string,
        ...string[],
      ];
      const child = spawn(command, rest, {
        cwd: root,
        env: { ...environment, ...options.environment },
        stdio: ['pipe', 'pipe', 'pipe'],
      });
      const started = follow(child);
      running.add(started);
      void started.ended.then(() => running.delete(started));
      return started;
    },
    async run(args, options = {}) {
      const started = sandbox.start(args, options);
      started.child.stdin.on('error', () => {});
      started.child.stdin.end(options.input);
      return await started.ended;
    },
    async close() {
      const left = [...running];
      for (const { child } of left) child.kill('SIGKILL');
      await Promise.all(left.map(({ ended }) => ended));
      await sleep(50);
      for (const directory of [root, runtime])
        rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  return sandbox;
}

function follow(child: ChildProcessByStdio<Writable, Readable, Readable>): Running {
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  const ended = once(child, 'close').then(([status, signal]) => ({ status, signal, ...output }) as Result);
  return {
    pid: child.pid!,
    child,
    output,
    ended,
    async wrote(stream, pattern) {
      let over: Result | undefined;
      void ended.then((result) => {
        over = result;
      });
      const deadline = Date.now() + 20_000;
      for (;;) {
        const match = output[stream].match(pattern);
        if (match) return match;
        if (over || Date.now() > deadline) {
          throw new Error(
            `${over ? 'ended' : 'still running'} without ${pattern} on ${stream}: ${JSON.stringify(output)}`,
          );
        }
        await sleep(20);
      }
    },
  };
}

/** Its children and theirs, by /proc: they are in sessions of their own, so the parent's id is what joins them. */
export function descendants(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = parentOf(Number(name));
    if (parent !== undefined) parents.set(Number(name), parent);
  }
  const found = new Set([pid]);
  for (let before = 0; before !== found.size; ) {
    before = found.size;
    for (const [child, parent] of parents) if (found.has(parent)) found.add(child);
  }
  found.delete(pid);
  return [...found];
}

/** The process runs; one that has ended and waits for its parent to notice does not count. */
export function alive(pid: number): boolean {
  return parentOf(pid) !== undefined;
}

function parentOf(pid: number): number | undefined {
  try {
    const [state, parent] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return state === 'Z' ? undefined : Number(parent);
  } catch {
    return undefined;
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
