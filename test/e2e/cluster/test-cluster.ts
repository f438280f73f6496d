/** A cluster to test on: a real one, or the simulated one of test/kube. */

import { type KubeConfig, KubernetesObjectApi } from '@kubernetes/client-node';
import type { KubeServer } from '../../kube/server.ts';

export interface TestCluster {
  /** Path of a kubeconfig with all rights. */
  kubeconfig: string;
  config: KubeConfig;
  /**
   * Holds the Deployments `web` (two pods) and `client` (one, that asks web for /ping again and again), each with
   * label `app`, and the Service `web`.
   */
  namespace: string;
  /** What `tap` and `install` are to be told of images. */
  imageFlags: string[];
  /** Path of a kubeconfig for someone who may do everything in the namespace and nothing outside of it. */
  namespaceAdmin(): Promise<string>;
  /** Undefined: real. */
  simulated: KubeServer | undefined;
  /** How long starting may take, ms. */
  patienceMs: number;
  close(): Promise<void>;
}

/** Where Remora runs in these tests, so that one that is not theirs is never touched. */
export const REMORA_NAMESPACE = 'remora-e2e';

const REMORA = 'app.kubernetes.io/name=remora';

/** The kinds that Remora makes, cluster-wide ones too. */
const KINDS: [apiVersion: string, kind: string][] = [
  ['apps/v1', 'Deployment'],
  ['apps/v1', 'DaemonSet'],
  ['v1', 'Service'],
  ['v1', 'Secret'],
  ['v1', 'ConfigMap'],
  ['v1', 'ServiceAccount'],
  ['v1', 'PersistentVolumeClaim'],
  ['networking.k8s.io/v1', 'NetworkPolicy'],
  ['rbac.authorization.k8s.io/v1', 'Role'],
  ['rbac.authorization.k8s.io/v1', 'RoleBinding'],
  ['rbac.authorization.k8s.io/v1', 'ClusterRole'],
  ['rbac.authorization.k8s.io/v1', 'ClusterRoleBinding'],
];

/** Everything of Remora's in the cluster, as `Kind namespace/name`. Pods and namespaces that are going do not count. */
export async function remoraObjects({ config }: TestCluster): Promise<string[]> {
  const api = KubernetesObjectApi.makeApiClient(config);
  const found: string[] = [];
  for (const [apiVersion, kind] of KINDS) {
    const { items } = await api.list(
      apiVersion,
      kind,
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
      REMORA,
    );
    for (const { metadata } of items) found.push(`${kind} ${metadata?.namespace ?? ''}/${metadata?.name}`);
  }
  const namespaces = await api.list('v1', 'Namespace');
  const stays = namespaces.items.filter(
    ({ metadata }) => metadata?.name === REMORA_NAMESPACE && metadata.deletionTimestamp === undefined,
  );
  return [...found, ...stays.map(() => `Namespace ${REMORA_NAMESPACE}`)];
}
