import type { Pod } from './objects.ts';

/** What runs a pod: kind and name of its top-level controller as far as the pod itself tells. */
export interface Workload {
  kind: string;
  name: string;
}

/**
 * Pod → ReplicaSet → Deployment and Pod → Job → CronJob without reading those objects: a ReplicaSet made by a
 * Deployment is called `NAME-HASH`, the hash being the pod's `pod-template-hash`; a Job made by a CronJob is
 * called `NAME-MINUTES` (minutes since the epoch, eight digits). A pod with no owner is its own workload.
 */
export function workloadOf(pod: Pod): Workload {
  const owner = pod.metadata.ownerReferences?.find((reference) => reference.controller !== false);
  const hash = pod.metadata.labels?.['pod-template-hash'];
  if (owner === undefined) return fromName(pod.metadata.name, pod.metadata.labels ?? {});
  if (owner.kind === 'ReplicaSet' && hash !== undefined && owner.name.endsWith(`-${hash}`)) {
    return { kind: 'Deployment', name: owner.name.slice(0, -hash.length - 1) };
  }
  const scheduled = /^(.+)-\d{8,10}$/.exec(owner.name);
  if (owner.kind === 'Job' && scheduled !== null) return { kind: 'CronJob', name: scheduled[1] };
  return { kind: owner.kind, name: owner.name };
}

/** Objects that were cut down lack ownerReferences; the labels that controllers set still tell. */
function fromName(pod: string, labels: Record<string, string>): Workload {
  const template = labels['pod-template-hash'];
  if (template !== undefined) {
    const at = pod.lastIndexOf(`-${template}-`);
    if (at > 0) return { kind: 'Deployment', name: pod.slice(0, at) };
  }
  if (labels['statefulset.kubernetes.io/pod-name'] === pod) {
    return { kind: 'StatefulSet', name: pod.replace(/-\d+$/, '') };
  }
  const job = labels['batch.kubernetes.io/job-name'] ?? labels['job-name'];
  if (job !== undefined) return { kind: 'Job', name: job };
  if (labels['controller-revision-hash'] !== undefined) {
    return { kind: 'DaemonSet', name: pod.replace(/-[a-z0-9]{5}$/, '') };
  }
  return { kind: 'Pod', name: pod };
}
