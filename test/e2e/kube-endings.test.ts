/** However a tap on a cluster ends, nothing of it stays there that nobody told of. On the simulated cluster. */

import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Running, Sandbox } from './cli-support.ts';
import { openSandbox } from './cli-support.ts';
import { interrupt, openPage, run, start, wrote } from './cluster/cli.ts';
import { openSimulated, type Simulated } from './cluster/simulated.ts';
import { REMORA_NAMESPACE, remoraObjects } from './cluster/test-cluster.ts';

let cluster: Simulated;
let sandbox: Sandbox;
beforeEach(async () => {
  [cluster, sandbox] = [await openSimulated(), openSandbox()];
});
afterEach(async () => {
  await sandbox.close();
  await cluster.close();
});

const TAP = ['tap', '-n', 'shop', '--no-open', '-p', '0'];
const tap = (...more: string[]): Running => start(sandbox, cluster, [...TAP, ...more]);
const nothingLeft = async () => {
  await expect.poll(() => remoraObjects(cluster), { timeout: 30_000 }).toEqual([]);
};
const hubDeployment = () => cluster.simulated.objects.get('deployments', REMORA_NAMESPACE, 'remora-hub');

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s while it is still applying', async (signal) => {
  cluster.simulated.faults.add({ verb: 'patch', resource: 'services' }, { kind: 'delay', ms: 1500 }, 1);
  const tapping = tap();
  await expect
    .poll(() => cluster.simulated.objects.get('secrets', REMORA_NAMESPACE, 'remora'), { timeout: 30_000 })
    .toBeDefined();
  const { status, stderr } = await interrupt(tapping, signal);
  expect(status).toBe(130);
  expect(stderr).toContain('Remora is out of the cluster again');
  await nothingLeft();
});

test('an interrupt while hub and workers start', async () => {
  cluster.simulated.kubelet.when({ name: /^remora-hub/ }, { kind: 'ready', afterMs: 60_000 });
  const tapping = tap();
  await wrote(tapping, cluster, 'stderr', /hub: (getting|starting)/);
  expect((await interrupt(tapping)).status).toBe(130);
  await nothingLeft();
});

test('what cannot be removed is listed, with the command for later, and that is no good end', async () => {
  const { tap: tapping } = await openPage(sandbox, cluster, ['tap', '-n', 'shop']);
  cluster.simulated.faults.add(
    { verb: 'delete', resource: 'clusterroles' },
    { kind: 'answer', code: 403, message: 'not today' },
  );
  const { status, stderr } = await interrupt(tapping);
  expect(status).toBe(3);
  expect(stderr).toMatch(/clusterrole remora-hub stays: .*not today/);
  expect(stderr).toContain('remora clean');
  cluster.simulated.faults.clear();
  expect(await remoraObjects(cluster)).toEqual(['ClusterRole /remora-hub']);
  expect((await run(sandbox, cluster, ['clean'])).status).toBe(0);
  await nothingLeft();
});

test('a second interrupt ends at once, and says how to clean up', async () => {
  const { tap: tapping } = await openPage(sandbox, cluster, ['tap', '-n', 'shop']);
  cluster.simulated.faults.add({ verb: 'delete' }, { kind: 'delay', ms: 8000 });
  tapping.child.kill('SIGINT');
  await new Promise((resolve) => setTimeout(resolve, 500));
  const startedAt = performance.now();
  const { status, stderr } = await interrupt(tapping);
  expect(performance.now() - startedAt).toBeLessThan(6000);
  expect(status).toBe(130);
  expect(stderr).toMatch(/may still be in the cluster: `remora clean --context test`/);
});

test('a tap that was killed leaves its things; the next one of the same user takes them over and away', async () => {
  const { tap: killed } = await openPage(sandbox, cluster, ['tap', '-n', 'shop']);
  await interrupt(killed, 'SIGKILL');
  expect(hubDeployment()).toBeDefined();
  const next = await openPage(sandbox, cluster, ['tap', '-n', 'shop', 'web']);
  expect(next.tap.output.stderr).toContain('ended without cleaning up');
  await expect
    .poll(async () => (await next.api<{ count: number }>('/api/v1/targets')).count, { timeout: 20_000 })
    .toBe(2);
  expect((await interrupt(next.tap)).status).toBe(130);
  await nothingLeft();
});

