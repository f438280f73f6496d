/** Packets with the secrets in them, through the real programs: only where hub and worker both may, confirmed, and on record. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Conversation, pcapFile } from '../packets/index.ts';
import { openSandbox, type Running, type Sandbox } from './cli-support.ts';
import { TOKEN, WORKER_TOKEN } from './hub-api-support.ts';

const CANARY = 'CANARY-41d7';
const ALLOWED = '--allow-raw-export';
const program = (name: string) => fileURLToPath(new URL(`../../dist/${name}/main.js`, import.meta.url));

let sandbox: Sandbox;
let capture: string;
const children: ChildProcess[] = [];

beforeAll(() => {
  sandbox = openSandbox();
  capture = join(sandbox.root, 'shop.pcap');
  const talk = new Conversation({ clientPort: 4001 });
  talk.handshake();
  talk.client.send(`GET /a?token=${CANARY} HTTP/1.1\r\nHost: shop\r\nCookie: sid=${CANARY}\r\n\r\n`);
  const body = `{"password":"${CANARY}"}`;
  talk.server.send(
    `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  talk.close();
  writeFileSync(capture, pcapFile(talk.packets));
});

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await Promise.all(children.map((child) => child.exitCode ?? child.signalCode ?? once(child, 'close')));
  await sandbox.close();
});

function start(name: string, args: string[]): ChildProcess {
  const env = { ...sandbox.environment, REMORA_TOKEN: TOKEN, REMORA_WORKER_TOKEN: WORKER_TOKEN };
  const child = spawn(process.execPath, [program(name), ...args], {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  children.push(child);
  return child;
}

/** A hub and a worker that has read the capture and gives its packets, each with or without the right. */
async function startBoth(dataDir: string, hubArgs: string[], workerArgs: string[]): Promise<string> {
  const hub = start('hub', [
    ...['--data-dir', dataDir, '--listen', '127.0.0.1:0', '--mode', 'file'],
    ...hubArgs,
  ]);
  const [line] = await once(createInterface({ input: hub.stdout! }), 'line');
  const { url, port } = JSON.parse(line) as { url: string; port: number };
  start('worker', [
    ...['--hub', `ws://127.0.0.1:${port}/worker`, '--node', 'node-a', '--pcap', capture],
    ...['--record-limit', String(8 * 1024 * 1024), ...workerArgs],
  ]).stdout!.resume();
  return url;
}

let exports = 0;
async function exported(url: string, args: string[], token = TOKEN) {
  const file = join(sandbox.root, `${exports++}.pcapng`);
  const environment = { REMORA_TOKEN: token };
  const { status, stderr } = await sandbox.run(['export', '--url', url, '-w', file, ...args], {
    environment,
  });
  return { status, stderr, bytes: existsSync(file) ? readFileSync(file, 'latin1') : undefined };
}

/** What everybody gets, as latin1. */
async function masked(url: string, token = TOKEN): Promise<string> {
  const answer = await fetch(`${url}/api/v1/flows.pcapng`, { headers: { authorization: `Bearer ${token}` } });
  expect(answer.status).toBe(200);
  return Buffer.from(await answer.arrayBuffer()).toString('latin1');
}

async function flowsSeen(url: string): Promise<void> {
  const headers = { authorization: `Bearer ${TOKEN}` };
  const count = async () => (await (await fetch(`${url}/api/v1/flows.ndjson`, { headers })).text()).length;
  await expect.poll(count).toBeGreaterThan(0);
}

test.each([
  ['the hub', [], [ALLOWED], /are not given out here with the secrets in them.*--allow-raw-export/s],
  ['the worker', [ALLOWED], [], /the worker on node-a, which saw one flow, gives no secrets away/i],
])('%s may not: no secret comes, and it is said why', async (who, hubArgs, workerArgs, said) => {
  const dataDir = join(sandbox.root, `without-${who}`.replace(' ', '-'));
  const url = await startBoth(dataDir, hubArgs, workerArgs);
  await flowsSeen(url);
  const raw = await exported(url, ['--raw', '--yes']);
  expect(raw).toMatchObject({ status: 1, bytes: undefined, stderr: expect.stringMatching(said) });
  expect(existsSync(join(dataDir, 'audit.log'))).toBe(false);
  const bytes = await masked(url);
  expect(bytes).toContain('GET /a?token=***********');
  expect(bytes).not.toContain(CANARY);
});

test('both may: the secret is there for whoever confirms it, and who that was is on record before', async () => {
  const dataDir = join(sandbox.root, 'data');
  const audit = join(dataDir, 'audit.log');
  const tap: Running = sandbox.start([
    ...['tap', '--pcap', capture, '--port', '0', '--no-open', '--data-dir', dataDir, ALLOWED, '-v'],
  ]);
  const [, url, token] = await tap.wrote('stdout', /(http:\/\/\S+)\/\?token=(\S+)/);
  await tap.wrote('stderr', /All is read/);

  // Not by accident: neither a script that does not say so, nor an address that was opened with what a browser has.
  expect(await exported(url!, ['--raw'], token)).toMatchObject({
    ...{ status: 2, bytes: undefined, stderr: expect.stringContaining('Add --yes') },
  });
  const { headers } = await fetch(`${url}/?token=${token}`, { redirect: 'manual' });
  const cookie = headers.get('set-cookie')!.split(';')[0]!;
  for (const credential of [{ cookie }, { authorization: `Bearer ${token}` }]) {
    const answer = await fetch(`${url}/api/v1/flows.pcapng?raw=true`, { headers: credential });
    expect([answer.status, await answer.json()]).toEqual([
      403,
      expect.objectContaining({ code: 'RAW_EXPORT_UNCONFIRMED' }),
    ]);
  }
  expect(existsSync(audit)).toBe(false);
  expect(await masked(url!, token)).not.toContain(CANARY);

  const raw = await exported(url!, ['--raw', '--yes', '-f', 'status_code == 200'], token);
  expect(raw).toMatchObject({ status: 0, stderr: expect.stringContaining('there are secrets') });
  expect(raw.bytes!.split(CANARY)).toHaveLength(4);
  expect(raw.bytes).toContain('There are secrets in this file');
  const lines = () =>
    readFileSync(audit, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  await expect.poll(() => lines().length).toBe(2);
  const [begun, ended] = lines();
  expect(begun).toMatchObject({
    ...{ event: 'raw-export', peer: '127.0.0.1', credential: 'token', format: 'pcapng', flows: 1 },
    filter: 'status_code == 200',
  });
  expect(ended).toMatchObject({ event: 'raw-export-end', id: begun.id, ended: 'complete' });
  expect(ended).toMatchObject({ packets: begun.packets, bytes: raw.bytes!.length });
  expect(statSync(audit).mode & 0o777).toBe(0o600);
  expect(JSON.stringify(lines())).not.toContain(CANARY);

  for (const query of ['follow=true', 'estimate=true']) {
    const confirmed = { authorization: `Bearer ${token}`, 'remora-confirm': 'raw' };
    const answer = await fetch(`${url}/api/v1/flows.pcapng?raw=true&${query}`, { headers: confirmed });
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([
      400,
      'REQUEST_INVALID',
    ]);
  }

  // What cannot be written down does not happen.
  rmSync(audit);
  mkdirSync(audit);
  const refused = await exported(url!, ['--raw', '--yes'], token);
  expect(refused).toMatchObject({
    status: 1,
    bytes: undefined,
    stderr: expect.stringContaining('audit.log'),
  });
  expect(await masked(url!, token)).not.toContain(CANARY);

  tap.child.kill('SIGINT');
  await tap.ended;
});
