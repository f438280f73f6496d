/** Scheduler and kubelets in one: pods get a node and an address, run, get ready, or get into trouble as told. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../cluster.ts';
import { asList, asRecord, asStrings, type Json, type KubeObject } from '../types.ts';
import { recordEvent } from './events.ts';
import type { PodRun } from './pod-run.ts';
import { placeOn, statusOf, unscheduled } from './pod-status.ts';
import { type Trouble, trouble } from './trouble.ts';

export interface PodMatch {
  namespace?: string;
  name?: RegExp;
  labels?: Record<string, string>;
  /** Of its first container. */
  image?: RegExp;
}

export type Behaviour =
  /** Runs, and is ready after a while (default 20 ms). */
  | { kind: 'ready'; afterMs?: number }
  /** Backed by something real: see processes/. */
  | { kind: 'run'; run: PodRun }
  | Trouble;

/** Grace a pod without a process takes to end, ms. */
const ENDS_AFTER_MS = 10;
const READY_AFTER_MS = 20;

interface Life {
  controller: AbortController;
  /** Fulfilled when nothing of the pod runs any more. */
  over: Promise<void>;
}

export class Kubelet {
  readonly #cluster: Cluster;
  readonly #rules: { match: PodMatch; behaviour: Behaviour }[] = [];
  readonly #lives = new Map<string, Life>();
  readonly #ends = new Set<Promise<void>>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    cluster.objects.subscribe(({ type, resource, object }) => {
      if (resource.plural !== 'pods') return;
      if (type === 'ADDED') this.#start(object);
      else if (type === 'DELETED') this.#gone(object);
      else if (object.metadata.deletionTimestamp) this.#end(object);
    });
  }

  /** Pods made from now on that match do so; of several rules the last holds. Those that run already are replaced by you. */
  when(match: PodMatch, behaviour: Behaviour): void {
    this.#rules.unshift({ match, behaviour });
  }

  async stop(): Promise<void> {
    const lives = [...this.#lives.values()];
    for (const { controller } of lives) controller.abort();
    await Promise.all([...lives.map(({ over }) => over), ...this.#ends]);
  }

  #start(pod: KubeObject): void {
    // A pod that a test made with a status of its own stays as it is.
    if (asRecord(pod['status'])['phase'] !== undefined) return;
    const controller = new AbortController();
    const over = this.#live(pod, controller.signal).catch((error: unknown) => {
      if (!controller.signal.aborted) throw error;
    });
    this.#lives.set(pod.metadata.uid!, { controller, over });
  }

  async #live(pod: KubeObject, signal: AbortSignal): Promise<void> {
    const { namespace = '', name } = pod.metadata;
    const { objects } = this.#cluster;
    const behaviour = this.#rules.find(({ match }) => isMatch(match, pod))?.behaviour ?? { kind: 'ready' };
    await sleep(1, undefined, { signal });
    if (behaviour.kind === 'unschedulable') {
      objects.modify('pods', namespace, name, (copy) => {
        copy['status'] = unscheduled(behaviour.message);
      });
      const text = { type: 'Warning', reason: 'FailedScheduling', component: 'default-scheduler' } as const;
      recordEvent(objects, pod, { ...text, message: behaviour.message });
      return;
    }
    const scheduled = this.#schedule(pod);
    if (scheduled === undefined) return;
    if (behaviour.kind === 'ready') await this.#ready(scheduled, behaviour.afterMs ?? READY_AFTER_MS, signal);
    else if (behaviour.kind === 'run') await behaviour.run(this.#cluster, scheduled, signal);
    else await trouble(this.#cluster, scheduled, behaviour, signal);
  }

  #schedule(pod: KubeObject): KubeObject | undefined {
    const { objects } = this.#cluster;
    const { namespace = '', name } = pod.metadata;
    const node = nodeFor(pod, objects.list('nodes'));
    if (node === undefined) {
      const message = '0/0 nodes are available.';
      objects.modify('pods', namespace, name, (copy) => {
        copy['status'] = unscheduled(message);
      });
      return undefined;
    }
    const place = placeOn(objects, pod, node);
    const scheduled = objects.modify('pods', namespace, name, (copy) => {
      copy['spec'] = { ...asRecord(copy['spec']), nodeName: node };
      copy['status'] = statusOf(copy, 'Pending', place, {
        state: { waiting: { reason: 'ContainerCreating' } },
      });
    });
    const message = `Successfully assigned ${namespace}/${name} to ${node}`;
    recordEvent(objects, pod, {
      type: 'Normal',
      reason: 'Scheduled',
      message,
      component: 'default-scheduler',
    });
    return scheduled;
  }

  async #ready(pod: KubeObject, afterMs: number, signal: AbortSignal): Promise<void> {
    await sleep(afterMs, undefined, { signal });
    setRunning(this.#cluster, pod, true);
  }

  /** The pod is to end: what runs in it is told, and when it has ended the object goes. */
  #end(pod: KubeObject): void {
    const { uid, namespace = '', name, finalizers } = pod.metadata;
    const life = this.#lives.get(uid!);
    if (life?.controller.signal.aborted || finalizers?.length) return;
    life?.controller.abort();
    const end = (async () => {
      await sleep(ENDS_AFTER_MS);
      await life?.over;
      const still = this.#cluster.objects.get('pods', namespace, name);
      if (still?.metadata.uid === uid) this.#cluster.objects.remove('pods', namespace, name);
    })().finally(() => this.#ends.delete(end));
    this.#ends.add(end);
  }

  #gone({ metadata: { uid } }: KubeObject): void {
    this.#lives.get(uid!)?.controller.abort();
    this.#lives.delete(uid!);
    this.#cluster.ports.close(uid!);
    this.#cluster.logs.end(uid!);
  }
}

