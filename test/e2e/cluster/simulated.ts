/** The simulated cluster: the API server of test/kube, with the built hub and workers as processes behind their pods. */

import { KubeConfig } from '@kubernetes/client-node';
import { type RemoraPodsOptions, runRemora } from '../../kube/processes/remora.ts';
import { KubeServer } from '../../kube/server.ts';
import type { ObjectInput } from '../../kube/types.ts';
import { namespaceAdmin } from './namespace-admin.ts';
import type { TestCluster } from './test-cluster.ts';
import { until } from './until.ts';
import { workload } from './workload.ts';

export interface Simulated extends TestCluster {
  simulated: KubeServer;
}

const NAMESPACE = 'shop';

export interface SimulatedOptions extends RemoraPodsOptions {
  /** Called before the workload is made. */
  prepare?: (kube: KubeServer) => void;
  /** As KubeServer's. */
  customResources?: string[];
}

export async function openSimulated(options: SimulatedOptions = {}): Promise<Simulated> {
  const { customResources = [] } = options;
  const kube = await KubeServer.start({ customResources });
  const release = runRemora(kube, options);
  kube.kubelet.when({ image: /no-such-tag/ }, { kind: 'image-pull' });
  options.prepare?.(kube);
  kube.addNamespace(NAMESPACE);
  for (const object of workload(NAMESPACE, { image: 'busybox', pullPolicy: 'Never' }))
    kube.objects.create(object as ObjectInput);
  await until('the workload runs', () => running(kube) === 3, 20_000);
  const kubeconfig = kube.kubeconfig();
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  return {
    kubeconfig,
    config,
    namespace: NAMESPACE,
    imageFlags: [],
    namespaceAdmin: async () => await namespaceAdmin(config, NAMESPACE),
    simulated: kube,
    patienceMs: 110_000,
    close: async () => {
      await kube.stop();
      await release();
    },
  };
}

function running(kube: KubeServer): number {
  const phase = (status: unknown) => (status as { phase?: string } | undefined)?.phase;
  return kube.objects.list('pods', NAMESPACE).filter((pod) => phase(pod['status']) === 'Running').length;
}
