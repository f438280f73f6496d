/** Workers and a hub that are two processes with TLS between them, and what goes wrong there. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import https from 'node:https';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Health, WorkerHealth } from '../../flow/api.ts';
import { RecordWriter } from '../../flow/record.ts';
import { Uplink } from '../../worker/uplink/uplink.ts';
import { Authority, type KeyPem } from '../certificates.ts';
import { writeExchange } from '../records.ts';
import { Bench, type Program, TOKEN, WORKER_TOKEN } from './tls-support.ts';

let authority: Authority;
let pair: KeyPem;
beforeAll(async () => {
  authority = await Authority.create();
  pair = await authority.issue({ to: 1000 });
});
let bench: Bench;
beforeEach(() => {
  bench = new Bench();
  bench.writePair(pair);
  bench.file('ca.crt', authority.pem);
  bench.file('worker-token', `${WORKER_TOKEN}\n`);
});
afterEach(() => bench.close());

async function health(port: number): Promise<Health> {
  const request = https.get(`https://127.0.0.1:${port}/api/v1/health`, {
    ...{ ca: authority.pem, agent: false, headers: { authorization: `Bearer ${TOKEN}` } },
  });
  const [answer] = await once(request, 'response');
  return JSON.parse(Buffer.concat(await answer.toArray()).toString());
}

function startWorker(port: number, args: string[] = [], prefix: string[] = []): Program {
  return bench.run(
    'worker',
    [
      ...['--hub', `wss://127.0.0.1:${port}/worker`, '--node', 'node-a', '--keep-trying'],
      ...['--ca', bench.file('ca.crt'), '--token-file', bench.file('worker-token'), ...args],
    ],
    { REMORA_WORKER_TOKEN: '' },
    prefix,
  );
}

/** Nothing is captured on an interface that is not there: these tests are of the connection. */
const NO_CAPTURE = ['--interface', 'remora-none'];

test('the authority and the token are those of the files as they are now: wrong ones are told of and waited out', async () => {
  const hub = await bench.hub();
  bench.file('ca.crt', (await Authority.create()).pem);
  bench.file('worker-token', 'a-token-of-the-last-installation');
  const worker = startWorker(hub.port, NO_CAPTURE);
  const untrusted = await worker.told({ event: 'disconnected', code: 'HUB_UNTRUSTED' });
  expect(untrusted).toMatchObject({ message: expect.any(String), remedy: expect.stringContaining('nstall') });

  bench.file('ca.crt', authority.pem);
  await worker.told({ event: 'disconnected', code: 'UNAUTHORIZED' });
  bench.file('worker-token', WORKER_TOKEN);
  await worker.told({ event: 'connected' });
  for (const code of ['HUB_UNTRUSTED', 'UNAUTHORIZED']) expect(worker.log()).toContain(code);
  for (const secret of [WORKER_TOKEN, 'a-token-of-the-last']) expect(worker.log()).not.toContain(secret);
  worker.child.kill('SIGTERM');
  expect(await worker.exit).toBe(0);
});

test('a worker that cannot capture stays connected, and the hub says why and what to do', async () => {
  const hub = await bench.hub();
  const worker = startWorker(hub.port, NO_CAPTURE);
  await worker.told({ event: 'cannot-capture', code: 'CAPTURE_NO_INTERFACE' });
  const report = await vi.waitUntil(
    async () => {
      const found = await health(hub.port);
      return found.workers[0]?.problem !== undefined && found;
    },
    { timeout: 10_000, interval: 200 },
  );
  expect(report).toMatchObject({
    status: 'failing',
    messages: [{ level: 'error', text: expect.stringMatching(/^node-a: .*remora-none\. .*--interface/) }],
    workers: [
      {
        state: 'failed',
        problem: { code: 'CAPTURE_NO_INTERFACE', message: expect.any(String), remedy: expect.any(String) },
        counters: { packetsCaptured: 0, kernelDrops: 0 },
      },
    ],
  });
  worker.child.kill('SIGTERM');
  expect(await worker.exit).toBe(0);
});

