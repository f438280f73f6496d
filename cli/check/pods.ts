/** Whether the pods of hub and workers run, and if not, why. */

import { HUB, selectorLabels, WORKER } from '../../deploy/names.ts';
import { selectorText } from '../cluster/installation.ts';
import type { Kube } from '../kube/client.ts';
import type { DaemonSetObject, DeploymentObject, EventObject, PodObject } from '../kube/objects.ts';
import { type Trouble, troubleOfPod, troubleOfWorkload } from '../kube/trouble.ts';
import { type Finding, type Findings, failed, ok, warning } from './finding.ts';

/** More of the same tell nothing new. */
const MAX_TROUBLES = 10;

export async function* checkPods(kube: Kube, namespace: string, signal: AbortSignal): Findings {
  const { 'app.kubernetes.io/component': _, ...both } = selectorLabels('hub');
  const [hub, workers, pods, events] = await Promise.all([
    kube.get<DeploymentObject>('Deployment', HUB, namespace, signal),
    kube.get<DaemonSetObject>('DaemonSet', WORKER, namespace, signal),
    kube.list<PodObject>('Pod', { namespace, labelSelector: selectorText(both), signal }),
    // They only say why something does not run: without the right to see them the rest can still be told.
    kube.list<EventObject>('Event', { namespace, signal }).catch((): EventObject[] => []),
  ]);
  if ((hub?.status?.readyReplicas ?? 0) > 0) yield ok('HUB_POD', 'the pod of the hub is ready');
  else yield failed('HUB_POD', 'the pod of the hub is not ready');

  const { numberReady = 0, desiredNumberScheduled = 0 } = workers?.status ?? {};
  const counted = `${numberReady} of ${desiredNumberScheduled} workers are ready`;
  if (workers === undefined)
    yield failed(
      'WORKER_PODS',
      `there is no DaemonSet ${WORKER}`,
      'Install it anew: `remora clean`, then `remora tap`.',
    );
  else if (numberReady >= desiredNumberScheduled && desiredNumberScheduled > 0)
    yield ok('WORKER_PODS', counted);
  else if (numberReady > 0) yield warning('WORKER_PODS', counted);
  else yield failed('WORKER_PODS', counted);

  const troubles = [
    ...pods.flatMap((pod) => troubleOfPod(pod, events) ?? []),
    ...[HUB, WORKER].flatMap((name) => {
      const kind = name === HUB ? 'Deployment' : 'DaemonSet';
      const isWhole =
        name === HUB ? (hub?.status?.readyReplicas ?? 0) > 0 : numberReady >= desiredNumberScheduled;
      return isWhole ? [] : (troubleOfWorkload({ kind, name }, events) ?? []);
    }),
  ];
  const kinds = groupAlike(troubles);
  for (const alike of kinds.slice(0, MAX_TROUBLES)) yield fromTroubles(alike);
  if (kinds.length > MAX_TROUBLES) {
    yield failed(
      'PODS',
      `${kinds.length - MAX_TROUBLES} more reasons why pods do not run`,
      `kubectl get pods -n ${namespace}`,
    );
  }
}

/** The pods of a DaemonSet share their troubles: one stands for all that have the same. */
function fromTroubles(alike: readonly Trouble[]): Finding {
  const { code, of, text, remedy } = alike[0] as Trouble;
  const others = alike.length === 1 ? '' : ` (and ${alike.length - 1} more)`;
  return failed(code, `${of}${others}: ${text}`, remedy);
}

function groupAlike(troubles: readonly Trouble[]): Trouble[][] {
  const groups = new Map<string, Trouble[]>();
  for (const trouble of troubles) {
    const key = `${trouble.code} ${trouble.text}`;
    groups.set(key, [...(groups.get(key) ?? []), trouble]);
  }
  return [...groups.values()];
}
