/** The status of a pod in each state of its life, as kubelet and scheduler write it. */

import { now, type ObjectStore } from '../objects/store.ts';
import { asList, asRecord, type Json, type KubeObject } from '../types.ts';

export interface ContainerState {
  state: Json;
  lastState?: Json;
  ready?: boolean;
  restartCount?: number;
}

export interface PodPlace {
  hostIP: string;
  podIP: string;
}

/** Pending and on no node. */
export function unscheduled(message: string): Json {
  const condition = { type: 'PodScheduled', status: 'False', lastProbeTime: null, lastTransitionTime: now() };
  return {
    phase: 'Pending',
    conditions: [{ ...condition, reason: 'Unschedulable', message }],
    qosClass: 'BestEffort',
  };
}

/** On a node, all containers in one state. */
export function statusOf(
  pod: KubeObject,
  phase: string,
  place: PodPlace | undefined,
  container: ContainerState,
): Json {
  const before = asRecord(pod['status']);
  const containers = asList(asRecord(pod['spec'])['containers']);
  const names = containers.map(({ name }) => String(name));
  const ready = container.ready ?? false;
  return {
    phase,
    conditions: [
      condition(before, 'Initialized', true),
      condition(before, 'Ready', ready, names),
      condition(before, 'ContainersReady', ready, names),
      condition(before, 'PodScheduled', true),
    ],
    ...(place === undefined
      ? {}
      : { hostIP: place.hostIP, podIP: place.podIP, podIPs: [{ ip: place.podIP }] }),
    startTime: before['startTime'] ?? now(),
    containerStatuses: containers.map(({ name, image }) =>
      containerStatus(String(name), String(image), container),
    ),
    qosClass: 'BestEffort',
  };
}

function containerStatus(
  name: string,
  image: string,
  { state, lastState, ready, restartCount }: ContainerState,
): Json {
  const runs = state['running'] !== undefined;
  return {
    name,
    state,
    lastState: lastState ?? {},
    ready: ready ?? false,
    restartCount: restartCount ?? 0,
    image,
    imageID: runs ? `sha256:${'0'.repeat(64)}` : '',
    ...(runs ? { containerID: `containerd://${'0'.repeat(64)}` } : {}),
    started: runs,
  };
}

function condition(before: Json, type: string, holds: boolean, containers: string[] = []): Json {
  const status = holds ? 'True' : 'False';
  const known = asList(before['conditions']).find((one) => one['type'] === type && one['status'] === status);
  const why = {
    reason: 'ContainersNotReady',
    message: `containers with unready status: [${containers.join(' ')}]`,
  };
  return {
    type,
    status,
    lastProbeTime: null,
    lastTransitionTime: known?.['lastTransitionTime'] ?? now(),
    ...(holds ? {} : why),
  };
}

export function isReady(pod: KubeObject): boolean {
  const conditions = asList(asRecord(pod['status'])['conditions']);
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}

/** The address of a node, and one for a pod on it: pods of node N get 10.78.N.2 and on. */
export function placeOn(store: ObjectStore, pod: KubeObject, nodeName: string): PodPlace {
  const nodes = store.list('nodes');
  const index = nodes.findIndex((node) => node.metadata.name === nodeName);
  const addresses = asList(asRecord(nodes[index]?.['status'])['addresses']);
  const hostIP = String(addresses.find(({ type }) => type === 'InternalIP')?.['address'] ?? '10.77.0.1');
  if (asRecord(pod['spec'])['hostNetwork'] === true) return { hostIP, podIP: hostIP };
  const taken = new Set(store.list('pods').map((one) => asRecord(one['status'])['podIP']));
  for (let number = 2; number < 0xffff; number++) {
    const podIP = `10.${78 + (number >> 8)}.${index + 1}.${number & 0xff}`;
    if (!taken.has(podIP)) return { hostIP, podIP };
  }
  throw new Error(`no address left for a pod on ${nodeName}`);
}