test('a second tap joins the first, says whose it is, changes targets only when told to, and leaves it', async () => {
  const first = await openPage(sandbox, cluster, ['tap', '-n', 'shop']);
  const count = async () => (await first.api<{ count: number }>('/api/v1/targets')).count;
  await expect.poll(count, { timeout: 20_000 }).toBe(3);
  const second = await openPage(sandbox, cluster, ['tap', '-n', 'shop', 'web']);
  expect(second.tap.output.stderr).toMatch(/runs already in namespace remora-e2e: \S+ is tapping, since/);
  expect(second.tap.output.stderr).toContain('add --retarget');
  expect(await count()).toBe(3);
  expect((await interrupt(second.tap)).status).toBe(130);
  const third = await openPage(sandbox, cluster, ['tap', '-n', 'shop', 'web', '--retarget']);
  expect(await count()).toBe(2);
  expect(hubDeployment()).toBeDefined();

  // Whoever joined is told when the one who started it takes it away.
  expect((await interrupt(first.tap)).status).toBe(130);
  const ended = await third.tap.ended;
  expect(ended.status).toBe(1);
  expect(ended.stderr).toContain('was taken out of namespace "remora-e2e"');
  await nothingLeft();
});

test('a tap whose Remora was installed to stay meanwhile leaves it', async () => {
  const first = await openPage(sandbox, cluster, ['tap', '-n', 'shop']);
  const installed = await run(sandbox, cluster, ['install', '-n', 'shop', '--node-cidr', 'any']);
  expect(installed.status, installed.stderr).toBe(0);
  const ended = await interrupt(first.tap);
  expect(ended.stderr).toContain('was taken over by another and stays');
  expect(hubDeployment()).toBeDefined();
  expect((await run(sandbox, cluster, ['clean'])).status).toBe(0);
  await nothingLeft();
});

test('a namespace that was there before, or that others use by now, stays', async () => {
  const { objects } = cluster.simulated;
  const { tap: tapping } = await openPage(sandbox, cluster, ['tap', '-n', 'shop']);
  objects.create({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'precious', namespace: REMORA_NAMESPACE },
  });
  const { status, stderr } = await interrupt(tapping);
  expect(status).toBe(130);
  expect(stderr).toContain('namespace remora-e2e stays: it holds persistentvolumeclaim precious');
  expect(objects.get('persistentvolumeclaims', REMORA_NAMESPACE, 'precious')).toBeDefined();

  cluster.simulated.addNamespace('mine');
  const environment = { REMORA_REMORA_NAMESPACE: 'mine' };
  const second = await openPage(sandbox, cluster, ['tap', '-n', 'shop'], { environment });
  expect((await interrupt(second.tap)).status).toBe(130);
  expect(objects.get('namespaces', '', 'mine')).toBeDefined();
});

test('missing rights are listed before anything is made, with status 3', async () => {
  const rules = [{ verbs: ['get', 'list', 'watch'], apiGroups: ['', 'apps'], resources: ['*'] }];
  cluster.simulated.addUser('reader', rules, ['shop']);
  const kubeconfig = cluster.simulated.kubeconfig('reader');
  const result = await run(sandbox, cluster, TAP, { kubeconfig });
  expect(result.status).toBe(3);
  expect(result.stderr).toMatch(/create, patch, delete.* daemonsets\.apps/);
  expect(result.stderr).toContain('Ask an administrator');
  await nothingLeft();
});

test('a port that is in use is told before anything is made', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const result = await run(sandbox, cluster, ['tap', '-n', 'shop', '--no-open', '-p', String(port)]);
  taken.close();
  expect(result.status).toBe(1);
  expect(result.stderr).toContain(`port ${port} is in use`);
  expect(await remoraObjects(cluster)).toEqual([]);
});

test('-o json without a browser: nothing but flows on standard output, and a reader who goes ends it', async () => {
  const tapping = start(sandbox, cluster, ['tap', '-n', 'shop', '-o', 'json']);
  await wrote(tapping, cluster, 'stderr', /workers on 2 nodes run/);
  tapping.child.stdout.destroy();
  const { status, stdout } = await interrupt(tapping);
  expect(stdout).toBe('');
  expect([0, 130]).toContain(status);
  await nothingLeft();
});
