/** Who the hub and the workers are to the API server, and what the hub may read there. It may write nothing. */

import type {
  KubernetesObject,
  RbacV1Subject,
  V1PolicyRule,
  V1ServiceAccount,
} from '@kubernetes/client-node';
import { type Component, HUB, labels, metadata, WORKER } from './names.ts';

const READ = ['get', 'list', 'watch'];
const RBAC = 'rbac.authorization.k8s.io';

/** Exactly the kinds that the hub watches. Nodes and namespaces are objects of the cluster: not for namespaces only. */
export function hubRules(namespaceOnly: boolean): V1PolicyRule[] {
  return [
    {
      apiGroups: [''],
      resources: namespaceOnly ? ['pods', 'services'] : ['pods', 'services', 'nodes', 'namespaces'],
      verbs: READ,
    },
    { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: READ },
  ];
}

export function serviceAccounts(namespace: string): V1ServiceAccount[] {
  return [serviceAccount(namespace, HUB, 'hub'), serviceAccount(namespace, WORKER, 'worker')];
}

function serviceAccount(namespace: string, name: string, component: Component): V1ServiceAccount {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: metadata(namespace, name, component),
    // Pods get a token only where they ask for one: the hub's does.
    automountServiceAccountToken: false,
  };
}

/** The hub reads the cluster, or these namespaces alone. */
export function hubAccess(
  namespace: string,
  namespaceOnly: readonly string[] | undefined,
): KubernetesObject[] {
  const subjects: RbacV1Subject[] = [{ kind: 'ServiceAccount', name: HUB, namespace }];
  if (namespaceOnly === undefined) return clusterAccess(subjects);
  return namespaceOnly.flatMap((watched) => namespaceAccess(watched, subjects));
}

function clusterAccess(subjects: RbacV1Subject[]) {
  const meta = { name: HUB, labels: labels('hub') };
  return [
    { apiVersion: `${RBAC}/v1`, kind: 'ClusterRole', metadata: meta, rules: hubRules(false) },
    {
      apiVersion: `${RBAC}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: meta,
      roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: HUB },
      subjects,
    },
  ];
}

function namespaceAccess(watched: string, subjects: RbacV1Subject[]) {
  const meta = metadata(watched, HUB, 'hub');
  return [
    { apiVersion: `${RBAC}/v1`, kind: 'Role', metadata: meta, rules: hubRules(true) },
    {
      apiVersion: `${RBAC}/v1`,
      kind: 'RoleBinding',
      metadata: meta,
      roleRef: { apiGroup: RBAC, kind: 'Role', name: HUB },
      subjects,
    },
  ];
}
