/** A service account that may do everything in one namespace, and a kubeconfig with its token. */

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CoreV1Api, KubeConfig, type KubernetesObject, KubernetesObjectApi } from '@kubernetes/client-node';

const NAME = 'remora-e2e-admin';
const RBAC = 'rbac.authorization.k8s.io';

/** Returns the path of the kubeconfig. */
export async function namespaceAdmin(config: KubeConfig, namespace: string): Promise<string> {
  const api = KubernetesObjectApi.makeApiClient(config);
  const metadata = { name: NAME, namespace };
  const rules = [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }];
  const subjects = [{ kind: 'ServiceAccount', name: NAME, namespace }];
  const roleRef = { apiGroup: RBAC, kind: 'Role', name: NAME };
  for (const object of [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    { apiVersion: `${RBAC}/v1`, kind: 'Role', metadata, rules },
    { apiVersion: `${RBAC}/v1`, kind: 'RoleBinding', metadata, roleRef, subjects },
  ] as KubernetesObject[])
    await api.create(object as KubernetesObject & { metadata: { name: string; namespace: string } });
  const body = { spec: { audiences: [], expirationSeconds: 3600 } };
  const core = config.makeApiClient(CoreV1Api);
  const { status } = await core.createNamespacedServiceAccountToken({ name: NAME, namespace, body });
  return writeKubeconfig(config, namespace, status!.token);
}

function writeKubeconfig(config: KubeConfig, namespace: string, token: string): string {
  const own = new KubeConfig();
  const cluster = config.getCurrentCluster()!;
  own.loadFromOptions({
    clusters: [cluster],
    users: [{ name: NAME, token }],
    contexts: [{ name: NAME, cluster: cluster.name, user: NAME, namespace }],
    currentContext: NAME,
  });
  const path = join(mkdtempSync(join(tmpdir(), 'remora-e2e-')), 'kubeconfig');
  writeFileSync(path, own.exportConfig(), { mode: 0o600 });
  return path;
}
