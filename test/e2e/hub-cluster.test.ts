/** The hub's process and an API server: what is known of the cluster, whose rights it needs, and what becomes of it in trouble. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { hubRules } from '../../deploy/access.ts';
import type { FlowPage, FlowRow, Health } from '../../flow/api.ts';
import { BATCH_HEADER, BATCH_KIND, type Hello, WIRE_VERSION } from '../../flow/wire.ts';
import { KubeServer } from '../kube/server.ts';
import { pod, service, slice } from '../kubernetes/cluster.ts';
import { exchangeRecord } from '../records.ts';

const MAIN = fileURLToPath(new URL('../../dist/hub/main.js', import.meta.url));
const TOKEN = 'a-token-of-the-tests-0123456789';
const [CLIENT, SERVER] = ['10.0.0.51', '10.0.0.52'];
const WORKER_TOKEN = 'a-worker-token-of-the-tests-0123';

let kube: KubeServer;
let dataDir: string;
let children: ChildProcess[];
beforeEach(async () => {
  kube = await KubeServer.start({ controllers: false });
  dataDir = mkdtempSync(join(tmpdir(), 'remora-hub-'));
  children = [];
});
afterEach(async () => {
  for (const child of children) {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
  }
  rmSync(dataDir, { recursive: true, force: true });
  await kube.stop();
});

interface Hub {
  origin: string;
  child: ChildProcess;
  log: () => string;
  get(path: string): Promise<Response>;
  health(): Promise<Health>;
}

async function startHub(...args: string[]): Promise<Hub> {
  const argv = [MAIN, '--data-dir', dataDir, '--listen', '127.0.0.1:0', '--mode', 'cluster', ...args];
  const env = { ...process.env, REMORA_TOKEN: TOKEN, REMORA_WORKER_TOKEN: WORKER_TOKEN };
  const child = spawn(process.execPath, argv, { env });
  children.push(child);
  let log = '';
  child.stderr.on('data', (data) => {
    log += data;
  });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const { url: origin } = JSON.parse(line) as { url: string };
  const get = (path: string) => fetch(`${origin}${path}`, { headers: { authorization: `Bearer ${TOKEN}` } });
  return {
    ...{ origin, child, get, log: () => log },
    health: async () => (await get('/api/v1/health')).json() as Promise<Health>,
  };
}

async function until(what: () => Promise<boolean>, ms = 10_000): Promise<void> {
  const end = performance.now() + ms;
  while (!(await what())) {
    if (performance.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function isReady(hub: Hub): () => Promise<boolean> {
  return async () => (await fetch(`${hub.origin}/readyz`)).ok;
}

/** Sends exchanges of CLIENT with SERVER as a worker on node1 does. */
async function openWorker(hub: Hub): Promise<(target: string) => Promise<FlowRow>> {
  const url = `${hub.origin.replace('http', 'ws')}/worker`;
  const worker = new WebSocket(url, { headers: { authorization: `Bearer ${WORKER_TOKEN}` } });
  await once(worker, 'open');
  const hello: Hello = {
    ...{ type: 'hello', wire: WIRE_VERSION, version: '1', session: 'abcdef0123456789', node: 'node1' },
    ...{ mode: 'live', sources: ['any'], limits: {} },
  };
  worker.send(JSON.stringify(hello));
  await once(worker, 'message');
  let number = 0;
  return async (target) => {
    number++;
    const ends = { src: CLIENT, dst: SERVER, connection: number, requestSeq: number };
    const record = exchangeRecord({ ...ends, time: Date.now() * 1000, target });
    worker.send(batch(number, record));
    const query = `/api/v1/flows?filter=${encodeURIComponent(`path == "${target}"`)}`;
    let row: FlowRow | undefined;
    await until(async () => {
      [row] = ((await (await hub.get(query)).json()) as FlowPage).flows;
      return row !== undefined;
    });
    return row!;
  };
}

function batch(number: number, record: Uint8Array): Buffer {
  const header = Buffer.alloc(BATCH_HEADER);
  header.writeUInt8(BATCH_KIND, 0);
  header.writeUInt32LE(number, 4);
  header.writeUInt32LE(1, 8);
  return Buffer.concat([header, record]);
}

/** The test server's objects want their kind's defaults and nothing else. */
function create(...objects: Record<string, unknown>[]): void {
  for (const object of objects) kube.objects.create(object as Parameters<typeof kube.objects.create>[0]);
}

test('flows have the names of the cluster; a pod that comes is known within two seconds', async () => {
  create(pod('web-1', SERVER, { labels: { app: 'web' } }));
  create(service('web', '10.96.0.1'), slice('web', [SERVER]));
  const hub = await startHub('--kubeconfig', kube.kubeconfig());
  await until(isReady(hub));
  const send = await openWorker(hub);
  expect(await send('/before')).toMatchObject({
    dst: { pod: 'web-1', service: 'web' },
    src: { name: CLIENT },
  });
  create(pod('client', CLIENT));
  const begin = performance.now();
  await until(async () => (await hub.health()).cluster!.informers[0].objects === 2);
  expect(performance.now() - begin).toBeLessThan(5000);
  expect(await send('/after')).toMatchObject({
    src: { pod: 'client', namespace: 'shop' },
    dst: { pod: 'web-1' },
  });

  const health = await hub.health();
  expect(health.cluster?.synced).toBe(true);
  expect(health.cluster?.informers.map(({ kind }) => kind)).toEqual([
    ...['Pod', 'Service', 'EndpointSlice', 'Node', 'Namespace'],
  ]);
  const metrics = await (await hub.get('/metrics')).text();
  expect(metrics).toMatch(/^remora_hub_cluster_objects [1-9]/m);
  expect(metrics).toMatch(/^remora_hub_cluster_watches_total 5$/m);
  expect(metrics).toContain('remora_hub_limit{limit="clusterPageObjects"} 500');
  // In the order of the list and the watch, and nothing else of the API.
  expect(new Set(kube.requests.map(({ verb }) => verb))).toEqual(new Set(['list', 'watch']));
});

