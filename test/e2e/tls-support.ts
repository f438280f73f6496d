/** Hub and worker as processes that speak TLS, with certificates of the test's own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net, { type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import tls from 'node:tls';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';
import type { KeyPem } from '../certificates.ts';

export const TOKEN = 'a-token-of-the-tests-0123456789';
export const WORKER_TOKEN = 'a-worker-token-of-the-tests-0123';

export type Event = Record<string, unknown>;

export interface Program {
  child: ChildProcess;
  /** What it told on standard output, and wrote to standard error, so far. */
  events: Event[];
  log: () => string;
  exit: Promise<number | null>;
  /** Resolves with the first event that has all this. */
  told(event: Event, timeoutMs?: number): Promise<Event>;
}

/** A folder of files, and the programs of a test; `close` ends and deletes all. */
export class Bench {
  readonly dir = mkdtempSync(join(tmpdir(), 'remora-tls-'));
  readonly programs: Program[] = [];
  readonly #servers: { close: () => void }[] = [];

  file(name: string, content?: string): string {
    const path = join(this.dir, name);
    if (content !== undefined) writeFileSync(path, content);
    return path;
  }

  writePair({ cert, key }: KeyPem): void {
    this.file('tls.crt', cert);
    this.file('tls.key', key);
  }

  /** A hub on TLS; its files are those of `writePair`. */
  async hub(args: string[] = []): Promise<Program & { port: number; url: string }> {
    const hub = this.run('hub', [
      ...['--data-dir', this.file('data'), '--listen', '127.0.0.1:0'],
      ...['--tls-cert', this.file('tls.crt'), '--tls-key', this.file('tls.key'), ...args],
    ]);
    const ready = await hub.told({ ready: true });
    return { ...hub, port: ready['port'] as number, url: ready['url'] as string };
  }

  run(
    name: 'hub' | 'worker',
    args: string[],
    environment: Record<string, string> = {},
    prefix: string[] = [],
  ) {
    const main = fileURLToPath(new URL(`../../dist/${name}/main.js`, import.meta.url));
    const [command, ...rest] = [...prefix, process.execPath, main, ...args] as [string, ...string[]];
    const child = spawn(command, rest, {
      env: { ...process.env, REMORA_TOKEN: TOKEN, REMORA_WORKER_TOKEN: WORKER_TOKEN, ...environment },
    });
    const program = follow(child);
    this.programs.push(program);
    return program;
  }

  /** As the command line does it: plain bytes come in, TLS goes out. Returns the port on 127.0.0.1. */
  forward(port: number, ca: string): Promise<number> {
    return this.#listen((socket) => {
      const secure = tls.connect({ host: '127.0.0.1', port, ca, servername: 'remora-hub' });
      socket.pipe(secure).pipe(socket);
      return secure;
    });
  }

  /** A wire between: what is on it can be held up for ever, with both ends open. */
  async wire(port: number): Promise<{ port: number; freeze: () => void }> {
    const ends: Socket[] = [];
    const listening = await this.#listen((socket) => {
      const far = net.connect(port, '127.0.0.1');
      socket.pipe(far).pipe(socket);
      ends.push(socket, far);
      return far;
    });
    return {
      port: listening,
      freeze: () => {
        for (const end of ends.splice(0)) end.unpipe().pause();
      },
    };
  }

  async close(): Promise<void> {
    for (const server of this.#servers) server.close();
    for (const { child } of this.programs) child.kill('SIGKILL');
    await Promise.all(this.programs.map(({ exit }) => exit));
    rmSync(this.dir, { recursive: true, force: true });
  }

  async #listen(join: (socket: Socket) => Socket): Promise<number> {
    const sockets: Socket[] = [];
    const server = net.createServer((socket) => {
      const both = [socket, join(socket)];
      sockets.push(...both);
      for (const end of both) {
        end.on('error', () => {});
        end.on('close', () => void both.map((each) => each.destroy()));
      }
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    this.#servers.push({
      close: () => {
        server.close();
        for (const socket of sockets) socket.destroy();
      },
    });
    return (server.address() as AddressInfo).port;
  }
}

function follow(child: ChildProcess): Program {
  const events: Event[] = [];
  let log = '';
  createInterface({ input: child.stdout! }).on('line', (line) => events.push(JSON.parse(line)));
  child.stderr!.on('data', (data) => {
    log += data;
  });
  const exit = once(child, 'close').then(([code]) => code as number | null);
  return {
    child,
    events,
    log: () => log,
    exit,
    told: (event, timeout = 20_000) =>
      vi.waitFor(
        () => {
          const found = events.find((told) =>
            Object.entries(event).every(([name, value]) => told[name] === value),
          );
          if (found === undefined)
            throw new Error(`${JSON.stringify(event)} is not in ${JSON.stringify(events)}: ${log}`);
          return found;
        },
        { timeout, interval: 20 },
      ),
  };
}
