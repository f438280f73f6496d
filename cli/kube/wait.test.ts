/** Waiting for hub and workers, with the controllers and kubelets of the test API server. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { KubeServer } from '../../test/kube/server.ts';
import { Kube } from './client.ts';
import { type Started, type StartProgress, waitUntilStarted } from './wait.ts';

let server: KubeServer;
let kube: Kube;
let steps: StartProgress[];
let log: string[];
beforeEach(async () => {
  server = await KubeServer.start({ nodes: ['node1', 'node2'] });
  kube = Kube.open({ kubeconfig: server.kubeconfig() });
  steps = [];
  log = [];
});
afterEach(async () => {
  kube.close();
  await server.stop();
});

function template(app: string) {
  return {
    selector: { matchLabels: { app } },
    template: {
      metadata: { labels: { app } },
      spec: { containers: [{ name: 'main', image: `registry/${app}:1` }] },
    },
  };
}

async function start(timeoutMs = 20_000, stop = new AbortController().signal): Promise<Started> {
  const metadata = (name: string) => ({ name, namespace: 'default' });
  await kube.apply({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadata('hub'),
    spec: { replicas: 1, ...template('hub') },
  } as never);
  await kube.apply({
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: metadata('worker'),
    spec: template('worker'),
  } as never);
  return await waitUntilStarted(kube, {
    namespace: 'default',
    deployment: 'hub',
    daemonSet: 'worker',
    labels: { hub: 'app=hub', worker: 'app=worker' },
    timeoutMs,
    stop,
    onProgress: (progress) => steps.push(progress),
    onLog: (lines) => log.push(...lines),
    pace: 0.05,
  });
}

test('resolves when the hub and every worker are ready', async () => {
  expect(await start()).toEqual({ workers: { ready: 2, wanted: 2 }, troubles: [] });
  expect(steps.at(-1)).toMatchObject({ hub: 'ready', workers: { ready: 2, wanted: 2 }, troubles: [] });
});

test('a hub that crashes: its status, and the end of its log', async () => {
  server.kubelet.when(
    { name: /^hub/ },
    { kind: 'crash-loop', exitCode: 7, log: 'opening\nError: no room\n' },
  );
  await expect(start()).rejects.toMatchObject({
    code: 'START_FAILED',
    message: expect.stringMatching(/^hub-\S+: .*ended with status 7.*: Error: no room$/),
  });
  expect(log).toEqual(['opening', 'Error: no room']);
});

test('a program that said why it ends is believed, with its remedy', async () => {
  const fatal = JSON.stringify({ level: 60, msg: 'the data directory is full', remedy: 'Make room.' });
  server.kubelet.when({ name: /^hub/ }, { kind: 'crash-loop', exitCode: 1, log: `${fatal}\n` });
  await expect(start()).rejects.toMatchObject({
    message: expect.stringContaining('the data directory is full'),
    remedy: 'Make room.',
  });
  expect(log).toEqual(['the data directory is full']);
});

test('workers whose image is not there end the waiting when none of them runs', async () => {
  server.kubelet.when({ name: /^worker/ }, { kind: 'image-pull' });
  await expect(start()).rejects.toMatchObject({ message: expect.stringContaining('registry/worker:1') });
});

test('one node in trouble is told and is no reason to give up the other', async () => {
  let made = 0;
  server.kubelet.when(
    { name: { test: (name: string) => /^worker/.test(name) && made++ === 0 } as never },
    { kind: 'config-error', message: 'secret "remora" not found' },
  );
  const { workers, troubles } = await start();
  expect(workers).toEqual({ ready: 1, wanted: 2 });
  expect(troubles.map(({ code }) => code)).toEqual(['CONTAINER_CONFIG']);
});

test('pods that the namespace forbids never come: why, soon', async () => {
  server.objects.modify('namespaces', '', 'default', (namespace) => {
    namespace.metadata.labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  });
  await expect(start()).rejects.toMatchObject({
    message: expect.stringContaining('violates PodSecurity "restricted'),
    remedy: expect.stringContaining('enforce=privileged'),
  });
});

test('when the time is over it says how far it came', async () => {
  server.kubelet.when({ name: /^hub/ }, { kind: 'ready', afterMs: 60_000 });
  await expect(start(600)).rejects.toMatchObject({
    code: 'START_FAILED',
    message: expect.stringMatching(/not started within 1 s: the hub is .*, 2 of 2 workers are ready/),
  });
});

test('somebody removes it meanwhile', async () => {
  server.kubelet.when({ name: /^hub/ }, { kind: 'ready', afterMs: 60_000 });
  const waiting = start();
  await expect.poll(() => steps.length).toBeGreaterThan(0);
  server.objects.remove('deployments', 'default', 'hub');
  await expect(waiting).rejects.toMatchObject({ code: 'REMORA_REMOVED' });
});

test('an interrupt ends it at once', async () => {
  server.kubelet.when({ name: /^hub/ }, { kind: 'ready', afterMs: 60_000 });
  const stop = new AbortController();
  const waiting = start(20_000, stop.signal);
  setTimeout(() => stop.abort(), 300);
  await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
});
