import { type ChildProcess, type ChildProcessByStdio, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

/** How long a program may take to end, ms. */
const GRACE_MS = 3000;
/** Clock ticks a second in /proc: USER_HZ, 100 on every Linux. */
const TICKS = 100;

/** One of the programs, as built: its events are JSON lines on standard output. */
export class Program {
  private readonly child: ChildProcessByStdio<Writable, Readable, null>;
  private readonly events: AsyncIterator<string>;

  constructor(file: string, args: string[], environment: Record<string, string>) {
    this.child = spawn(process.execPath, [built(file), ...args], {
      env: { ...process.env, ...environment, REMORA_PARENT_STDIN: '1', REMORA_LOG_LEVEL: 'error' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.events = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  /** The next event. Rejects if the program ends instead. */
  async event(): Promise<Record<string, unknown>> {
    const { done, value } = await this.events.next();
    if (done) throw new Error(`${this.child.spawnargs[1]} ended before it was ready`);
    return JSON.parse(value) as Record<string, unknown>;
  }

  /** Of all its threads, user and system (proc(5)). */
  cpuSeconds(): number {
    const stat = readFileSync(`/proc/${this.child.pid}/stat`, 'latin1');
    // Behind the name, which is field 2 and may have spaces in it: utime and stime are fields 14 and 15.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS;
  }

  peakBytes(): number {
    const status = readFileSync(`/proc/${this.child.pid}/status`, 'latin1');
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
  }

  async stop(): Promise<void> {
    await stop(this.child);
  }
}

/** A part of the bench in a process of its own that is talked to by messages. */
export class Helper {
  private readonly child: ChildProcess;

  constructor(file: string, args: string[]) {
    this.child = fork(built(file), args, { execArgv: [] });
  }

  ask(): void {
    this.child.send('?');
  }

  /** A number of the next message. Rejects if the helper ends instead. */
  async hear(field: string): Promise<number> {
    const abort = new AbortController();
    const ended = once(this.child, 'exit', abort).then(([status]) => {
      throw new Error(`${this.child.spawnargs[1]} ended with status ${status}`);
    });
    const message = await Promise.race([once(this.child, 'message', abort), ended]).finally(() => {
      ended.catch(() => {});
      abort.abort();
    });
    return (message[0] as Record<string, number>)[field];
  }

  async stop(): Promise<void> {
    await stop(this.child);
  }
}

function built(file: string): string {
  return fileURLToPath(new URL(`../../../${file}.js`, import.meta.url));
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
  await ended;
  clearTimeout(late);
}
