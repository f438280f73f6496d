/** What must hold on every cluster, simulated or real. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CoreV1Api } from '@kubernetes/client-node';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Health } from '../../../flow/api.ts';
import { openSandbox, type Sandbox } from '../cli-support.ts';
import { interrupt, openPage, run, wrote } from './cli.ts';
import { REMORA_NAMESPACE, remoraObjects, type TestCluster } from './test-cluster.ts';
import { seeTraffic } from './traffic.ts';

/** A session is several programs, one after the other; a busy machine or a slow registry takes its time. */
const TIMEOUT_MS = 600_000;

/** The tests of a session on a cluster. `open` gives one without Remora in it. */
export function clusterSuite(name: string, open: () => Promise<TestCluster>): void {
  describe(name, { timeout: TIMEOUT_MS }, () => {
    let cluster: TestCluster;
    let sandbox: Sandbox;

    beforeAll(async () => {
      cluster = await open();
      const there = await remoraObjects(cluster);
      if (there.length > 0) throw new Error(`Remora is in this cluster already: ${there.join(', ')}`);
    });

    beforeEach(() => {
      sandbox = openSandbox();
    });

    afterEach(async () => {
      await sandbox.close();
    });

    afterAll(async () => {
      await cluster?.close();
    });

    const tap = (...args: string[]) => ['tap', '-n', cluster.namespace, ...cluster.imageFlags, ...args];
    const nothingLeft = async () => {
      await expect.poll(() => remoraObjects(cluster), { timeout: 30_000 }).toEqual([]);
    };

    test('tap: the pods by name, the page, and after Ctrl-C nothing is left', async () => {
      const page = await openPage(sandbox, cluster, tap('web'));
      expect(page.tap.output.stderr).toContain('Tapping 2 pods');
      expect(page.tap.output.stderr).toMatch(/web-\w+-\w{5}/);
      const health = await page.api<Health>('/api/v1/health');
      expect(health.mode).toBe('cluster');
      await expect
        .poll(async () => (await page.api<{ count: number }>('/api/v1/targets')).count, { timeout: 20_000 })
        .toBe(2);
      const ended = await interrupt(page.tap);
      expect(ended.status).toBe(130);
      await nothingLeft();
    });

    test('--dry-run: the pods and the manifests, and nothing is made', async () => {
      const result = await run(sandbox, cluster, tap('--dry-run'));
      expect(result.status).toBe(0);
      expect(result.stdout).toMatch(/^# .*web-\w+-\w{5}/m);
      expect(result.stdout).toContain('kind: DaemonSet');
      expect(await remoraObjects(cluster)).toEqual([]);
    });

    test('no pod matches: the nearest names, status 1, and nothing is made', async () => {
      const result = await run(sandbox, cluster, tap('wbe'));
      expect(result.status).toBe(1);
      expect(result.stderr).toMatch(/Did you mean .*web/);
      expect(await remoraObjects(cluster)).toEqual([]);
    });

    test('a wrong expression is a wrong usage, found before anything is made', async () => {
      const result = await run(sandbox, cluster, tap('web(['));
      expect(result.status).toBe(2);
      expect(await remoraObjects(cluster)).toEqual([]);
    });

    test('an image that cannot be pulled is told, and all is taken away', async () => {
      const result = await run(
        sandbox,
        cluster,
        tap('--image-tag', 'no-such-tag', '--image-pull-policy', 'Always'),
      );
      expect(result.status).toBe(1);
      expect(result.stderr).toMatch(/image/);
      expect(result.stderr).toContain('no-such-tag');
      await nothingLeft();
    });

    test('the hub pod is replaced: the page comes back by itself', async () => {
      const page = await openPage(sandbox, cluster, tap());
      const core = cluster.config.makeApiClient(CoreV1Api);
      const labelSelector = 'app.kubernetes.io/component=hub';
      const pods = async () => await core.listNamespacedPod({ namespace: REMORA_NAMESPACE, labelSelector });
      const before = (await pods()).items[0]!.metadata!;
      await core.deleteNamespacedPod({ namespace: REMORA_NAMESPACE, name: before.name! });
      await expect
        .poll(async () => (await pods()).items.map(({ metadata }) => metadata!.uid), {
          timeout: cluster.patienceMs,
        })
        .not.toContain(before.uid);
      await expect
        .poll(() => page.api<Health>('/api/v1/health').then(({ mode }) => mode, String), {
          timeout: cluster.patienceMs,
          interval: 500,
        })
        .toBe('cluster');
      expect((await interrupt(page.tap)).status).toBe(130);
      await nothingLeft();
    });

    test('install stays, view looks, check is content, logs packs, clean removes', async () => {
      const installed = await run(sandbox, cluster, [
        'install',
        '-n',
        cluster.namespace,
        ...cluster.imageFlags,
        // No worker connects in the simulated cluster: an install would wait for them.
        ...(cluster.simulated === undefined ? [] : ['--node-cidr', 'any']),
      ]);
      expect(installed.status, installed.stderr).toBe(0);
      expect(await remoraObjects(cluster)).toContain(`Deployment ${REMORA_NAMESPACE}/remora-hub`);

      const page = await openPage(sandbox, cluster, ['view']);
      expect((await page.api<Health>('/api/v1/health')).mode).toBe('cluster');
      expect((await interrupt(page.tap)).status).toBe(130);
      expect(await remoraObjects(cluster)).toContain(`Deployment ${REMORA_NAMESPACE}/remora-hub`);

      const checked = await run(sandbox, cluster, ['check', '-o', 'json']);
      const { findings } = JSON.parse(checked.stdout) as { findings: { verdict: string; title?: string }[] };
      const failed = findings.filter(({ verdict }) => verdict === 'failed');
      // Nothing captures in the simulated cluster.
      if (cluster.simulated === undefined) expect(failed).toEqual([]);
      expect(findings.length).toBeGreaterThan(5);

      const packed = await run(sandbox, cluster, ['logs', '-w', 'remora.zip']);
      expect(packed.status, packed.stderr).toBe(0);
      const zip = join(sandbox.root, 'remora.zip');
      expect(existsSync(zip) && readFileSync(zip).subarray(0, 2).toString()).toBe('PK');

      const cleaned = await run(sandbox, cluster, ['clean']);
      expect(cleaned.status, cleaned.stderr).toBe(0);
      await nothingLeft();
    });

    test('--keep leaves it there; a second tap joins it', async () => {
      const first = await openPage(sandbox, cluster, tap('--keep'));
      expect((await interrupt(first.tap)).status).toBe(130);
      expect(await remoraObjects(cluster)).toContain(`Deployment ${REMORA_NAMESPACE}/remora-hub`);
      const second = await openPage(sandbox, cluster, tap());
      expect((await second.api<Health>('/api/v1/health')).mode).toBe('cluster');
      expect((await interrupt(second.tap)).status).toBe(130);
      expect(await remoraObjects(cluster)).toContain(`Deployment ${REMORA_NAMESPACE}/remora-hub`);
      expect((await run(sandbox, cluster, ['clean'])).status).toBe(0);
      await nothingLeft();
    });

    test('the flows of the workload, each once, by name', async (context) => {
      // On a simulated one in a network namespace: kube-traffic.test.ts.
      if (cluster.simulated !== undefined) context.skip();
      const { flows, status } = await seeTraffic(sandbox, cluster);
      expect(status).toBe(130);
      const fingerprints = flows.map(({ fingerprint }) => fingerprint);
      expect(new Set(fingerprints).size).toBe(fingerprints.length);
      for (const { src, dst, request } of flows) {
        expect(request?.path).toBe('/ping');
        expect(src.workload).toBe('client');
        expect(dst).toMatchObject({ namespace: cluster.namespace, workload: 'web' });
      }
      await nothingLeft();
    });

    test('who has rights in one namespace only gets a Remora there, with no rights in the cluster', async () => {
      const kubeconfig = await cluster.namespaceAdmin();
      const environment = { REMORA_REMORA_NAMESPACE: cluster.namespace };
      const page = await openPage(sandbox, cluster, tap('web'), { kubeconfig, environment });
      await wrote(page.tap, cluster, 'stderr', /no rights in the whole cluster/);
      const made = await remoraObjects(cluster);
      expect(made).toContain(`Deployment ${cluster.namespace}/remora-hub`);
      expect(made.filter((one) => /^Cluster|^Namespace/.test(one))).toEqual([]);
      await expect
        .poll(async () => (await page.api<{ count: number }>('/api/v1/targets')).count, { timeout: 20_000 })
        .toBe(2);
      expect((await interrupt(page.tap)).status).toBe(130);
      await nothingLeft();
    });
  });
}
