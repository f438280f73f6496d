/** The hub as a process: its start, what it prints, a worker's flow from end to end, and its end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { BATCH_HEADER, BATCH_KIND, type Hello, WIRE_VERSION } from '../../flow/wire.ts';
import { exchange } from '../../hub/api/testing/arrival.ts';

const MAIN = fileURLToPath(new URL('../../dist/hub/main.js', import.meta.url));

interface Process {
  child: ChildProcess;
  /** The first line of standard output. */
  ready: Promise<{ ready: true; url: string; port: number; workerToken?: string }>;
  /** Everything on standard error. */
  log: () => string;
  exit: Promise<number | null>;
}

let dataDir: string;
let processes: Process[];
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'remora-hub-'));
  processes = [];
});
afterEach(async () => {
  for (const { child } of processes) child.kill('SIGKILL');
  await Promise.all(processes.map(({ exit }) => exit));
  rmSync(dataDir, { recursive: true, force: true });
});

function startHub(args: string[] = [], environment: Record<string, string> = {}): Process {
  const argv = [MAIN, '--data-dir', dataDir, '--listen', '127.0.0.1:0', ...args];
  const child = spawn(process.execPath, argv, { env: { ...process.env, ...environment } });
  let log = '';
  child.stderr.on('data', (data) => {
    log += data;
  });
  const started = {
    child,
    ready: once(createInterface({ input: child.stdout }), 'line').then(([line]) => JSON.parse(line)),
    log: () => log,
    exit: once(child, 'close').then(([code]) => code as number | null),
  };
  started.ready.catch(() => {});
  processes.push(started);
  return started;
}

test('a flow goes in at the worker’s door, is seen live and is there after a restart', async () => {
  const hub = startHub();
  const { url, port, workerToken } = await hub.ready;
  const token = new URL(url).searchParams.get('token')!;
  const bearer = { authorization: `Bearer ${token}` };

  const page = new WebSocket(`ws://127.0.0.1:${port}/api/v1/live`, { headers: bearer });
  await once(page, 'open');
  page.send(JSON.stringify({ type: 'subscribe', stream: 'flows', filter: 'path == "/secret-path"' }));
  const frame = once(page, 'message');

  const worker = new WebSocket(`ws://127.0.0.1:${port}/worker`, {
    headers: { authorization: `Bearer ${workerToken}` },
  });
  await once(worker, 'open');
  const hello: Hello = {
    ...{ type: 'hello', wire: WIRE_VERSION, version: '1', session: 'abcdef0123456789', node: 'node-a' },
    ...{ mode: 'live', sources: ['any'], limits: {} },
  };
  worker.send(JSON.stringify(hello));
  expect(JSON.parse((await once(worker, 'message'))[0])).toEqual({ type: 'welcome', lastBatch: 0 });
  worker.send(batch(1, exchange({ n: 1, path: '/secret-path' }).record));
  expect(JSON.parse((await once(worker, 'message'))[0])).toEqual({ type: 'ack', batch: 1 });
  const live = JSON.parse((await frame)[0]);
  expect(live).toMatchObject({ type: 'flows', skipped: 0, rows: [{ path: '/secret-path', node: 'node-a' }] });

  const health = await (await fetch(`http://127.0.0.1:${port}/api/v1/health`, { headers: bearer })).json();
  expect(health).toMatchObject({ hub: { flows: 1 }, workers: [{ node: 'node-a', state: 'connected' }] });

  hub.child.kill('SIGTERM');
  expect(await hub.exit).toBe(0);
  for (const secret of [token, workerToken!, 'secret-path']) expect(hub.log()).not.toContain(secret);

  const again = startHub();
  const next = new URL((await again.ready).url);
  const answer = await fetch(`${next.origin}/api/v1/flows/${live.rows[0].id}`, {
    headers: { authorization: `Bearer ${next.searchParams.get('token')}` },
  });
  expect(await answer.json()).toMatchObject({ request: { path: '/secret-path' } });
});

test('tokens of the environment are used and not repeated', async () => {
  const token = 'token-of-the-environment-1';
  const hub = startHub([], { REMORA_TOKEN: token, REMORA_WORKER_TOKEN: 'token-of-the-environment-2' });
  const ready = await hub.ready;
  expect(ready).toEqual({ ready: true, url: `http://127.0.0.1:${ready.port}`, port: ready.port });
  const answer = await fetch(`${ready.url}/?token=${token}`, { redirect: 'manual' });
  expect(answer.status).toBe(303);
});

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s ends it within the time, with clients that hang',
  async (signal) => {
    const hub = startHub();
    const { url, port } = await hub.ready;
    const token = new URL(url).searchParams.get('token');
    const page = new WebSocket(`ws://127.0.0.1:${port}/api/v1/live`, {
      headers: { authorization: `Bearer ${token}` },
    });
    await once(page, 'open');
    page.pause();
    const begin = performance.now();
    hub.child.kill(signal);
    expect(await hub.exit).toBe(0);
    expect(performance.now() - begin).toBeLessThan(5000);
    page.terminate();
  },
);

test('it ends with its parent', async () => {
  const hub = startHub([], { REMORA_PARENT_STDIN: '1' });
  await hub.ready;
  hub.child.stdin!.end();
  expect(await hub.exit).toBe(0);
});

test('without that it does not care about its standard input', async () => {
  const hub = startHub();
  await hub.ready;
  hub.child.stdin!.end();
  const first = await Promise.race([hub.exit, new Promise((resolve) => setTimeout(resolve, 500, 'alive'))]);
  expect(first).toBe('alive');
});

test.each<[string, string[], Record<string, string>, string]>([
  ['wrong usage', ['--mode', 'none'], {}, 'USAGE'],
  ['a token too short', [], { REMORA_TOKEN: 'short' }, 'USAGE'],
  ['an address of another machine', ['--listen', '192.0.2.1:0'], {}, 'LISTEN_FAILED'],
])('%s: one line says why and what to do, status 1', async (_, args, environment, code) => {
  const hub = startHub(args, environment);
  expect(await hub.exit).toBe(1);
  const lines = hub.log().trim().split('\n');
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0])).toMatchObject({
    level: 60,
    code,
    msg: expect.any(String),
    remedy: expect.any(String),
  });
});

test('a port and a data directory that are taken are told as such', async () => {
  const first = startHub();
  const { port } = await first.ready;
  const samePort = startHub(['--listen', `127.0.0.1:${port}`, '--data-dir', join(dataDir, 'other')]);
  expect(await samePort.exit).toBe(1);
  expect(JSON.parse(samePort.log().trim())).toMatchObject({
    code: 'PORT_IN_USE',
    msg: expect.stringContaining(String(port)),
    remedy: expect.stringContaining('--listen'),
  });
  const sameData = startHub();
  expect(await sameData.exit).toBe(1);
  expect(sameData.log()).toContain('STORE_LOCKED');
});

function batch(number: number, ...records: Uint8Array[]): Buffer {
  const header = Buffer.alloc(BATCH_HEADER);
  header.writeUInt8(BATCH_KIND, 0);
  header.writeUInt32LE(number, 4);
  header.writeUInt32LE(records.length, 8);
  return Buffer.concat([header, ...records]);
}
