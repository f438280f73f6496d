/** Why something cannot start, out of what the cluster says of it: container states, conditions, events. */

import type { ContainerStatus, EventObject, PodObject } from './objects.ts';

export type TroubleCode =
  | 'IMAGE_NAME'
  | 'IMAGE_PULL'
  | 'SCHEDULING'
  | 'POD_SECURITY'
  | 'POD_REFUSED'
  | 'CONTAINER_CONFIG'
  | 'CONTAINER_START'
  | 'CRASH'
  | 'OUT_OF_MEMORY'
  | 'VOLUME'
  | 'NOT_HEALTHY'
  | 'EVICTED';

export interface Trouble {
  readonly code: TroubleCode;
  /** Of a pod, or of what should have made one: `remora-hub-6d4f-x2x9`. */
  readonly of: string;
  /** A sentence without its end: `cannot pull image "…": …`. */
  readonly text: string;
  readonly remedy: string;
  /** The container whose log may tell more. */
  readonly container?: string;
  /** How long the same trouble may go on before waiting longer is in vain, ms. */
  readonly patienceMs: number;
}

/** An image server that is busy, a node that an autoscaler is about to add, a Secret that comes a moment later. */
const PATIENCE_MS: Record<TroubleCode, number> = {
  IMAGE_NAME: 0,
  IMAGE_PULL: 12_000,
  SCHEDULING: 20_000,
  POD_SECURITY: 1_000,
  POD_REFUSED: 5_000,
  CONTAINER_CONFIG: 8_000,
  CONTAINER_START: 8_000,
  CRASH: 6_000,
  OUT_OF_MEMORY: 6_000,
  VOLUME: 20_000,
  NOT_HEALTHY: 45_000,
  EVICTED: 5_000,
};

/** undefined: nothing is wrong with the pod, as far as can be seen. `events` may be those of a whole namespace. */
export function troubleOfPod(pod: PodObject, events: readonly EventObject[]): Trouble | undefined {
  const own = events.filter(({ involvedObject: object, type }) => {
    const { uid, name } = pod.metadata;
    return (
      type === 'Warning' && (object?.uid === uid || (object?.uid === undefined && object?.name === name))
    );
  });
  return evicted(pod) ?? unscheduled(pod) ?? inContainers(pod, own) ?? inEvents(pod, own);
}

/** Why a workload gets no pods: what the admission of the namespace says to them. */
export function troubleOfWorkload(
  workload: { kind: string; name: string },
  events: readonly EventObject[],
): Trouble | undefined {
  const event = newest(
    events.filter(
      ({ reason, involvedObject: object }) =>
        reason === 'FailedCreate' &&
        // A Deployment's pods are made by its ReplicaSets.
        (object?.name === workload.name ||
          (object?.kind === 'ReplicaSet' && object.name?.startsWith(`${workload.name}-`))),
    ),
  );
  if (event === undefined) return undefined;
  const said = (event.message ?? '')
    .replace(/^\(combined from similar events\): /, '')
    .replace(/^Error creating: /, '')
    .replace(/^pods "[^"]*" is forbidden: /, '');
  if (/violates PodSecurity/.test(said)) {
    return trouble(
      'POD_SECURITY',
      workload.name,
      `the pod security of the namespace forbids its pods: ${said}`,
      'Workers need the host network and NET_RAW: label the namespace pod-security.kubernetes.io/enforce=privileged, or let Remora run in one of its own (--remora-namespace remora).',
    );
  }
  return trouble(
    'POD_REFUSED',
    workload.name,
    `the cluster refuses to make its pods: ${said}`,
    /exceeded quota/.test(said)
      ? 'Choose a namespace with room in its quota: --remora-namespace NAMESPACE.'
      : 'An admission policy of the cluster says so; its administrator can make an exception.',
  );
}

function evicted({ metadata, status }: PodObject): Trouble | undefined {
  if (status?.phase !== 'Failed') return undefined;
  const { reason = 'Failed', message = '' } = status;
  return trouble('EVICTED', metadata.name, `${reason}: ${message}`, 'Free something on the node.');
}

function unscheduled({ metadata, status }: PodObject): Trouble | undefined {
  const condition = status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (condition?.status !== 'False') return undefined;
  const said = (condition.message ?? 'no node takes it').replace(/ preemption: .*$/s, '');
  return trouble(
    'SCHEDULING',
    metadata.name,
    `no node takes it: ${said}`,
    'Make room on a node, or see what stands against it: kubectl describe node.',
  );
}

const IMAGE_REMEDY =
  'Nodes must be able to pull it: --image-registry and --image-tag choose another, --image-pull-secret gives a login.';
const LOST_RACE = /^(ContainerCreating|PodInitializing)?$/;

function inContainers({ metadata, status }: PodObject, events: readonly EventObject[]): Trouble | undefined {
  const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  for (const container of containers) {
    const found = inContainer(metadata.name, container, events);
    if (found !== undefined) return found;
  }
  return undefined;
}