/** The pod runs; ready or not yet. */
export function setRunning({ objects }: Cluster, pod: KubeObject, ready: boolean): void {
  const { namespace = '', name, uid } = pod.metadata;
  objects.modify('pods', namespace, name, (copy) => {
    if (copy.metadata.uid !== uid) return;
    const { hostIP, podIP } = asRecord(copy['status']);
    const place = { hostIP: String(hostIP), podIP: String(podIP) };
    const state = { running: { startedAt: `${new Date().toISOString().slice(0, 19)}Z` } };
    copy['status'] = statusOf(copy, 'Running', place, { state, ready });
  });
}

function isMatch({ namespace, name, labels, image }: PodMatch, { metadata, spec }: KubeObject): boolean {
  const [container] = asList(asRecord(spec)['containers']);
  return (
    (namespace === undefined || namespace === metadata.namespace) &&
    (name === undefined || name.test(metadata.name)) &&
    (image === undefined || image.test(String(container?.['image']))) &&
    Object.entries(labels ?? {}).every(([key, value]) => metadata.labels?.[key] === value)
  );
}

/** The node a pod must be on (DaemonSets say so by affinity), otherwise the first. */
function nodeFor(pod: KubeObject, nodes: KubeObject[]): string | undefined {
  const spec = asRecord(pod['spec']);
  const wanted =
    spec['nodeName'] ?? nodeOfAffinity(spec) ?? asRecord(spec['nodeSelector'])['kubernetes.io/hostname'];
  if (typeof wanted === 'string') return wanted;
  return nodes[0]?.metadata.name;
}

function nodeOfAffinity(spec: Json): string | undefined {
  const required = asRecord(asRecord(asRecord(spec['affinity'])['nodeAffinity'])[REQUIRED]);
  const fields = asList(required['nodeSelectorTerms']).flatMap((term) => asList(term['matchFields']));
  return asStrings(fields.find(({ key }) => key === 'metadata.name')?.['values'])[0];
}

export const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
