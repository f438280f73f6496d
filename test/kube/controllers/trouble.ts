/** Pods that cannot start, with the states, messages and events that a kubelet gives of them. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../cluster.ts';
import { now } from '../objects/store.ts';
import { asList, asRecord, type Json, type KubeObject } from '../types.ts';
import { type EventText, recordEvent } from './events.ts';
import { type ContainerState, statusOf } from './pod-status.ts';

export type Trouble =
  | { kind: 'unschedulable'; message: string }
  /** ErrImagePull, then ImagePullBackOff. */
  | { kind: 'image-pull'; message?: string }
  /** The container ends with `exitCode` (default 1) soon after each start, having written `log`. */
  | { kind: 'crash-loop'; log: string; exitCode?: number; reason?: string }
  /** Runs, and its readiness probe fails. */
  | { kind: 'not-ready'; message?: string }
  /** A ConfigMap or Secret that is not there: CreateContainerConfigError. */
  | { kind: 'config-error'; message: string }
  /** A volume that cannot be mounted: ContainerCreating for ever, with a FailedMount event. */
  | { kind: 'mount'; message: string };

/** Between the steps of a trouble; the real ones take seconds. */
const STEP_MS = 40;

export async function trouble(
  cluster: Cluster,
  pod: KubeObject,
  what: Trouble,
  signal: AbortSignal,
): Promise<void> {
  const patient = new Patient(cluster, pod);
  switch (what.kind) {
    case 'image-pull':
      return imagePull(patient, what.message, signal);
    case 'crash-loop':
      return crashLoop(patient, what, signal);
    case 'not-ready': {
      const url = `http://${asRecord(pod['status'])['podIP']}:8898/readyz`;
      const why = what.message ?? `Get "${url}": dial tcp: connect: connection refused`;
      patient.set('Running', { state: { running: { startedAt: now() } } });
      patient.tell('Warning', 'Unhealthy', `Readiness probe failed: ${why}`);
      return;
    }
    case 'config-error':
      patient.wait('CreateContainerConfigError', what.message);
      patient.tell('Warning', 'Failed', `Error: ${what.message}`);
      return;
    case 'mount':
      patient.tell('Warning', 'FailedMount', what.message);
  }
}

/** One pod in trouble, through its first container. */
class Patient {
  readonly cluster: Cluster;
  readonly pod: KubeObject;
  readonly container: Json;

  constructor(cluster: Cluster, pod: KubeObject) {
    this.cluster = cluster;
    this.pod = pod;
    this.container = asList(asRecord(pod['spec'])['containers'])[0]!;
  }

  get image(): string {
    return String(this.container['image']);
  }

  set(phase: string, state: ContainerState): void {
    const { namespace = '', name, uid } = this.pod.metadata;
    this.cluster.objects.modify('pods', namespace, name, (copy) => {
      if (copy.metadata.uid !== uid) return;
      const { hostIP, podIP } = asRecord(copy['status']);
      const place = { hostIP: String(hostIP), podIP: String(podIP) };
      copy['status'] = statusOf(copy, phase, place, state);
    });
  }

  wait(reason: string, message: string): void {
    this.set('Pending', { state: { waiting: { reason, message } } });
  }

  tell(type: EventText['type'], reason: string, message: string): void {
    const host = String(asRecord(this.pod['spec'])['nodeName']);
    const fieldPath = `spec.containers{${this.container['name']}}`;
    recordEvent(this.cluster.objects, this.pod, {
      type,
      reason,
      message,
      component: 'kubelet',
      host,
      fieldPath,
    });
  }
}

async function imagePull(patient: Patient, message: string | undefined, signal: AbortSignal): Promise<void> {
  const { image } = patient;
  const why =
    message ??
    `failed to pull and unpack image "${image}": failed to resolve reference "${image}": ${image}: not found`;
  const error = `rpc error: code = Unknown desc = ${why}`;
  for (;;) {
    patient.tell('Normal', 'Pulling', `Pulling image "${image}"`);
    patient.tell('Warning', 'Failed', `Failed to pull image "${image}": ${error}`);
    patient.tell('Warning', 'Failed', 'Error: ErrImagePull');
    patient.wait('ErrImagePull', error);
    await sleep(STEP_MS, undefined, { signal });
    patient.tell('Normal', 'BackOff', `Back-off pulling image "${image}"`);
    patient.tell('Warning', 'Failed', 'Error: ImagePullBackOff');
    patient.wait('ImagePullBackOff', `Back-off pulling image "${image}"`);
    await sleep(100 * STEP_MS, undefined, { signal });
  }
}

async function crashLoop(
  patient: Patient,
  { log, exitCode, reason }: Trouble & { kind: 'crash-loop' },
  signal: AbortSignal,
): Promise<void> {
  const { cluster, pod } = patient;
  const { uid, name, namespace } = pod.metadata;
  const container = String(patient.container['name']);
  let last: Json = {};
  for (let restarts = 0; ; restarts++) {
    patient.tell('Normal', 'Pulled', `Container image "${patient.image}" already present on machine`);
    patient.tell('Normal', 'Created', `Created container ${container}`);
    patient.tell('Normal', 'Started', `Started container ${container}`);
    if (restarts > 0) cluster.logs.restart(uid!, container);
    cluster.logs.write(uid!, container, log);
    const ended = {
      exitCode: exitCode ?? 1,
      reason: reason ?? 'Error',
      startedAt: now(),
      finishedAt: now(),
      containerID: `containerd://${'0'.repeat(64)}`,
    };
    patient.set('Running', { state: { terminated: ended }, lastState: last, restartCount: restarts });
    last = { terminated: ended };
    await sleep(STEP_MS, undefined, { signal });
    const delay = Math.min(300, 10 * 2 ** restarts);
    const backOff = `back-off ${delay}s restarting failed container=${container} pod=${name}_${namespace}(${uid})`;
    patient.tell(
      'Warning',
      'BackOff',
      `Back-off restarting failed container ${container} in pod ${name}_${namespace}(${uid})`,
    );
    const waiting = { reason: 'CrashLoopBackOff', message: backOff };
    patient.set('Running', { state: { waiting }, lastState: last, restartCount: restarts });
    await sleep(STEP_MS * delay, undefined, { signal });
  }
}
