/**
 * `remora tap --local`: what is captured, and above all how it ends. Needs the right to capture on the loopback
 * interface, and /proc; skipped where they are missing.
 */

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Connection, Flow } from '../../flow/flow.ts';
import { alive, descendants, openSandbox, type Running, type Sandbox, sleep } from './cli-support.ts';

/** Takes from root what packet sockets need. */
/** Root as any other user: what it starts gets no capability for being root's. */
const WITHOUT_RIGHT = ['setpriv', '--securebits=+noroot'];

const mayCapture = process.getuid?.() === 0 && existsSync('/proc/self/stat');

let shop: Server;
let port: number;
beforeAll(async () => {
  shop = createServer((request, response) => response.end(`you asked for ${request.url}`));
  await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve));
  port = (shop.address() as AddressInfo).port;
});
afterAll(() => shop.close());

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = openSandbox();
});
afterEach(() => sandbox.close());

const local = () => [
  'tap',
  '--local',
  '--interface',
  'lo',
  '--bpf',
  `tcp port ${port}`,
  '--no-redact',
  '--yes-show-secrets',
];
const ask = async (path: string) => await (await fetch(`http://127.0.0.1:${port}${path}`)).text();

/** Asks for the path until the tap has shown it: how long a capture takes to begin is not ours to know. */
async function askUntilSeen(tap: Running, path: string): Promise<string> {
  for (let tries = 0; tries < 100 && tap.child.exitCode === null; tries++) {
    await ask(`${path}${tries}`);
    await sleep(200);
    const seen = tap.output.stdout.match(new RegExp(`.*${path}\\d.*\n`));
    if (seen) return seen[0];
  }
  throw new Error(`never saw ${path}: ${JSON.stringify(tap.output)}`);
}

interface Page {
  tap: Running;
  api(path: string): Promise<Record<string, unknown>>;
  paths(): Promise<string[]>;
}

async function openPage(args: string[] = []): Promise<Page> {
  const tap = sandbox.start([...local(), '--port', '0', ...args]);
  const [, base, token] = await tap.wrote('stdout', /(http:\/\/\S+)\/\?token=(\S+)/);
  const api = async (path: string) => {
    const answer = await fetch(`${base}${path}`, { headers: { authorization: `Bearer ${token}` } });
    return (await answer.json()) as Record<string, unknown>;
  };
  const paths = async () => {
    const { flows } = (await api('/api/v1/flows?limit=1000')) as { flows: { path: string }[] };
    return flows.map(({ path }) => path);
  };
  return { tap, api, paths };
}

async function until<T>(what: () => Promise<T | undefined | false>, limitMs = 15_000): Promise<T> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const found = await what().catch(() => undefined);
    if (found) return found;
    if (Date.now() > deadline) throw new Error('it did not happen in time');
    await sleep(100);
  }
}

/** The child that runs the program, by its arguments. */
function childOf(tap: Running, program: string): number {
  const found = descendants(tap.pid).find((pid) =>
    readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(program),
  );
  if (found === undefined) throw new Error(`no ${program} among the children`);
  return found;
}

async function ends(tap: Running, children: number[], withinMs: number, since: number) {
  const result = await tap.ended;
  expect(performance.now() - since).toBeLessThan(withinMs);
  await until(async () => !children.some(alive));
  return result;
}

describe.skipIf(!mayCapture)('lines', () => {
  test.each(['json', 'text'])(
    '-o %s prints live flows; Ctrl-C ends all within 2 s and leaves nothing',
    async (output) => {
      const tap = sandbox.start([...local(), '-o', output]);
      const line = await askUntilSeen(tap, '/live-');
      if (output === 'json') {
        const flow = JSON.parse(line) as Flow;
        expect(flow.dst).toMatchObject({ ip: '127.0.0.1', port });
        expect(flow.response).toMatchObject({
          status: 200,
          body: { text: `you asked for ${flow.request?.target}` },
        });
      } else {
        expect(line).toMatch(new RegExp(`→ \\S+:${port} +GET +127\\.0\\.0\\.1:${port}/live-\\d+ +200`));
      }
      const children = descendants(tap.pid);
      expect(children).toHaveLength(2);
      tap.child.kill('SIGINT');
      const { status, stderr } = await ends(tap, children, 3500, performance.now());
      expect({ status, stderr }).toEqual({ status: 130, stderr: '' });
      expect(readdirSync(sandbox.root).filter((name) => name.startsWith('remora-'))).toEqual([]);
    },
  );
});

