/** Until the hub and the workers run, or it is clear that they will not. */

import { setTimeout as sleep } from 'node:timers/promises';
import { CliError } from '../errors.ts';
import { LastLog, readableLine } from '../process/logs.ts';
import type { Kube } from './client.ts';
import { KubeError } from './error.ts';
import type { DaemonSetObject, DeploymentObject, EventObject, PodObject } from './objects.ts';
import { type Trouble, troubleOfPod, troubleOfWorkload } from './trouble.ts';

export interface WaitOptions {
  namespace: string;
  deployment: string;
  daemonSet: string;
  /** Of the pods of either. */
  labels: { hub: string; worker: string };
  timeoutMs: number;
  stop: AbortSignal;
  /** Called with each look at it that shows something new. */
  onProgress: (progress: StartProgress) => void;
  /** Called with the end of a container's log before the failure that it explains. */
  onLog: (lines: readonly string[]) => void;
  /** Multiplies all times but `timeoutMs`: tests have less patience. */
  pace?: number;
}

export interface StartProgress {
  hub: PodStep;
  workers: { ready: number; wanted: number };
  troubles: readonly Trouble[];
}

/** How far a pod has come. */
export type PodStep = 'waiting for a pod' | 'waiting for a node' | 'getting its image' | 'starting' | 'ready';

export interface Started {
  workers: { ready: number; wanted: number };
  /** Of workers that do not run. */
  troubles: readonly Trouble[];
}

const EVERY_MS = 700;
/** So long nothing is asked about troubles: pods always take a moment. */
const CALM_MS = 2_500;
/** A DaemonSet that wants no pods after so long has no nodes. */
const NO_NODES_MS = 8_000;

/**
 * Resolves when the hub is ready and every worker is, or is in a trouble that waiting does not mend, as long as
 * one of them runs. Rejects with CliError START_FAILED, or the signal's reason.
 */
export async function waitUntilStarted(kube: Kube, options: WaitOptions): Promise<Started> {
  const { pace = 1 } = options;
  const startedAt = performance.now();
  const patience = new Patience(pace);
  let shown = '';
  for (;;) {
    const elapsed = performance.now() - startedAt;
    const look = await lookAt(kube, options, elapsed > CALM_MS * pace);
    const lasting = patience.exhausted(look.troubles);
    const progress = { hub: look.hub, workers: look.workers, troubles: look.troubles };
    const text = JSON.stringify(progress);
    if (text !== shown) options.onProgress(progress);
    shown = text;

    const { workers } = look;
    const late = elapsed > options.timeoutMs;
    if (look.hub === 'ready' && look.settled) {
      const broken = lasting.filter(({ component }) => component === 'worker');
      const all = workers.wanted > 0 && workers.ready === workers.wanted;
      if (all || (workers.ready > 0 && (late || workers.ready + broken.length >= workers.wanted))) {
        return { workers, troubles: broken };
      }
    }
    const fatal = fatalTrouble(look, lasting, late);
    if (fatal !== undefined) throw await failure(kube, options, fatal);
    if (workers.wanted === 0 && look.settled && elapsed > NO_NODES_MS * pace) throw noNodes();
    if (late) throw tooLate(look, options);
    await sleep(EVERY_MS * pace, undefined, { signal: options.stop });
  }
}

interface ComponentTrouble extends Trouble {
  component: 'hub' | 'worker';
}

interface Look {
  hub: PodStep;
  workers: { ready: number; wanted: number };
  /** The controllers have seen what was applied last. */
  settled: boolean;
  troubles: ComponentTrouble[];
}

async function lookAt(kube: Kube, options: WaitOptions, askEvents: boolean): Promise<Look> {
  const { namespace, deployment: hubName, daemonSet: workerName, labels, stop: signal } = options;
  const [deployment, daemonSet, hubPods, workerPods] = await Promise.all([
    kube.get<DeploymentObject>('Deployment', hubName, namespace, signal),
    kube.get<DaemonSetObject>('DaemonSet', workerName, namespace, signal),
    kube.list<PodObject>('Pod', { namespace, labelSelector: labels.hub, signal }),
    kube.list<PodObject>('Pod', { namespace, labelSelector: labels.worker, signal }),
  ]);
  if (deployment === undefined || daemonSet === undefined) throw removedMeanwhile(namespace);
  const hub = hubStep(deployment, hubPods.filter(isStaying));
  const workers = workerCounts(daemonSet);
  const look: Look = {
    hub,
    workers,
    settled: isCurrent(deployment) && isCurrent(daemonSet),
    troubles: [],
  };
  if (!askEvents || (hub === 'ready' && workers.wanted > 0 && workers.ready === workers.wanted)) return look;

  const events = await warnings(kube, namespace, signal);
  const inPods = (component: 'hub' | 'worker', pods: readonly PodObject[]) =>
    pods.filter(isStaying).flatMap((pod) => {
      const trouble = troubleOfPod(pod, events);
      return trouble === undefined ? [] : [{ ...trouble, component }];
    });
  const inWorkload = (component: 'hub' | 'worker', kind: string, name: string, missing: boolean) => {
    const trouble = missing ? troubleOfWorkload({ kind, name }, events) : undefined;
    return trouble === undefined ? [] : [{ ...trouble, component }];
  };
  look.troubles = [
    ...inWorkload('hub', 'Deployment', hubName, hubPods.length === 0),
    ...inPods('hub', hubPods),
    ...inWorkload('worker', 'DaemonSet', workerName, workerPods.length < workers.wanted),
    ...inPods('worker', workerPods),
  ];
  return look;
}

