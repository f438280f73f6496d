/** Names and labels of all objects. Others find Remora's objects by them. */

import type { V1ObjectMeta } from '@kubernetes/client-node';
import { VERSION } from '../flow/version.ts';

export type Component = 'hub' | 'worker';

export const HUB = 'remora-hub';
export const WORKER = 'remora-worker';
export const SECRET = 'remora';
export const CONFIG_MAP = 'remora';

/** The hub's one port: browsers, scripts and workers, all by TLS. */
export const HUB_PORT = 8898;

export const SECRET_KEYS = {
  caCertificate: 'ca.crt',
  serverCertificate: 'tls.crt',
  serverKey: 'tls.key',
  token: 'token',
  workerToken: 'worker-token',
} as const;

export const TARGETS_KEY = 'targets.json';

/** Who made an object. A namespace without it is not ours to delete. */
export const MANAGED_BY_LABEL = 'app.kubernetes.io/managed-by';
export const MANAGED_BY = 'remora';

/** What tells one component's pods from all others, and never changes: selectors of workloads are immutable. */
export function selectorLabels(component: Component): Record<string, string> {
  return {
    'app.kubernetes.io/name': 'remora',
    'app.kubernetes.io/instance': 'remora',
    'app.kubernetes.io/component': component,
  };
}

/** `component` undefined: an object of both. */
export function labels(component?: Component): Record<string, string> {
  return {
    'app.kubernetes.io/name': 'remora',
    'app.kubernetes.io/instance': 'remora',
    ...(component === undefined ? {} : { 'app.kubernetes.io/component': component }),
    'app.kubernetes.io/version': VERSION,
    [MANAGED_BY_LABEL]: MANAGED_BY,
  };
}

/** The metadata of a namespaced object. */
export function metadata(namespace: string, name: string, component?: Component): V1ObjectMeta {
  return { name, namespace, labels: labels(component) };
}

/** The names that the hub's certificate holds, besides localhost for port-forwards. */
export function hubHosts(namespace: string): string[] {
  return [HUB, `${HUB}.${namespace}`, `${HUB}.${namespace}.svc`, `${HUB}.${namespace}.svc.cluster.local`];
}

/** The name that workers call. Short of the cluster's domain, which is not `cluster.local` everywhere. */
export function hubHost(namespace: string): string {
  return `${HUB}.${namespace}.svc`;
}
