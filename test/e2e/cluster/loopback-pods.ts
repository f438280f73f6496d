/**
 * The workload with real traffic: every pod has an address of its own on the loopback interface, `web` answers
 * there and `client` asks from there. Only for a network namespace that is thrown away afterwards.
 */

import { spawnSync } from 'node:child_process';
import { createServer, get, type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../../kube/cluster.ts';
import { setRunning } from '../../kube/controllers/kubelet.ts';
import type { KubeServer } from '../../kube/server.ts';
import { asRecord, type KubeObject } from '../../kube/types.ts';

const PORT = 8080;
const ASK_EVERY_MS = 200;

/** Backs the pods of `web` and `client` from now on. */
export function runLoopbackPods(kube: KubeServer): void {
  kube.kubelet.when({ labels: { app: 'web' } }, { kind: 'run', run: serve });
  kube.kubelet.when({ labels: { app: 'client' } }, { kind: 'run', run: ask });
}

const addressOf = (pod: KubeObject) => String(asRecord(pod['status'])['podIP']);

async function serve(cluster: Cluster, pod: KubeObject, signal: AbortSignal): Promise<void> {
  const address = takeAddress(pod);
  const server: Server = createServer((_request, response) => response.end('pong\n'));
  await new Promise<void>((resolve) => server.listen(PORT, address, resolve));
  setRunning(cluster, pod, true);
  await aborted(signal);
  server.closeAllConnections();
  server.close();
}

/** Asks every pod of `web` in turn; a proxy for the Service there is none. */
async function ask(cluster: Cluster, pod: KubeObject, signal: AbortSignal): Promise<void> {
  const localAddress = takeAddress(pod);
  setRunning(cluster, pod, true);
  for (let count = 0; !signal.aborted; count++) {
    const web = cluster.objects.list('pods', pod.metadata.namespace!).filter(isWeb);
    const server = web[count % web.length];
    if (server !== undefined) request(addressOf(server), localAddress, count);
    await sleep(ASK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}

function isWeb({ metadata, status }: KubeObject): boolean {
  return metadata.labels?.['app'] === 'web' && asRecord(status)['phase'] === 'Running';
}

function request(host: string, localAddress: string, count: number): void {
  const asked = get({ host, port: PORT, localAddress, path: `/ping?n=${count}`, agent: false }, (answer) =>
    answer.resume(),
  );
  // The pod may be gone in this moment.
  asked.on('error', () => undefined);
}

function takeAddress(pod: KubeObject): string {
  const address = addressOf(pod);
  const { status, stderr } = spawnSync('ip', ['address', 'add', `${address}/32`, 'dev', 'lo'], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`no address ${address} for a pod: ${stderr}`);
  return address;
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}