/** Which trouble ends the waiting: any of the hub, or of the workers when none of them runs. */
function fatalTrouble(
  { hub, workers, troubles }: Look,
  lasting: readonly ComponentTrouble[],
  late: boolean,
): ComponentTrouble | undefined {
  const candidates = late ? troubles : lasting;
  const ofHub = hub === 'ready' ? undefined : candidates.find(({ component }) => component === 'hub');
  if (ofHub !== undefined) return ofHub;
  const ofWorkers = candidates.filter(({ component }) => component === 'worker');
  const none = workers.ready === 0 && workers.wanted > 0;
  const refusedAll = ofWorkers.some(({ code }) => code === 'POD_SECURITY' || code === 'POD_REFUSED');
  return none && (late || refusedAll || ofWorkers.length >= workers.wanted) ? ofWorkers[0] : undefined;
}

/** How long which trouble has gone on. */
class Patience {
  private readonly pace: number;
  private since = new Map<string, number>();

  constructor(pace: number) {
    this.pace = pace;
  }

  exhausted(troubles: readonly ComponentTrouble[]): ComponentTrouble[] {
    const now = performance.now();
    const before = this.since;
    this.since = new Map(
      troubles.map(({ of, code }) => [`${of} ${code}`, before.get(`${of} ${code}`) ?? now]),
    );
    return troubles.filter(
      ({ of, code, patienceMs }) => now - (this.since.get(`${of} ${code}`) ?? now) >= patienceMs * this.pace,
    );
  }
}

function isStaying({ metadata }: PodObject): boolean {
  return metadata.deletionTimestamp === undefined;
}

function isCurrent({ metadata, status }: DeploymentObject | DaemonSetObject): boolean {
  return (status?.observedGeneration ?? 0) >= (metadata.generation ?? 1);
}

function hubStep({ status }: DeploymentObject, pods: readonly PodObject[]): PodStep {
  const pod = pods
    .toSorted((a, b) =>
      (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? ''),
    )
    .at(-1);
  if (pod === undefined) return 'waiting for a pod';
  // An old pod may still be ready while the new one is not made yet.
  const onlyNew = status?.updatedReplicas === status?.replicas;
  if (onlyNew && isTrue(pod, 'Ready')) return 'ready';
  if (!isTrue(pod, 'PodScheduled')) return 'waiting for a node';
  const started = pod.status?.containerStatuses?.some(({ state }) => state?.running !== undefined);
  return started ? 'starting' : 'getting its image';
}

function isTrue({ status }: PodObject, type: string): boolean {
  return (
    status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false
  );
}

/** Pods of before the last change do not count. */
function workerCounts({ status }: DaemonSetObject): { ready: number; wanted: number } {
  const wanted = status?.desiredNumberScheduled ?? 0;
  return { wanted, ready: Math.min(status?.numberReady ?? 0, status?.updatedNumberScheduled ?? 0) };
}

/** Without the right to see them, what pods themselves say has to do. */
async function warnings(kube: Kube, namespace: string, signal: AbortSignal): Promise<EventObject[]> {
  try {
    return await kube.list<EventObject>('Event', { namespace, fieldSelector: 'type=Warning', signal });
  } catch (error) {
    if (error instanceof KubeError && error.code === 'KUBE_FORBIDDEN') return [];
    throw error;
  }
}

const LOG_LINES = 12;

async function failure(kube: Kube, options: WaitOptions, trouble: Trouble): Promise<CliError> {
  const { of, text, remedy, container } = trouble;
  const lines = container === undefined ? [] : await endOfLog(kube, options.namespace, of, container);
  if (lines.length > 0) options.onLog(lines.map(readableLine));
  const log = new LastLog();
  for (const line of lines) log.add(line);
  const reason = log.reason();
  return new CliError('START_FAILED', `${of}: ${text}${reason === undefined ? '' : `: ${reason.text}`}`, {
    remedy: reason?.remedy ?? remedy,
  });
}

/** Of its last run where that is left, else of this one. */
async function endOfLog(kube: Kube, namespace: string, pod: string, container: string): Promise<string[]> {
  for (const previous of [true, false]) {
    try {
      const text = await kube.log(namespace, pod, {
        container,
        previous,
        tailLines: LOG_LINES,
        limitBytes: 16 * 1024,
      });
      // containerd forgets logs before the kubelet does, and says so in the log's place.
      if (text.trim() !== '' && !text.startsWith('unable to retrieve container logs')) {
        return text.trimEnd().split('\n');
      }
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
    }
  }
  return [];
}

function noNodes(): CliError {
  return new CliError('START_FAILED', 'no node of the cluster takes a worker', {
    remedy: 'See kubectl get nodes: are there any, and do they run Linux?',
  });
}

function tooLate({ hub, workers }: Look, { timeoutMs }: WaitOptions): CliError {
  const state = `the hub is ${hub}, ${workers.ready} of ${workers.wanted} workers are ready`;
  return new CliError('START_FAILED', `not started within ${Math.round(timeoutMs / 1000)} s: ${state}`, {
    remedy: 'Slow image pulls may need --timeout; `remora check` looks at each part.',
  });
}

function removedMeanwhile(namespace: string): CliError {
  return new CliError('REMORA_REMOVED', `somebody took Remora out of namespace "${namespace}" meanwhile`);
}
