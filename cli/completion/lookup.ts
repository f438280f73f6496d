/** What a cluster is asked for completion, and the answers as words. */

import type { Kube } from '../kube/client.ts';
import type { Candidate } from './complete.ts';

/** Which cluster, and where in it. undefined: as the kubeconfig has it. */
export interface LookupPlace {
  kubeconfig: string | undefined;
  context: string | undefined;
  namespaces: string[] | undefined;
  allNamespaces: boolean;
}

export type Lookup =
  | 'contexts'
  | 'namespaces'
  | 'pods'
  | 'labels'
  | 'storage-classes'
  | ('deploy' | 'svc' | 'sts' | 'ds' | 'job' | 'cronjob');

/** What takes longer is of no use to anybody, ms. */
export const LOOKUP_LIMIT_MS = 10_000;

/** More than this nobody reads through. */
const MAX_OBJECTS = 500;

interface Collection {
  root: string;
  plural: string;
}

const COLLECTIONS: Partial<Record<Lookup, Collection>> = {
  pods: { root: '/api/v1', plural: 'pods' },
  labels: { root: '/api/v1', plural: 'pods' },
  svc: { root: '/api/v1', plural: 'services' },
  deploy: { root: '/apis/apps/v1', plural: 'deployments' },
  sts: { root: '/apis/apps/v1', plural: 'statefulsets' },
  ds: { root: '/apis/apps/v1', plural: 'daemonsets' },
  job: { root: '/apis/batch/v1', plural: 'jobs' },
  cronjob: { root: '/apis/batch/v1', plural: 'cronjobs' },
};

/** As far as it is read here. */
interface Named {
  metadata: { name: string; namespace?: string; labels?: Record<string, string> };
}

/** Rejects with KubeError. */
export async function lookUp(kube: Kube, place: LookupPlace, lookup: Lookup): Promise<Candidate[]> {
  if (lookup === 'contexts') {
    return kube.config.contexts.map(({ name, cluster }) => ({ value: name, description: cluster }));
  }
  if (lookup === 'namespaces') return (await list(kube, '/api/v1/namespaces')).map(justName);
  if (lookup === 'storage-classes') {
    return (await list(kube, '/apis/storage.k8s.io/v1/storageclasses')).map(justName);
  }
  const { root, plural } = COLLECTIONS[lookup] as Collection;
  const objects: Named[] = [];
  for (const namespace of namespacesOf(kube, place)) {
    const inNamespace = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
    objects.push(...(await list(kube, `${root}${inNamespace}/${plural}`)));
  }
  if (lookup === 'labels') return labelsOf(objects);
  const prefix = lookup === 'pods' ? '' : `${lookup}/`;
  return objects.map(({ metadata: { name, namespace } }) => ({
    value: `${prefix}${name}`,
    ...(namespace === undefined ? {} : { description: namespace }),
  }));
}

/** undefined: all. */
function namespacesOf(kube: Kube, { namespaces, allNamespaces }: LookupPlace): (string | undefined)[] {
  if (allNamespaces) return [undefined];
  return namespaces === undefined || namespaces.length === 0 ? [kube.namespace] : namespaces;
}

async function list(kube: Kube, path: string): Promise<Named[]> {
  const body = await kube.raw(`${path}?limit=${MAX_OBJECTS}`, 'list names');
  return (JSON.parse(body) as { items?: Named[] | null }).items ?? [];
}

function justName({ metadata }: Named): Candidate {
  return { value: metadata.name };
}

/** Of a hash in a pod's labels nobody thinks when selecting pods. */
const MADE_BY_CONTROLLERS =
  /(pod-template-hash|controller-revision-hash|pod-template-generation|pod-index|controller-uid)=/;

function labelsOf(objects: readonly Named[]): Candidate[] {
  const counts = new Map<string, number>();
  for (const { metadata } of objects) {
    for (const [name, value] of Object.entries(metadata.labels ?? {})) {
      const label = `${name}=${value}`;
      if (!MADE_BY_CONTROLLERS.test(label)) counts.set(label, (counts.get(label) ?? 0) + 1);
    }
  }
  return [...counts].map(([value, pods]) => ({ value, description: pods === 1 ? '1 pod' : `${pods} pods` }));
}
