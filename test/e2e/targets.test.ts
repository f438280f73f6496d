/**
 * Targets from the API server's objects to the packets that a worker takes: hub and worker as processes, pods on addresses of the
 * loopback interface. Needs the right to capture there; skipped where it is missing.
 */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import http, { Agent, createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { FlowPage, FlowRow, TargetReport, WorkerHealth } from '../../flow/api.ts';
import { KubeServer } from '../kube/server.ts';
import { pod } from '../kubernetes/cluster.ts';
import { Bench, TOKEN } from './tls-support.ts';

const mayCapture = process.getuid?.() === 0 && existsSync('/proc/self/stat');
const AUTHORIZATION = { authorization: `Bearer ${TOKEN}` };
/** What a change may take from the API server to the packets, ms. */
const SOON = 2000;

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

let server: Server;
let port: number;
beforeAll(async () => {
  server = createServer((request, response) => response.end(`you asked for ${request.url}`));
  server.keepAliveTimeout = 60_000;
  server.listen(0);
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

let kube: KubeServer;
let bench: Bench;
let url: string;
beforeEach(async () => {
  kube = await KubeServer.start({ controllers: false });
  bench = new Bench();
});
afterEach(async () => {
  await bench.close();
  await kube.stop();
});

function createPod(name: string, ip: string): void {
  kube.objects.create(pod(name, ip) as Parameters<typeof kube.objects.create>[0]);
}

async function startTap(targets: object): Promise<void> {
  const hub = bench.run('hub', [
    ...['--data-dir', bench.file('data'), '--listen', '127.0.0.1:0', '--mode', 'cluster'],
    ...['--kubeconfig', kube.kubeconfig(), '--targets', JSON.stringify(targets)],
  ]);
  ({ url } = (await hub.told({ ready: true })) as { url: string });
  const worker = bench.run('worker', [
    ...['--hub', `${url.replace('http', 'ws')}/worker`, '--node', 'node-a', '--interface', 'lo'],
    ...['--targets', 'hub', '--bpf', `tcp port ${port}`],
  ]);
  await worker.told({ event: 'capturing' });
}

async function ask(ip: string, path: string, agent?: Agent): Promise<void> {
  const [answer] = (await once(http.get({ host: ip, port, path, ...(agent && { agent }) }), 'response')) as [
    http.IncomingMessage,
  ];
  await answer.toArray();
}

async function get<T>(path: string): Promise<T> {
  return (await fetch(`${url}${path}`, { headers: AUTHORIZATION })).json() as Promise<T>;
}

async function put(spec: object): Promise<TargetReport> {
  const headers = { ...AUTHORIZATION, 'content-type': 'application/json' };
  const answer = await fetch(`${url}/api/v1/targets`, { method: 'PUT', headers, body: JSON.stringify(spec) });
  expect(answer.status).toBe(200);
  return answer.json() as Promise<TargetReport>;
}

async function rows(): Promise<FlowRow[]> {
  return (await get<FlowPage>('/api/v1/flows?limit=1000')).flows;
}

/** Asks until a request has been seen: the worker takes the pod's packets. After how long it did, ms. */
async function untilTapped(ip: string, path: string): Promise<number> {
  const begin = performance.now();
  for (let n = 0; performance.now() - begin < 15_000; n++) {
    await ask(ip, `${path}/${n}`);
    await sleep(100);
    const first = (await rows()).findLast((row) => row.path.startsWith(`${path}/`));
    if (first !== undefined) return Date.parse(first.time) - performance.timeOrigin - begin;
  }
  throw new Error(`${ip} is not tapped`);
}

describe.skipIf(!mayCapture)('pods on the loopback interface', () => {
  test('only targets are seen; what is tapped changes under a connection that goes on, with no hole', async () => {
    const [web, other, late] = ['127.0.1.1', '127.0.1.2', '127.0.1.3'];
    createPod('web-1', web);
    createPod('other-1', other);
    await startTap({ pods: 'web' });
    await untilTapped(web, '/warm');

    const keepAlive = new Agent({ keepAlive: true, maxSockets: 1 });
    let asked = 0;
    let going = true;
    const connection = (async () => {
      for (; going; await sleep(30)) await ask(web, `/kept/${asked++}`, keepAlive);
    })();

    await ask(other, '/other');
    // What is captured and not read yet is taken by what holds when it is read.
    await sleep(SOON);
    expect((await put({ pods: '^(web|other)' })).count).toBe(2);
    await untilTapped(other, '/tapped');

    const many = Array.from({ length: 600 }, (_, n) => `127.0.${2 + (n >> 8)}.${n & 255}`);
    for (const [n, ip] of many.entries()) createPod(`web-many-${n}`, ip);
    createPod('web-late', late);
    expect(await untilTapped(late, '/late')).toBeLessThan(SOON);
    expect(await untilTapped(many.at(-1)!, '/many')).toBeLessThan(SOON);

    kube.objects.remove('pods', 'shop', 'web-late');
    await sleep(SOON);
    await ask(late, '/gone');
    await put({ refs: ['pod/web-1'] });
    await sleep(SOON);
    await ask(other, '/not-any-more');

    going = false;
    await connection;
    keepAlive.destroy();
    await ask(web, '/last');
    await untilTapped(web, '/end');

    const seen = await rows();
    const paths = seen.map(({ path }) => path);
    expect(paths).not.toContain('/other');
    expect(paths).not.toContain('/gone');
    expect(paths).not.toContain('/not-any-more');
    const kept = seen.filter(({ path }) => path.startsWith('/kept/'));
    expect(kept).toHaveLength(asked);
    expect(kept.filter((row) => row.completeness.join() !== 'complete' || row.status !== 200)).toEqual([]);
    expect(new Set(kept.map(({ src }) => src.port)).size).toBe(1);
    expect(kept[0]!.dst).toMatchObject({ pod: 'web-1', namespace: 'shop' });

    const { workers } = await get<{ workers: WorkerHealth[] }>('/api/v1/health');
    expect(workers[0]!.counters['packetsUntargeted']).toBeGreaterThan(0);
    expect(workers[0]!.counters['reconnects']).toBe(0);
  });

  test('a hub that comes back leaves no hole: the worker goes on with what it was told', async () => {
    createPod('web-1', '127.0.1.1');
    await startTap({ pods: 'web' });
    await untilTapped('127.0.1.1', '/before');
    const { workers } = await get<{ workers: WorkerHealth[] }>('/api/v1/health');
    expect(workers).toHaveLength(1);
    const { port: hubPort } = new URL(url);

    const [hub] = bench.programs;
    hub!.child.kill('SIGKILL');
    await hub!.exit;
    for (let n = 0; n < 5; n++) await ask('127.0.1.1', `/alone/${n}`);
    const again = bench.run('hub', [
      ...['--data-dir', bench.file('data'), '--listen', `127.0.0.1:${hubPort}`, '--mode', 'cluster'],
      ...['--kubeconfig', kube.kubeconfig(), '--targets', '{"pods":"web"}'],
    ]);
    await again.told({ ready: true });
    await untilTapped('127.0.1.1', '/after');
    const paths = (await rows()).map(({ path }) => path);
    for (let n = 0; n < 5; n++) expect(paths).toContain(`/alone/${n}`);
  });
});
