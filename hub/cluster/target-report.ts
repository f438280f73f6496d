import type { TargetReport } from '../../flow/api.ts';
import type { Pod } from './objects.ts';
import { podEntries } from './target-entries.ts';
import type { TargetTracker } from './target-tracker.ts';
import { workloadOf } from './workload.ts';

/** Pods that are named one by one; the others are only counted. */
export const MAX_REPORTED_PODS = 1000;

/** What is tapped at the moment. */
export function reportTargets({ targets, tapped }: TargetTracker): TargetReport {
  const pods = [...tapped].sort(byName).slice(0, MAX_REPORTED_PODS);
  return {
    spec: targets.spec,
    pods: pods.map((pod) => {
      const { namespace, name, node, ips } = pod;
      return { namespace, name, node, ips, workload: workloadOf(pod).name };
    }),
    count: tapped.size,
    hints: [...targets.hints, ...unheard(tapped)],
  };
}

/** Names are ASCII: no collation is needed, which costs much for many pods. */
function byName(a: Pod, b: Pod): number {
  if (a.namespace !== b.namespace) return a.namespace < b.namespace ? -1 : 1;
  return a.name < b.name ? -1 : 1;
}

/** Pods that are tapped and of which nothing can be heard. */
function unheard(pods: Iterable<Pod>): string[] {
  const silent = [...pods].filter((pod) => pod.hostNetwork && podEntries(pod).length === 0);
  if (silent.length === 0) return [];
  const [first] = silent;
  const others = silent.length === 1 ? '' : ` and ${silent.length - 1} more`;
  return [
    `${first!.namespace}/${first!.name}${others}: on the node's network and with no port in the pod's spec, so that the traffic cannot be told from the node's.`,
  ];
}
