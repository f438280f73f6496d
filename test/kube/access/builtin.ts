/** The roles that every cluster is born with, as far as they matter here. */

import type { KubeObject } from '../types.ts';
import type { PolicyRule } from './rules.ts';

const RBAC = 'rbac.authorization.k8s.io';
const HEALTH = ['/healthz', '/livez', '/readyz', '/version', '/version/'];
const DISCOVERY = ['/api', '/api/*', '/apis', '/apis/*', '/healthz', '/livez', '/openapi', '/openapi/*'];

export function builtinRoles(): KubeObject[] {
  return [
    clusterRole('cluster-admin', [
      { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
      { verbs: ['*'], nonResourceURLs: ['*'] },
    ]),
    clusterRole('system:basic-user', [
      {
        verbs: ['create'],
        apiGroups: ['authorization.k8s.io'],
        resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
      },
    ]),
    clusterRole('system:discovery', [
      { verbs: ['get'], nonResourceURLs: [...DISCOVERY, '/readyz', '/version', '/version/'] },
    ]),
    clusterRole('system:public-info-viewer', [{ verbs: ['get'], nonResourceURLs: HEALTH }]),
    clusterRole('system:well-known', [
      { verbs: ['get'], nonResourceURLs: ['/.well-known', '/.well-known/*'] },
    ]),
    clusterRole('system:service-account-issuer-discovery', [
      { verbs: ['get'], nonResourceURLs: ['/.well-known/openid-configuration', '/openid/v1/jwks'] },
    ]),
    bind('cluster-admin', 'system:masters'),
    bind('system:basic-user', 'system:authenticated'),
    bind('system:discovery', 'system:authenticated'),
    bind('system:public-info-viewer', 'system:authenticated', 'system:unauthenticated'),
    bind('system:well-known', 'system:authenticated'),
    bind('system:service-account-issuer-discovery', 'system:serviceaccounts'),
  ];
}

export function clusterRole(name: string, rules: PolicyRule[]): KubeObject {
  return { apiVersion: `${RBAC}/v1`, kind: 'ClusterRole', metadata: { name }, rules };
}

export function role(namespace: string, name: string, rules: PolicyRule[]): KubeObject {
  return { apiVersion: `${RBAC}/v1`, kind: 'Role', metadata: { name, namespace }, rules };
}

/** Binds a role of the same name; without a namespace, for the whole cluster. */
export function bindUser(name: string, username: string, namespace?: string): KubeObject {
  const subjects = [{ kind: 'User', apiGroup: RBAC, name: username }];
  return namespace === undefined
    ? binding('ClusterRoleBinding', { name }, 'ClusterRole', subjects)
    : binding('RoleBinding', { name, namespace }, 'Role', subjects);
}

function bind(name: string, ...groups: string[]): KubeObject {
  const subjects = groups.map((group) => ({ kind: 'Group', apiGroup: RBAC, name: group }));
  return binding('ClusterRoleBinding', { name }, 'ClusterRole', subjects);
}

function binding(
  kind: string,
  metadata: KubeObject['metadata'],
  roleKind: string,
  subjects: Record<string, string>[],
): KubeObject {
  const roleRef = { apiGroup: RBAC, kind: roleKind, name: metadata.name };
  return { apiVersion: `${RBAC}/v1`, kind, metadata, roleRef, subjects };
}
