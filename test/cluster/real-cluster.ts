/** A real cluster, said by KUBECONFIG, with a small workload in a namespace of its own. */

import { existsSync } from 'node:fs';
import { CoreV1Api, KubeConfig, type KubernetesObject, KubernetesObjectApi } from '@kubernetes/client-node';
import { namespaceAdmin } from '../e2e/cluster/namespace-admin.ts';
import type { TestCluster } from '../e2e/cluster/test-cluster.ts';
import { until } from '../e2e/cluster/until.ts';
import { workload } from '../e2e/cluster/workload.ts';

const NAMESPACE = 'remora-e2e-shop';
const STANDARD_IMAGE = 'docker.io/library/busybox:1.36';

/** Environment variables, and the flags of `tap` and `install` that they become. */
const IMAGE_VARIABLES: [variable: string, flag: string][] = [
  ['REMORA_TEST_IMAGE_REGISTRY', '--image-registry'],
  ['REMORA_TEST_IMAGE_TAG', '--image-tag'],
  ['REMORA_TEST_IMAGE_PULL_POLICY', '--image-pull-policy'],
  ['REMORA_TEST_IMAGE_PULL_SECRET', '--image-pull-secret'],
];

export async function openReal(): Promise<TestCluster> {
  const kubeconfig = process.env['KUBECONFIG'] ?? '';
  const [first = ''] = kubeconfig.split(':');
  if (!existsSync(first)) throw new Error('KUBECONFIG must name the kubeconfig of the cluster to test on');
  const config = new KubeConfig();
  config.loadFromDefault();
  const patienceMs = Number(process.env['REMORA_TEST_PATIENCE'] ?? 180) * 1000;
  const removeWorkload = async () => {
    await config.makeApiClient(CoreV1Api).deleteNamespace({ name: NAMESPACE });
  };
  await makeWorkload(config, patienceMs).catch(async (error: unknown) => {
    await removeWorkload();
    throw error;
  });
  return {
    kubeconfig,
    config,
    namespace: NAMESPACE,
    imageFlags: IMAGE_VARIABLES.flatMap(([variable, flag]) => {
      const value = process.env[variable];
      return value ? [flag, value] : [];
    }),
    namespaceAdmin: async () => await namespaceAdmin(config, NAMESPACE),
    simulated: undefined,
    patienceMs,
    close: removeWorkload,
  };
}

async function makeWorkload(config: KubeConfig, patienceMs: number): Promise<void> {
  const api = KubernetesObjectApi.makeApiClient(config);
  const core = config.makeApiClient(CoreV1Api);
  const image = process.env['REMORA_TEST_WORKLOAD_IMAGE'] ?? STANDARD_IMAGE;
  const pullPolicy = process.env['REMORA_TEST_WORKLOAD_PULL_POLICY'] ?? 'IfNotPresent';
  await core.createNamespace({ body: { metadata: { name: NAMESPACE } } });
  for (const object of workload(NAMESPACE, { image, pullPolicy }))
    await api.create(object as KubernetesObject & { metadata: { name: string; namespace: string } });
  const running = async () => {
    const { items } = await core.listNamespacedPod({ namespace: NAMESPACE });
    return items.filter(({ status }) => status?.phase === 'Running').length;
  };
  await until('the workload runs', async () => (await running()) === 3, patienceMs);
}
