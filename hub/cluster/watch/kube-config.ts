import type { KubeConfig } from '@kubernetes/client-node';
import { ClusterError } from '../error.ts';

/**
 * Where the API server is and how to show who asks: of the pod that this runs in, or of a kubeconfig file. Read anew at each
 * call. Rejects with ClusterError NOT_IN_CLUSTER or KUBECONFIG_INVALID.
 */
export async function loadKubeConfig(file: string | undefined): Promise<KubeConfig> {
  // Only a hub in a cluster has to pay for it (the build makes it one file: scripts/bundle-kubernetes.mjs).
  const library = await import('@kubernetes/client-node');
  const config = new library.KubeConfig();
  if (file === undefined) {
    if (process.env['KUBERNETES_SERVICE_HOST'] === undefined) {
      throw new ClusterError('NOT_IN_CLUSTER', 'this is no pod of a cluster, and there is no --kubeconfig');
    }
    config.loadFromCluster();
    return config;
  }
  try {
    config.loadFromFile(file);
  } catch (error) {
    throw new ClusterError('KUBECONFIG_INVALID', `${file}: ${(error as Error).message}`, error);
  }
  const server = config.getCurrentCluster()?.server;
  if (server === undefined || !URL.canParse(server)) {
    throw new ClusterError(
      'KUBECONFIG_INVALID',
      `${file}: its current context (${config.getCurrentContext() || 'none'}) names no API server`,
    );
  }
  // The library refuses http: without a word that TLS is not wanted; the address is word enough, as it is for kubectl.
  config.clusters = config.clusters.map((cluster) =>
    cluster.server.startsWith('http:') ? { ...cluster, skipTLSVerify: true } : cluster,
  );
  return config;
}
