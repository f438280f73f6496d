/**
 * Packets on a disk outlive the worker that has recorded them, and the whole session where it is killed; a session that ends in order
 * leaves none. Needs the right to capture on the loopback interface, /proc, and a tmpfs; skipped where they are missing.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isInMemory } from '../../worker/record/key-file.ts';
import { alive, descendants, openSandbox, type Running, type Sandbox } from './cli-support.ts';

const CANARY = 'CANARY-93b2';
const mayCapture = process.getuid?.() === 0 && existsSync('/proc/self/stat') && isInMemory('/dev/shm');
const TIMES = { timeout: 30_000, interval: 100 };

let sandbox: Sandbox;
let shop: Server;
let port: number;
beforeAll(async () => {
  sandbox = openSandbox();
  shop = createServer((_, response) => {
    response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ password: CANARY }));
  });
  await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve));
  port = (shop.address() as AddressInfo).port;
});
afterAll(async () => {
  shop.close();
  await sandbox.close();
});

interface Page {
  tap: Running;
  get(path: string): Promise<Response>;
}

async function openPage(): Promise<Page> {
  const tap = sandbox.start([
    ...['tap', '--local', '--interface', 'lo', '--bpf', `tcp port ${port}`],
    ...['--port', '0', '--no-open', '--data-dir', join(sandbox.root, 'data')],
  ]);
  const [, base, token] = await tap.wrote('stdout', /(http:\/\/\S+)\/\?token=(\S+)/);
  return { tap, get: (path) => fetch(`${base}${path}`, { headers: { authorization: `Bearer ${token}` } }) };
}

/** Asks the shop until the page shows it; answers the flow's id. */
async function flowOf({ get }: Page, path: string): Promise<string> {
  let id: string | undefined;
  await expect
    .poll(async () => {
      const headers = { cookie: `sid=${CANARY}` };
      await (await fetch(`http://127.0.0.1:${port}${path}`, { headers })).text();
      const { flows } = (await (await get('/api/v1/flows?limit=100')).json()) as {
        flows: { id: string; path: string }[];
      };
      id = flows.find((flow) => flow.path === path)?.id;
      return id;
    }, TIMES)
    .toBeDefined();
  return id!;
}

/** All bytes of the flow's packets, as soon as somebody has them. */
async function packetsOf({ get }: Page, flow: string): Promise<string> {
  let answer: Response | undefined;
  await expect
    .poll(async () => {
      answer = await get(`/api/v1/flows.pcapng?flow=${flow}`);
      return answer.status;
    }, TIMES)
    .toBe(200);
  return Buffer.from(await answer!.arrayBuffer()).toString('latin1');
}

function processOf(tap: Running, program: string): number {
  return descendants(tap.pid).find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(program))!;
}

const folder = () => join(sandbox.root, 'data', 'packets');
const files = () => (existsSync(folder()) ? readdirSync(folder()) : []);
const keys = () => readdirSync(sandbox.environment['XDG_RUNTIME_DIR']!);
function expectMasked(packets: string, path: string) {
  expect(packets).toContain(`GET ${path} HTTP/1.1`);
  expect(packets).toContain('HTTP/1.1 200 OK');
  expect(packets).toContain('{"password":"***********"}');
  expect(packets).not.toContain(CANARY);
}

test.runIf(mayCapture)(
  'packets are there after a worker, and after a whole session, was killed',
  async () => {
    const first = await openPage();
    const flow = await flowOf(first, '/before');
    await expect.poll(() => files().length, TIMES).toBeGreaterThan(0);
    const worker = processOf(first.tap, 'worker/main');
    process.kill(worker, 'SIGKILL');
    await first.tap.wrote('stderr', /the worker ended by SIGKILL; starting it again/);
    expectMasked(await packetsOf(first, flow), '/before');
    expect(processOf(first.tap, 'worker/main')).not.toBe(worker);

    // Of the second worker's own, nothing is written yet: it does that when its parent has gone.
    const second = await flowOf(first, '/between');
    expect(keys()).toHaveLength(1);
    const children = descendants(first.tap.pid);
    first.tap.child.kill('SIGKILL');
    await first.tap.ended;
    await expect.poll(() => children.some(alive), TIMES).toBe(false);
    expect(files().length).toBeGreaterThan(1);
    for (const name of files()) {
      expect(readFileSync(join(folder(), name)).includes(CANARY)).toBe(false);
      expect(readFileSync(join(folder(), name)).includes('GET /b')).toBe(false);
    }

    const again = await openPage();
    expectMasked(await packetsOf(again, flow), '/before');
    expectMasked(await packetsOf(again, second), '/between');
    again.tap.child.kill('SIGINT');
    await again.tap.ended;
    expect(files()).toEqual([]);
    expect(keys()).toEqual([]);
  },
);