describe.skipIf(!mayCapture)('the page', () => {
  test('history is there after a restart, and the data directory is for its owner alone', async () => {
    const first = await openPage();
    await until(async () => {
      await ask('/before');
      return (await first.paths()).includes('/before');
    });
    first.tap.child.kill('SIGTERM');
    expect((await first.tap.ended).status).toBe(130);

    expect(statSync(join(sandbox.root, '.local/state/remora')).mode & 0o777).toBe(0o700);

    const second = await openPage();
    expect(await second.paths()).toContain('/before');
    second.tap.child.kill('SIGINT');
    await second.tap.ended;
  });

  test('a refused connection is told, and is no flow', async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const { port: deaf } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));

    const { tap, api, paths } = await openPage(['--bpf', `tcp port ${deaf}`]);
    const [refused] = await until(async () => {
      await expect(fetch(`http://127.0.0.1:${deaf}/`)).rejects.toThrow();
      const { connections } = (await api('/api/v1/connections?refused=true')) as {
        connections: Connection[];
      };
      return connections.length > 0 && connections;
    });
    expect(refused).toMatchObject({
      dst: { ip: '127.0.0.1', port: deaf },
      closed: 'refused',
      client: { packets: 1, bytes: 0 },
      server: { packets: 1, bytes: 0 },
    });
    expect(await api(`/api/v1/connections/${refused!.id}`)).toEqual(refused);
    expect(await paths()).toEqual([]);
    tap.child.kill('SIGINT');
    await tap.ended;
  });

  test('a hub and a worker that die are started again, and said to be', async () => {
    const { tap, paths } = await openPage();
    const seen = (path: string) =>
      until(async () => {
        await ask(path);
        return (await paths()).includes(path);
      });
    await seen('/one');
    process.kill(childOf(tap, 'worker/main'), 'SIGKILL');
    await tap.wrote('stderr', /the worker ended by SIGKILL; starting it again/);
    await seen('/two');
    process.kill(childOf(tap, 'hub/main'), 'SIGKILL');
    await tap.wrote('stderr', /the hub ended by SIGKILL; starting it again/);
    await seen('/three');
    expect(await paths()).toContain('/one');
    tap.child.kill('SIGINT');
    expect((await tap.ended).status).toBe(130);
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s while it starts ends it too', async (signal) => {
    const tap = sandbox.start([...local(), '--port', '0']);
    const children = await until(async () => {
      const found = descendants(tap.pid);
      return found.length > 0 && found;
    });
    tap.child.kill(signal);
    const { status } = await ends(tap, children, 3500, performance.now());
    expect(status).toBe(130);
  });

  test('a second Ctrl-C ends everything at once, also what hangs', async () => {
    const { tap } = await openPage();
    const children = descendants(tap.pid);
    for (const pid of children) process.kill(pid, 'SIGSTOP');
    tap.child.kill('SIGINT');
    await sleep(200);
    expect(tap.child.exitCode).toBeNull();
    tap.child.kill('SIGINT');
    // At once, next to the 2 s that it waits after the first.
    const { status } = await ends(tap, children, 1900, performance.now());
    expect(status).toBe(130);
  });

  test('what hangs is killed in time after the first Ctrl-C, too', async () => {
    const { tap } = await openPage();
    const children = descendants(tap.pid);
    for (const pid of children) process.kill(pid, 'SIGSTOP');
    tap.child.kill('SIGINT');
    // 2 s, and what a busy machine needs to kill five processes.
    await ends(tap, children, 3500, performance.now());
  });

  test('two signals in the same moment are one: npm passes on what the terminal has sent', async () => {
    const { tap, paths } = await openPage();
    await until(async () => {
      await ask('/kept');
      return (await paths()).includes('/kept');
    });
    const [worker] = [childOf(tap, 'worker/main')];
    process.kill(worker, 'SIGSTOP');
    // Two of the same kind might reach it as one.
    tap.child.kill('SIGINT');
    tap.child.kill('SIGTERM');
    await sleep(200);
    expect(tap.child.exitCode).toBeNull();
    process.kill(worker, 'SIGCONT');
    expect((await tap.ended).status).toBe(130);
  });

  test('killed itself, it leaves no orphans', async () => {
    const { tap } = await openPage(['--demo']);
    const children = await until(async () => {
      const found = descendants(tap.pid);
      return found.length === 3 && found;
    });
    tap.child.kill('SIGKILL');
    await tap.ended;
    await until(async () => !children.some(alive));
  });

  test('the demo shop is seen, with its services apart', async () => {
    const demo = [
      'tap',
      '--local',
      '--interface',
      'lo',
      '--bpf',
      'net 127.0.77.0/24',
      '--demo',
      '--port',
      '0',
    ];
    const tap = sandbox.start(demo);
    const [, base, token] = await tap.wrote('stdout', /(http:\/\/\S+)\/\?token=(\S+)/);
    const names = await until(async () => {
      const answer = await fetch(`${base}/api/v1/map`, { headers: { authorization: `Bearer ${token}` } });
      const { nodes } = (await answer.json()) as { nodes: { name: string }[] };
      const found = nodes.map(({ name }) => name);
      return (
        ['front', 'catalogue', 'cart', 'orders', 'payments'].every((service) =>
          found.some((name) => name.startsWith(service)),
        ) && found
      );
    }, 40_000);
    expect(names.length).toBeGreaterThanOrEqual(6);
    tap.child.kill('SIGINT');
    await tap.ended;
  });
});

describe.skipIf(!mayCapture)('without the right to capture', () => {
  test('it says what to type', async () => {
    const { status, stdout, stderr } = await sandbox.run([...local(), '--port', '0'], {
      prefix: WITHOUT_RIGHT,
    });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^error: .*sudo.*\n$/);
  });
});