function inContainer(
  pod: string,
  container: ContainerStatus,
  events: readonly EventObject[],
): Trouble | undefined {
  const waiting = container.state?.waiting;
  const reason = waiting?.reason ?? '';
  const said = waiting?.message ?? '';
  const image = `image "${container.image ?? ''}"`;
  switch (reason) {
    case 'InvalidImageName':
      return trouble('IMAGE_NAME', pod, `${image} is no valid name`, 'Mend --image-registry or --image-tag.');
    case 'ErrImageNeverPull':
      return trouble(
        'IMAGE_NAME',
        pod,
        `${image} is not on the node, and the pull policy is Never`,
        'Load it onto every node, or leave out --image-pull-policy Never.',
      );
    case 'ErrImagePull':
    case 'ImagePullBackOff':
    case 'RegistryUnavailable':
    case 'ImageInspectError':
      return trouble(
        'IMAGE_PULL',
        pod,
        `${reason}: cannot pull ${image}${why(pullFailure(events) ?? said)}`,
        IMAGE_REMEDY,
      );
    case 'CreateContainerConfigError':
    case 'CreateContainerError':
      return trouble(
        'CONTAINER_CONFIG',
        pod,
        `${reason}${why(said)}`,
        'Something it needs is not there; was it taken away meanwhile?',
      );
  }
  const ended = container.state?.terminated ?? container.lastState?.terminated;
  if (ended !== undefined && !container.ready && (ended.exitCode !== 0 || container.restartCount > 0)) {
    return crashed(pod, container, reason);
  }
  if (!LOST_RACE.test(reason)) {
    return trouble(
      'CONTAINER_START',
      pod,
      `${reason}${why(said)}`,
      'With --keep it stays in the cluster to be looked at: kubectl describe pod.',
    );
  }
  return undefined;
}

function crashed(pod: string, container: ContainerStatus, waiting: string): Trouble {
  const ended = container.state?.terminated ?? container.lastState?.terminated;
  const times = container.restartCount > 1 ? `, ${container.restartCount} times` : '';
  if (ended?.reason === 'OOMKilled') {
    return trouble(
      'OUT_OF_MEMORY',
      pod,
      `OOMKilled: it needed more memory than its limit${times}`,
      'Give it more: `remora install --print` gives the manifests to change.',
    );
  }
  if (waiting === 'RunContainerError' || ended?.reason === 'StartError') {
    const said = ended?.message ?? '';
    return trouble(
      'CONTAINER_START',
      pod,
      `${waiting || 'StartError'}: its program cannot be started${why(said)}`,
      'The image is not the right one, or the node forbids something it needs.',
    );
  }
  return {
    ...trouble(
      'CRASH',
      pod,
      `${waiting === '' ? 'it' : `${waiting}: it`} ended with status ${ended?.exitCode ?? '?'}${times}`,
      'With --keep it stays in the cluster to be looked at.',
    ),
    container: container.name,
  };
}

/** A pod that waits with no word of its own: volumes that do not come, probes that fail. */
function inEvents({ metadata, status }: PodObject, events: readonly EventObject[]): Trouble | undefined {
  const ready = status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
  if (ready) return undefined;
  const event = newest(events.filter(({ reason }) => reason !== undefined && reason in EVENT_CODES));
  if (event === undefined) return undefined;
  return trouble(
    EVENT_CODES[event.reason as string] as TroubleCode,
    metadata.name,
    `${event.reason}: ${event.message ?? ''}`,
    'With --keep it stays in the cluster to be looked at: kubectl describe pod.',
  );
}

const EVENT_CODES: Record<string, TroubleCode> = {
  FailedMount: 'VOLUME',
  FailedAttachVolume: 'VOLUME',
  FailedCreatePodSandBox: 'CONTAINER_START',
  Unhealthy: 'NOT_HEALTHY',
};

/** What the registry said, without the layers of "failed to …" before it. */
function pullFailure(events: readonly EventObject[]): string | undefined {
  const event = newest(events.filter(({ message = '' }) => message.startsWith('Failed to pull image')));
  const parts = event?.message?.split(/: (?=\S)/);
  return parts?.slice(-2).join(': ');
}

function trouble(code: TroubleCode, of: string, text: string, remedy: string): Trouble {
  return { code, of, text: text.replace(/\s+/g, ' ').trim(), remedy, patienceMs: PATIENCE_MS[code] };
}

function why(text: string): string {
  return text === '' ? '' : `: ${text}`;
}

function newest(events: readonly EventObject[]): EventObject | undefined {
  return events.toSorted((a, b) => timeOf(a).localeCompare(timeOf(b))).at(-1);
}

function timeOf({ lastTimestamp, eventTime, metadata }: EventObject): string {
  return lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? '';
}