test('the hub is killed and started again: nothing is lost, and nothing is there twice', async () => {
  let hub = await bench.hub();
  const wire = await bench.wire(hub.port);
  const uplink = new Uplink({
    url: `wss://127.0.0.1:${wire.port}/worker`,
    credentials: () => ({ token: WORKER_TOKEN, ca: authority.pem }),
    worker: { version: 'test', node: 'node-a', mode: 'file', sources: ['made up'], limits: {} },
    status: () => ({ counters: {} }),
    silenceMs: 2000,
    log: { info: () => {}, warn: () => {} },
  });
  const writer = new RecordWriter();
  let written = 0;
  let streaming = true;
  const stream = (async () => {
    while (streaming) {
      await uplink.room();
      for (let i = 0; i < 50; i++, written++) {
        const time = 1_700_000_000_000_000 + written * 100;
        writeExchange(writer, { time, connection: written, requestSeq: 0x1000_0000 + written * 977 });
      }
      uplink.send(writer.take(), 50);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  })();
  const { port } = hub;
  for (const signal of ['SIGKILL', 'SIGTERM', 'SIGKILL'] as const) {
    await vi.waitUntil(() => uplink.connected, { timeout: 30_000 });
    await new Promise((resolve) => setTimeout(resolve, 400));
    hub.child.kill(signal);
    await hub.exit;
    hub = await bench.hub(['--listen', `127.0.0.1:${port}`]);
  }
  // And the wire goes dead with both ends open, as when a node loses its power.
  await vi.waitUntil(() => uplink.connected, { timeout: 30_000 });
  wire.freeze();
  await vi.waitUntil(() => !uplink.connected, { timeout: 30_000 });
  streaming = false;
  await stream;
  expect(await uplink.close(30_000)).toEqual({ undeliveredBatches: 0, undeliveredFlows: 0, droppedFlows: 0 });
  expect((await health(hub.port)).hub.flows).toBe(written);
}, 180_000);

test('a hub that is away costs so much memory and no more; what was dropped is counted and told', async () => {
  const hub = await bench.hub();
  hub.child.kill('SIGKILL');
  await hub.exit;
  const spoolBytes = 200_000;
  const uplink = new Uplink({
    url: `wss://127.0.0.1:${hub.port}/worker`,
    credentials: () => ({ token: WORKER_TOKEN, ca: authority.pem }),
    worker: { version: 'test', node: 'node-a', mode: 'live', sources: ['any'], limits: {} },
    status: () => ({ counters: {} }),
    spoolBytes,
    log: { info: () => {}, warn: () => {} },
  });
  const writer = new RecordWriter();
  const total = 5000;
  for (let at = 0; at < total; at++) {
    writeExchange(writer, { time: 1_700_000_000_000_000 + at, connection: at, requestSeq: at * 977 });
    if (writer.count === 10) uplink.send(writer.take(), 10);
    expect(uplink.counters['spoolBytes']).toBeLessThanOrEqual(spoolBytes);
  }
  const again = await bench.hub(['--listen', `127.0.0.1:${hub.port}`]);
  const report = await uplink.close(30_000);
  expect(report).toMatchObject({ undeliveredFlows: 0, droppedFlows: expect.any(Number) });
  expect(report.droppedFlows).toBeGreaterThan(0);
  const { hub: stored, workers } = await health(again.port);
  expect(stored.flows).toBe(total - report.droppedFlows);
  expect((workers[0] as WorkerHealth).counters['spoolDroppedFlows']).toBe(report.droppedFlows);
});

const isRoot = process.getuid?.() === 0;

describe.skipIf(!isRoot)('in a network namespace of their own', () => {
  let holder: ChildProcess;
  let inside: string[];
  beforeEach(async () => {
    holder = spawn('unshare', ['--net', 'sh', '-c', 'ip link set lo up && echo up && exec sleep 300'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(holder.stdout!, 'data');
    inside = ['nsenter', '--net', '--target', String(holder.pid)];
  });
  afterEach(() => void holder.kill('SIGKILL'));

  /** Runs a command there, or a script of Node's. */
  const run = (...command: string[]) =>
    execFileSync(inside[0]!, [...inside.slice(1), ...command], { encoding: 'utf8' });

  async function startHub(): Promise<number> {
    const hub = bench.run(
      'hub',
      [
        ...['--data-dir', bench.file('data'), '--listen', '127.0.0.1:0'],
        ...['--tls-cert', bench.file('tls.crt'), '--tls-key', bench.file('tls.key')],
      ],
      {},
      inside,
    );
    return (await hub.told({ ready: true }))['port'] as number;
  }

  /** What a container of the DaemonSet may: root with one capability, and nothing can be had beside it. */
  const AS_DAEMON_SET = [...['setpriv', '--no-new-privs', '--bounding-set=-all,+net_raw', '--inh-caps=-all']];

  test('an interface that comes, goes and comes again: it captures whenever there is one', async () => {
    const port = await startHub();
    const worker = startWorker(port, ['--interface', 'rem0'], inside);
    await worker.told({ event: 'cannot-capture', code: 'CAPTURE_NO_INTERFACE' });
    run('ip', 'link', 'add', 'rem0', 'type', 'veth', 'peer', 'name', 'rem1');
    run('ip', 'link', 'set', 'rem0', 'up');
    await worker.told({ event: 'capturing' });
    run('ip', 'link', 'del', 'rem0');
    await worker.told({ event: 'cannot-capture', code: 'CAPTURE_FAILED' });
    run('ip', 'link', 'add', 'rem0', 'type', 'veth', 'peer', 'name', 'rem1');
    run('ip', 'link', 'set', 'rem0', 'up');
    await vi.waitUntil(() => worker.events.filter(({ event }) => event === 'capturing').length === 2, {
      timeout: 20_000,
    });
  });

  test('CAP_NET_RAW alone is enough, and without it the worker says so', async () => {
    const port = await startHub();
    const may = startWorker(port, ['--interface', 'any'], [...inside, ...AS_DAEMON_SET]);
    await may.told({ event: 'capturing' });
    run(process.execPath, '-e', SERVE_AND_ASK);
    await vi.waitFor(
      async () => {
        const flows = JSON.parse(run(process.execPath, '-e', ASK_HUB, String(port), TOKEN)).flows;
        expect(flows).toMatchObject([{ method: 'GET', path: '/hello', status: 200 }]);
      },
      { timeout: 20_000, interval: 500 },
    );
    const mayNot = startWorker(
      port,
      ['--interface', 'any'],
      [...inside, ...['setpriv', '--no-new-privs', '--bounding-set=-all', '--inh-caps=-all']],
    );
    expect(await mayNot.told({ event: 'cannot-capture' })).toMatchObject({
      code: 'CAPTURE_NOT_PERMITTED',
      remedy: expect.stringContaining('NET_RAW'),
    });
  });
});

const SERVE_AND_ASK = `
  const http = require('node:http');
  const server = http.createServer((_, answer) => answer.end('hello'));
  server.listen(0, '127.0.0.1', () => {
    http.get({ port: server.address().port, path: '/hello', agent: false }, (answer) => {
      answer.resume().on('end', () => setTimeout(() => process.exit(), 200));
    });
  });`;
const ASK_HUB = `
  const [port, token] = process.argv.slice(1);
  const options = { port, path: '/api/v1/flows', rejectUnauthorized: false, headers: { authorization: 'Bearer ' + token } };
  require('node:https').get(options, (answer) => answer.pipe(process.stdout));`;
