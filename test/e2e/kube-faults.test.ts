/** A cluster on a bad day: its API server refuses, falls silent, goes away and comes back, and Remora goes on. */

import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ObjectInput } from '../kube/types.ts';
import { openSandbox, type Sandbox } from './cli-support.ts';
import { interrupt, openPage, type Page, run } from './cluster/cli.ts';
import { openSimulated, type Simulated } from './cluster/simulated.ts';
import { remoraObjects } from './cluster/test-cluster.ts';

vi.setConfig({ testTimeout: 300_000 });

let cluster: Simulated;
let sandbox: Sandbox;

beforeEach(async () => {
  cluster = await openSimulated();
  sandbox = openSandbox();
});

afterEach(async () => {
  await sandbox.close();
  await cluster.close();
});

const tap = () => ['tap', '^web', '-n', cluster.namespace];

async function nothingLeft(): Promise<void> {
  await expect.poll(() => remoraObjects(cluster), { timeout: 30_000 }).toEqual([]);
}

/** A pod that no controller knows, running from the beginning. */
function addWebPod(name: string, podIP: string): void {
  cluster.simulated.objects.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: cluster.namespace },
    spec: { nodeName: 'node1', containers: [{ name: 'main', image: 'busybox' }] },
    status: {
      phase: 'Running',
      podIP,
      podIPs: [{ ip: podIP }],
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  } as ObjectInput);
}

async function targetsBecome(page: Page, count: number): Promise<void> {
  const ask = async () => (await page.api<{ count: number }>('/api/v1/targets')).count;
  await expect.poll(() => ask().catch(String), { timeout: 60_000, interval: 300 }).toBe(count);
}

test('watches break and expire, the server is busy and restarts: pods that come later are still taken up', async () => {
  const { simulated } = cluster;
  const page = await openPage(sandbox, cluster, tap());
  await targetsBecome(page, 2);

  expect(simulated.watches.cut('reset')).toBeGreaterThan(0);
  addWebPod('web-a', '10.78.1.101');
  await targetsBecome(page, 3);

  expect(simulated.watches.expire()).toBeGreaterThan(0);
  addWebPod('web-b', '10.78.1.102');
  await targetsBecome(page, 4);

  simulated.faults.add({ verb: 'list' }, { kind: 'answer', code: 429, retryAfterSeconds: 1 }, 3);
  simulated.watches.cut('end');
  addWebPod('web-c', '10.78.1.103');
  await targetsBecome(page, 5);

  await simulated.restart({ downMs: 2000 });
  addWebPod('web-d', '10.78.1.104');
  await targetsBecome(page, 6);

  simulated.objects.remove('pods', cluster.namespace, 'web-d');
  await targetsBecome(page, 5);
  expect((await interrupt(page.tap)).status).toBe(130);
  await nothingLeft();
});

test('forwarded connections break and fall silent: the page comes back', async () => {
  const page = await openPage(sandbox, cluster, tap());
  await targetsBecome(page, 2);
  expect(cluster.simulated.streams.cut('reset')).toBeGreaterThan(0);
  await targetsBecome(page, 2);
  expect(cluster.simulated.streams.cut('half-open')).toBeGreaterThan(0);
  await targetsBecome(page, 2);
  expect((await interrupt(page.tap)).status).toBe(130);
  await nothingLeft();
});

test('a server that asks for patience is given it, while applying and while cleaning up', async () => {
  const { faults } = cluster.simulated;
  const busy = { kind: 'answer', code: 429, retryAfterSeconds: 1 } as const;
  faults.add({ verb: 'patch' }, busy, 2);
  faults.add({ method: 'POST' }, busy, 1);
  faults.add({ verb: 'list', resource: 'pods' }, busy, 1);
  faults.add({ verb: 'get' }, { kind: 'delay', ms: 300 }, 10);
  const page = await openPage(sandbox, cluster, tap());
  faults.add({ verb: 'delete' }, busy, 2);
  expect((await interrupt(page.tap)).status).toBe(130);
  await nothingLeft();
});

test('a server that is gone at the end: what stays is said, with the command that removes it', async () => {
  const page = await openPage(sandbox, cluster, tap());
  cluster.simulated.faults.add({ verb: 'delete' }, { kind: 'reset' });
  const result = await interrupt(page.tap);
  expect(result.status).toBe(1);
  expect(result.stderr).toContain('daemonset');
  expect(result.stderr).toContain('remora clean');
  cluster.simulated.faults.clear();
  expect((await run(sandbox, cluster, ['clean'])).status).toBe(0);
  await nothingLeft();
});

test('a server that cannot be reached is said so, soon', async () => {
  const kubeconfig = cluster.simulated.kubeconfig('admin', { path: join(sandbox.root, 'kubeconfig') });
  await cluster.simulated.stop();
  const began = Date.now();
  const result = await run(sandbox, cluster, tap(), { kubeconfig });
  expect(result.status).toBe(1);
  expect(result.stderr).toMatch(/cannot be reached|refused|ECONNREFUSED/);
  expect(Date.now() - began).toBeLessThan(60_000);
});
