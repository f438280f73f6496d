import type { Pod } from './objects.ts';

/** What runs a pod: kind and name of its top-level controller, as far as the pod itself tells. */
export interface Workload {
  kind: string;
  name: string;
}

/** A Job made by a CronJob is called NAME-MINUTES, the minutes since the epoch when it was due: here from 2018 to 2084. */
const SCHEDULED = /^(.+)-(\d{8})$/;
const [FIRST_MINUTE, LAST_MINUTE] = [25_300_000, 60_000_000];

/**
 * Pod → ReplicaSet → Deployment and Pod → Job → CronJob without reading those objects: a ReplicaSet made by a
 * Deployment is called NAME-HASH, and the hash is a label of the pod. A pod with no owner is its own workload.
 */
export function workloadOf(pod: Pod): Workload {
  const { owner, labels } = pod;
  if (owner === undefined) return fromLabels(pod);
  if (owner.kind === 'ReplicaSet') {
    const deployment = withoutSuffix(owner.name, labels['pod-template-hash']);
    if (deployment !== undefined) return { kind: 'Deployment', name: deployment };
    const rollout = withoutSuffix(owner.name, labels['rollouts-pod-template-hash']);
    if (rollout !== undefined) return { kind: 'Rollout', name: rollout };
  }
  if (owner.kind === 'Job') return jobOrCronJob(owner.name);
  // A static pod is its node's: NAME-NODE.
  if (owner.kind === 'Node') return { kind: 'Pod', name: withoutSuffix(pod.name, owner.name) ?? pod.name };
  return { kind: owner.kind, name: owner.name };
}

/** Objects that were cut down lack ownerReferences; the labels that controllers set still tell. */
function fromLabels({ name, labels }: Pod): Workload {
  const hash = labels['pod-template-hash'];
  const at = hash === undefined ? -1 : name.lastIndexOf(`-${hash}-`);
  if (at > 0) return { kind: 'Deployment', name: name.slice(0, at) };
  if (labels['statefulset.kubernetes.io/pod-name'] === name) {
    return { kind: 'StatefulSet', name: name.replace(/-\d+$/, '') };
  }
  const job = labels['batch.kubernetes.io/job-name'] ?? labels['job-name'];
  if (job !== undefined) return jobOrCronJob(job);
  if (labels['controller-revision-hash'] !== undefined) {
    return { kind: 'DaemonSet', name: name.replace(/-[a-z0-9]{5}$/, '') };
  }
  return { kind: 'Pod', name };
}

function jobOrCronJob(job: string): Workload {
  const [, name, minutes] = SCHEDULED.exec(job) ?? [];
  const scheduled = Number(minutes) >= FIRST_MINUTE && Number(minutes) < LAST_MINUTE;
  return name !== undefined && scheduled ? { kind: 'CronJob', name } : { kind: 'Job', name: job };
}

function withoutSuffix(name: string, suffix: string | undefined): string | undefined {
  return suffix !== undefined && name.length > suffix.length + 1 && name.endsWith(`-${suffix}`)
    ? name.slice(0, -suffix.length - 1)
    : undefined;
}
