/** Whether the namespace that Remora runs in lets a worker be what it must be. */

import { MANAGED_BY, MANAGED_BY_LABEL } from '../../deploy/names.ts';
import type { Kube } from '../kube/client.ts';
import { KubeError } from '../kube/error.ts';
import type { NamespaceObject } from '../kube/objects.ts';
import { type Findings, failed, ok, skipped, warning } from './finding.ts';

const LEVEL = 'pod-security.kubernetes.io/enforce';

/** Workers need the host network and NET_RAW; both the levels `baseline` and `restricted` forbid that. */
export async function* checkNamespace(
  kube: Kube,
  name: string,
  /** A tap would make it, were it not there. */
  isMade: boolean,
  signal: AbortSignal,
): Findings {
  let namespace: NamespaceObject | undefined;
  try {
    namespace = await kube.get<NamespaceObject>('Namespace', name, undefined, signal);
  } catch (error) {
    if (!(error instanceof KubeError) || error.code !== 'KUBE_FORBIDDEN') throw error;
    yield skipped('POD_SECURITY', `you may not look at namespace ${name}: its pod security is not known`);
    return;
  }
  if (namespace === undefined) {
    yield isMade
      ? ok('NAMESPACE', `namespace ${name} is not there yet: it will be made, and removed at the end`)
      : failed('NAMESPACE', `there is no namespace ${name}`, 'Name one that is there: -n NAMESPACE.');
    return;
  }
  const { labels = {}, deletionTimestamp } = namespace.metadata;
  if (deletionTimestamp !== undefined) {
    const remedy = `Wait a little. If it stays: kubectl describe namespace ${name}.`;
    yield warning('NAMESPACE', `namespace ${name} is being removed`, remedy);
    return;
  }
  const isOwn = labels[MANAGED_BY_LABEL] === MANAGED_BY;
  yield ok('NAMESPACE', `namespace ${name} is there${isOwn ? ', made by Remora' : ' and will stay'}`);
  const level = labels[LEVEL];
  if (level === 'baseline' || level === 'restricted') {
    yield failed(
      'POD_SECURITY',
      `the pod security of namespace ${name} is "${level}": workers, which need the host network and NET_RAW, are refused`,
      `kubectl label namespace ${name} ${LEVEL}=privileged --overwrite, or let Remora have its own: --remora-namespace remora.`,
    );
    return;
  }
  const text = level === undefined ? 'sets no pod security of its own' : `has pod security "${level}"`;
  yield ok('POD_SECURITY', `namespace ${name} ${text}: workers may run`);
}
