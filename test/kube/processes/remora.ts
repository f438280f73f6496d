/** Remora's own pods, backed by the built programs of this checkout. */

import { fileURLToPath } from 'node:url';
import type { KubeServer } from '../server.ts';
import { asRecord, type KubeObject } from '../types.ts';
import { localProcess, type Program } from './container.ts';
import { ServicePorts } from './service-ports.ts';

export interface RemoraPodsOptions {
  /** Starts real workers too. Default: worker pods are ready and nothing stands behind them. */
  workers?: {
    /** What they capture from instead of `any`. */
    interface: string;
  };
}

const HUB_PORT = 8898;
const programs = fileURLToPath(new URL('../../../dist/', import.meta.url));

/** From now on, pods of the hub (and of the workers) are real processes. Returns the way to let go of their ports. */
export function runRemora(kube: KubeServer, options: RemoraPodsOptions = {}): () => Promise<void> {
  const services = new ServicePorts(kube.cluster);
  const component = (name: string) => ({
    labels: { 'app.kubernetes.io/name': 'remora', 'app.kubernetes.io/component': name },
  });
  const hub = localProcess((pod, args) => hubProgram(kube, pod, args));
  kube.kubelet.when(component('hub'), { kind: 'run', run: hub });
  const { workers } = options;
  if (workers !== undefined) {
    const worker = localProcess(async (_pod, args) => await workerProgram(services, args, workers.interface));
    kube.kubelet.when(component('worker'), { kind: 'run', run: worker });
  }
  return async () => await services.stop();
}

function hubProgram(kube: KubeServer, pod: KubeObject, args: string[]): Program {
  const account = String(asRecord(pod['spec'])['serviceAccountName'] ?? 'default');
  const kubeconfig = kube.kubeconfig(`${pod.metadata.namespace}:${account}`);
  const local = args.map((one) => one.replace(/^--listen=.*/, '--listen=127.0.0.1:0'));
  return {
    command: process.execPath,
    args: [`${programs}hub/main.js`, ...local, `--kubeconfig=${kubeconfig}`],
    portOf: readyPort,
  };
}

/** The hub says once where it listens. */
function readyPort(line: string): { port: number; local: number } | undefined {
  if (!line.startsWith('{"ready":true')) return undefined;
  const { port } = JSON.parse(line) as { port: number };
  return { port: HUB_PORT, local: port };
}

async function workerProgram(services: ServicePorts, args: string[], source: string): Promise<Program> {
  const local: string[] = [];
  for (const one of args) {
    const hub = /^--hub=wss:\/\/([^.]+)\.([^.]+)\.svc[^:]*:(\d+)(.*)$/.exec(one);
    if (hub !== null) {
      const [, service, namespace, port, path] = hub as unknown as [string, string, string, string, string];
      local.push(`--hub=wss://localhost:${await services.portOf(namespace, service, Number(port))}${path}`);
    } else local.push(one.replace(/^--interface=.*/, `--interface=${source}`));
  }
  return { command: process.execPath, args: [`${programs}worker/main.js`, ...local] };
}
