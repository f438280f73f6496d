import type { KubeObject } from '../objects.ts';

/** A kind of objects as the API server has it. */
export interface Resource {
  kind: KubeObject['kind'];
  /** As in its address and in roles. */
  plural: string;
  /** `''`: the core group. */
  group: string;
  version: string;
}

/** Those that every mode watches: in all namespaces, or in each of the given ones. */
export const IN_NAMESPACES: readonly Resource[] = [
  { kind: 'Pod', plural: 'pods', group: '', version: 'v1' },
  { kind: 'Service', plural: 'services', group: '', version: 'v1' },
  { kind: 'EndpointSlice', plural: 'endpointslices', group: 'discovery.k8s.io', version: 'v1' },
];

/** Those that need rights in the whole cluster. */
export const IN_CLUSTER: readonly Resource[] = [
  { kind: 'Node', plural: 'nodes', group: '', version: 'v1' },
  { kind: 'Namespace', plural: 'namespaces', group: '', version: 'v1' },
];

/** `namespace` undefined: in all of them. */
export function pathOf({ group, version, plural }: Resource, namespace: string | undefined): string {
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  return namespace === undefined ? `${root}/${plural}` : `${root}/namespaces/${namespace}/${plural}`;
}
