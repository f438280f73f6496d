import type { KubernetesObject } from '@kubernetes/client-node';
import { hubAccess, serviceAccounts } from './access.ts';
import { ciliumPolicy } from './cilium-policy.ts';
import { configMap, secret } from './configuration.ts';
import { DeployError } from './errors.ts';
import { hubDeployment, hubService, hubVolumeClaim } from './hub.ts';
import { namespaceObject } from './namespace.ts';
import { networkPolicy } from './network-policy.ts';
import type { DeployOptions } from './options.ts';
import { workerDaemonSet } from './worker.ts';

/** RFC 1123: what Kubernetes takes as a namespace's name. */
const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/**
 * All of Remora in a cluster, in the order of applying; the other way round is the order of removing.
 * Valid for Kubernetes 1.26 and later. Equal options give equal objects.
 *
 * Throws DeployError DEPLOY_OPTION_INVALID.
 */
export function manifests(options: DeployOptions): KubernetesObject[] {
  const { namespace, namespaceOnly, credentials, targets, hub } = options;
  checkNamespaces(options);
  // Who has no rights in the cluster can make no namespace either.
  const own = options.createNamespace && namespaceOnly === undefined;
  return [
    ...(own ? [namespaceObject(namespace)] : []),
    ...serviceAccounts(namespace),
    ...hubAccess(namespace, namespaceOnly),
    secret(namespace, credentials),
    configMap(namespace, targets),
    // First, so that there is no moment in which the other keeps nodes out.
    ...(hub.cilium && hub.nodeCidrs.length > 0 ? [ciliumPolicy(namespace)] : []),
    networkPolicy(namespace, hub.nodeCidrs),
    ...hubVolumeClaim(options),
    hubService(namespace),
    hubDeployment(options),
    workerDaemonSet(options),
  ];
}

function checkNamespaces({ namespace, namespaceOnly = [namespace] }: DeployOptions): void {
  for (const name of [namespace, ...namespaceOnly]) {
    if (NAMESPACE.test(name)) continue;
    throw new DeployError(
      'DEPLOY_OPTION_INVALID',
      `'${name}' cannot be the name of a namespace`,
      'Give lower case letters, digits and hyphens, at most 63, with no hyphen at either end.',
    );
  }
  if (namespaceOnly.length > 0 && new Set(namespaceOnly).size === namespaceOnly.length) return;
  throw new DeployError(
    'DEPLOY_OPTION_INVALID',
    'the namespaces to be seen are none, or one of them twice',
    'Give each namespace once, and at least one.',
  );
}
