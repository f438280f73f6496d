/** A pod backed by a process on this machine: started with the pod's arguments and environment, probed, restarted. */

import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../cluster.ts';
import { recordEvent } from '../controllers/events.ts';
import { setRunning } from '../controllers/kubelet.ts';
import type { PodRun } from '../controllers/pod-run.ts';
import { statusOf } from '../controllers/pod-status.ts';
import { now } from '../objects/store.ts';
import { asList, asRecord, asStrings, type Json, type KubeObject } from '../types.ts';
import { EnvironmentError, environmentOf, expanded } from './environment.ts';
import { MountError, Mounts } from './mounts.ts';
import { isReadyByProbe } from './probe.ts';

/** What to start for a container, given its arguments with everything filled in. */
export interface Program {
  command: string;
  args: string[];
  environment?: Record<string, string>;
  /** Reads a line of its output: the port in the pod and the local one, once it tells. */
  portOf?: (line: string) => { port: number; local: number } | undefined;
}

export type ProgramFor = (pod: KubeObject, args: string[]) => Program | Promise<Program>;

const PROBE_EVERY_MS = 100;
/** Between two starts; doubled each time. */
const BACK_OFF_MS = 500;
const LONGEST_BACK_OFF_MS = 10_000;

export function localProcess(programFor: ProgramFor): PodRun {
  return async (cluster, pod, signal) => {
    const container = asList(asRecord(pod['spec'])['containers'])[0]!;
    const { mounts, environment } = await prepare(cluster, pod, container, signal);
    try {
      const given = asStrings(container['args']).map((one) => mounts.localized(expanded(one, environment)));
      const program = await programFor(pod, given);
      await runForEver(
        cluster,
        pod,
        container,
        { ...program, environment: { ...environment, ...program.environment } },
        signal,
      );
    } finally {
      mounts.remove();
    }
  };
}

interface Prepared {
  mounts: Mounts;
  environment: Record<string, string>;
}

/** Waits for what the pod refers to, saying what is missing. */
async function prepare(
  cluster: Cluster,
  pod: KubeObject,
  container: Json,
  signal: AbortSignal,
): Promise<Prepared> {
  for (;;) {
    try {
      const environment = environmentOf(cluster.objects, pod, container);
      return { mounts: new Mounts(cluster.objects, pod), environment };
    } catch (error) {
      if (error instanceof MountError)
        tell(cluster, pod, 'FailedMount', `MountVolume.SetUp failed: ${error.message}`);
      else if (error instanceof EnvironmentError) {
        tell(cluster, pod, 'Failed', `Error: ${error.message}`);
        const waiting = { reason: 'CreateContainerConfigError', message: error.message };
        setState(cluster, pod, 'Pending', { waiting }, {}, 0);
      } else throw error;
    }
    await sleep(PROBE_EVERY_MS, undefined, { signal });
  }
}

async function runForEver(
  cluster: Cluster,
  pod: KubeObject,
  container: Json,
  program: Program,
  signal: AbortSignal,
): Promise<void> {
  let last: Json = {};
  for (let restarts = 0; ; restarts++) {
    const startedAt = now();
    const code = await runOnce(cluster, pod, container, program, signal);
    cluster.ports.close(pod.metadata.uid!);
    if (signal.aborted) return;
    const ended = {
      exitCode: code,
      reason: code === 0 ? 'Completed' : 'Error',
      startedAt,
      finishedAt: now(),
    };
    setState(cluster, pod, 'Running', { terminated: ended }, last, restarts);
    last = { terminated: ended };
    const { name, namespace, uid } = pod.metadata;
    const where = `${container['name']} in pod ${name}_${namespace}(${uid})`;
    tell(cluster, pod, 'BackOff', `Back-off restarting failed container ${where}`);
    const message = `back-off restarting failed container=${where}`;
    setState(cluster, pod, 'Running', { waiting: { reason: 'CrashLoopBackOff', message } }, last, restarts);
    await sleep(Math.min(BACK_OFF_MS * 2 ** restarts, LONGEST_BACK_OFF_MS), undefined, { signal });
    cluster.logs.restart(uid!, String(container['name']));
  }
}

/** Until it ends by itself, or has been made to end. Returns its exit code. */
async function runOnce(
  cluster: Cluster,
  pod: KubeObject,
  container: Json,
  { command, args, environment, portOf }: Program,
  signal: AbortSignal,
): Promise<number> {
  const uid = pod.metadata.uid!;
  const child = spawn(command, args, {
    env: { ...process.env, ...environment, REMORA_PARENT_STDIN: '1' },
    // Whatever happens to this process, the child sees the end of its input and goes.
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => undefined);
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      cluster.logs.write(uid, String(container['name']), `${line}\n`);
      const told = portOf?.(line);
      if (told !== undefined) cluster.ports.open(uid, told.port, told.local);
    });
  }
  setRunning(cluster, pod, false);
  const probing = new AbortController();
  const exited = new Promise<number>((resolve) => {
    child.on('error', () => resolve(127));
    child.on('exit', (code) => resolve(code ?? 137));
  });
  const end = () =>
    void terminate(child, Number(asRecord(pod['spec'])['terminationGracePeriodSeconds'] ?? 30));
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  void probe(cluster, pod, container, probing.signal);
  const code = await exited;
  probing.abort();
  signal.removeEventListener('abort', end);
  return code;
}

async function terminate(child: ChildProcess, graceSeconds: number): Promise<void> {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), graceSeconds * 1000);
  child.on('exit', () => clearTimeout(timer));
}

async function probe(cluster: Cluster, pod: KubeObject, container: Json, signal: AbortSignal): Promise<void> {
  let ready = false;
  while (!signal.aborted) {
    const isNow = await isReadyByProbe(container, (port) => cluster.ports.localPort(pod.metadata.uid!, port));
    if (signal.aborted) return;
    if (isNow !== ready) setRunning(cluster, pod, isNow);
    ready = isNow;
    await sleep(PROBE_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}

function setState(
  cluster: Cluster,
  pod: KubeObject,
  phase: string,
  state: Json,
  lastState: Json,
  restartCount: number,
): void {
  const { namespace = '', name, uid } = pod.metadata;
  cluster.objects.modify('pods', namespace, name, (copy) => {
    if (copy.metadata.uid !== uid) return;
    const { hostIP, podIP } = asRecord(copy['status']);
    const place = { hostIP: String(hostIP), podIP: String(podIP) };
    copy['status'] = statusOf(copy, phase, place, { state, lastState, restartCount });
  });
}

function tell(cluster: Cluster, pod: KubeObject, reason: string, message: string): void {
  const host = String(asRecord(pod['spec'])['nodeName']);
  recordEvent(cluster.objects, pod, { type: 'Warning', reason, message, component: 'kubelet', host });
}