test('a hub takes flows before there is an API server, says so, and has the names when it comes', async () => {
  create(pod('web-1', SERVER));
  let isThere = false;
  const door = createServer((socket) => {
    socket.on('error', () => {});
    if (!isThere) return void socket.destroy();
    const behind = connect(Number(new URL(kube.url).port), '127.0.0.1').on('error', () => socket.destroy());
    socket.pipe(behind).pipe(socket);
    return undefined;
  });
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
  const url = `https://127.0.0.1:${(door.address() as AddressInfo).port}`;
  const kubeconfig = kube.kubeconfig();
  writeFileSync(kubeconfig, readFileSync(kubeconfig, 'utf8').replace(kube.url, url));
  const hub = await startHub('--kubeconfig', kubeconfig);
  const send = await openWorker(hub);
  expect(await send('/before')).toMatchObject({ dst: { name: 'catalogue.shop' }, src: { name: CLIENT } });
  await until(async () => (await hub.health()).status === 'failing');
  const { messages, cluster } = await hub.health();
  expect(messages[0].text).toMatch(/^Cannot list the pods of the cluster: .*It is tried again/);
  expect(cluster?.synced).toBe(false);
  await until(isReady(hub));
  isThere = true;
  await until(async () => (await hub.health()).cluster!.synced, 20_000);
  expect(await send('/after')).toMatchObject({ dst: { pod: 'web-1' } });
  expect((await hub.health()).messages.filter(({ level }) => level === 'error')).toEqual([]);
  door.close();
});

test('an API server that is restarted, and watches that end or hang: what happened meanwhile is known', async () => {
  create(pod('web-1', SERVER));
  const hub = await startHub('--kubeconfig', kube.kubeconfig());
  await until(isReady(hub));
  const send = await openWorker(hub);
  const back = kube.restart({ downMs: 700 });
  await new Promise((resolve) => setTimeout(resolve, 200));
  kube.objects.remove('pods', 'shop', 'web-1');
  create(pod('db-1', SERVER), pod('client', CLIENT));
  await back;
  await until(async () => (await hub.health()).hub.counters['clusterExpired'] >= 5);
  await until(async () => kube.watches.count === 5);
  expect(await send('/restarted')).toMatchObject({ dst: { pod: 'db-1' }, src: { pod: 'client' } });

  kube.watches.cut('reset');
  create(pod('late', '10.0.0.3'));
  await until(async () => (await hub.health()).cluster!.informers[0].objects === 3);
});

test('namespaces only: no right in the cluster is needed, and none is tried', async () => {
  kube.addUser('limited', hubRules(true) as Parameters<typeof kube.addUser>[1], ['shop', 'bank']);
  create(pod('web-1', SERVER), pod('hidden', '10.0.0.9', { namespace: 'elsewhere' }));
  const hub = await startHub('--kubeconfig', kube.kubeconfig('limited'), '--namespaces', 'shop,bank');
  await until(async () => (await hub.health()).cluster!.synced);
  expect(
    (await hub.health()).cluster!.informers.map(({ kind, namespace, objects }) => [kind, namespace, objects]),
  ).toEqual(
    ['shop', 'bank'].flatMap((namespace) => [
      ...[
        ['Pod', namespace, namespace === 'shop' ? 1 : 0],
        ['Service', namespace, 0],
        ['EndpointSlice', namespace, 0],
      ],
    ]),
  );
  for (const { path } of kube.requests) expect(path).toMatch(/\/namespaces\/(shop|bank)\//);
});

test('the rights of the manifests are enough, and one that is missing is named', async () => {
  kube.addUser('hub', hubRules(false) as Parameters<typeof kube.addUser>[1]);
  const whole = await startHub('--kubeconfig', kube.kubeconfig('hub'));
  await until(async () => (await whole.health()).cluster!.synced);
  whole.child.kill('SIGTERM');
  await once(whole.child, 'close');

  kube.addUser('limited', hubRules(true) as Parameters<typeof kube.addUser>[1]);
  const hub = await startHub('--kubeconfig', kube.kubeconfig('limited'));
  await until(isReady(hub));
  const { messages, status } = await hub.health();
  expect(status).toBe('degraded');
  const texts = messages.map(({ text }) => text).join('\n');
  expect(texts).toMatch(
    /Cannot list the nodes of the cluster: 403 .*limited.* get, list and watch on nodes by a ClusterRole/,
  );
  expect(texts).toMatch(/Cannot list the namespaces of the cluster: 403/);
  expect(texts).not.toMatch(/Cannot list the pods/);
});

test.each([
  ['no cluster and no kubeconfig', [], 'NOT_IN_CLUSTER'],
  ['a kubeconfig that is not there', ['--kubeconfig', '/nowhere/config'], 'KUBECONFIG_INVALID'],
])('%s is said at the start', async (_, args, code) => {
  const argv = [MAIN, '--data-dir', dataDir, '--listen', '127.0.0.1:0', '--mode', 'cluster', ...args];
  const { KUBERNETES_SERVICE_HOST: _host, ...env } = process.env;
  const child = spawn(process.execPath, argv, { env });
  children.push(child);
  const said = child.stderr.toArray();
  expect(await once(child, 'close')).toEqual([1, null]);
  const last = JSON.parse(
    Buffer.concat(await said)
      .toString()
      .trim()
      .split('\n')
      .at(-1)!,
  );
  expect(last).toMatchObject({ code, remedy: expect.stringContaining('kubeconfig') });
});
