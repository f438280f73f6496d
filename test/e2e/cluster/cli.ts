/** `remora` on a test cluster. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Result, Running, Sandbox } from '../cli-support.ts';
import { REMORA_NAMESPACE, type TestCluster } from './test-cluster.ts';

export interface RemoraOptions {
  /** Path; default the cluster's own, with all rights. */
  kubeconfig?: string;
  environment?: Record<string, string>;
}

function environment(
  cluster: TestCluster,
  { kubeconfig, environment }: RemoraOptions,
): Record<string, string> {
  return {
    KUBECONFIG: kubeconfig ?? cluster.kubeconfig,
    REMORA_REMORA_NAMESPACE: REMORA_NAMESPACE,
    ...environment,
  };
}

export function start(
  sandbox: Sandbox,
  cluster: TestCluster,
  args: string[],
  options: RemoraOptions = {},
): Running {
  return sandbox.start(args, { environment: environment(cluster, options) });
}

export async function run(
  sandbox: Sandbox,
  cluster: TestCluster,
  args: string[],
  options: RemoraOptions = {},
): Promise<Result> {
  return await sandbox.run(args, { environment: environment(cluster, options) });
}

export interface Page {
  tap: Running;
  /** Asks the hub, through the forwarded port. */
  api<T>(path: string): Promise<T>;
}

/** A command that serves the page: resolves when it says where. */
export async function openPage(
  sandbox: Sandbox,
  cluster: TestCluster,
  args: string[],
  options: RemoraOptions = {},
): Promise<Page> {
  const tap = start(sandbox, cluster, [...args, '--no-open', '--port', '0'], options);
  const [, base, token] = await wrote(tap, cluster, 'stdout', /(http:\/\/[^/\s]+)\/\?token=(\S+)/);
  return {
    tap,
    api: async <T>(path: string) => {
      const answer = await fetch(`${base}${path}`, {
        headers: { authorization: `Bearer ${token}` },
        signal: AbortSignal.timeout(cluster.patienceMs),
      });
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
      return (await answer.json()) as T;
    },
  };
}

/** The first match in what the command wrote; fails when it ends before, or when the cluster's patience is over. */
export async function wrote(
  running: Running,
  { patienceMs }: TestCluster,
  stream: 'stdout' | 'stderr',
  pattern: RegExp,
): Promise<RegExpMatchArray> {
  let over = false;
  void running.ended.then(() => {
    over = true;
  });
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const match = running.output[stream].match(pattern);
    if (match !== null) return match;
    if (over || Date.now() > deadline) {
      const state = over ? 'ended' : 'still running';
      throw new Error(`${state} without ${pattern} on ${stream}: ${JSON.stringify(running.output)}`);
    }
    await sleep(50);
  }
}

/** Ctrl-C, and what came of it. */
export async function interrupt(
  { child, ended }: Running,
  signal: NodeJS.Signals = 'SIGINT',
): Promise<Result> {
  child.kill(signal);
  return await ended;
}
