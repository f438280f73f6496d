/** Taking things out of the cluster: finding what bears a label, deleting it in order, waiting until it has gone. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Kube } from './client.ts';
import { KubeError } from './error.ts';
import { KINDS, type KindName } from './kinds.ts';
import type { NamespaceObject, ObjectBase, PodObject } from './objects.ts';
import { servedKinds } from './served.ts';

export interface Found {
  kind: KindName;
  name: string;
  namespace: string | undefined;
  uid: string | undefined;
}

/** What runs goes first, then what it used, then its rights, at last the room they were in. */
const ORDER: readonly KindName[] = [
  'DaemonSet',
  'Deployment',
  'Service',
  'NetworkPolicy',
  'CiliumNetworkPolicy',
  'ConfigMap',
  'Secret',
  'PersistentVolumeClaim',
  'RoleBinding',
  'Role',
  'ClusterRoleBinding',
  'ClusterRole',
  'ServiceAccount',
  'Namespace',
];

export interface Unreadable {
  kind: KindName;
  namespace: string | undefined;
  error: KubeError;
}

/**
 * Everything with these labels, in the order of removing. `namespaces` are where to look when the person may not
 * look everywhere. Kinds that may not be listed at all are told in `unreadable`.
 */
export async function findLabelled(
  kube: Kube,
  labelSelector: string,
  namespaces: readonly string[],
  signal?: AbortSignal,
): Promise<{ found: Found[]; unreadable: Unreadable[] }> {
  const unreadable: Unreadable[] = [];
  const list = async (kind: KindName, namespace: string | undefined): Promise<Found[] | KubeError> => {
    try {
      const objects = await kube.list<ObjectBase>(kind, { namespace, labelSelector, signal });
      return objects.map(({ metadata: { name, namespace, uid } }) => ({ kind, name, namespace, uid }));
    } catch (error) {
      if (error instanceof KubeError && error.code === 'KUBE_FORBIDDEN') return error;
      throw error;
    }
  };
  const kinds = await servedKinds(kube, ORDER, signal);
  const found = await Promise.all(
    kinds.map(async (kind) => {
      const everywhere = await list(kind, undefined);
      if (Array.isArray(everywhere)) return everywhere;
      const places = KINDS[kind].namespaced ? namespaces : [];
      if (places.length === 0) unreadable.push({ kind, namespace: undefined, error: everywhere });
      const each = await Promise.all(
        places.map(async (namespace) => {
          const there = await list(kind, namespace);
          if (Array.isArray(there)) return there;
          unreadable.push({ kind, namespace, error: there });
          return [];
        }),
      );
      return each.flat();
    }),
  );
  return { found: found.flat(), unreadable };
}

export interface Removal {
  removed: Found[];
  failed: { object: Found; error: Error }[];
  /** Deleted, and not gone yet when the time was over: the cluster goes on with it. */
  pending: string[];
}

export interface RemoveAllOptions {
  /** For all of it, ms. */
  limitMs: number;
  onRemoved?: (object: Found) => void;
  /** Ends it early. */
  stop?: AbortSignal;
}

const EVERY_MS = 300;

/** Deletes in order, then waits until namespaces and `pods` (a label selector) have gone. Never rejects for what cannot be removed. */
export async function removeAll(
  kube: Kube,
  found: readonly Found[],
  pods: string,
  { limitMs, onRemoved, stop }: RemoveAllOptions,
): Promise<Removal> {
  const limit = AbortSignal.timeout(limitMs);
  const signal = stop === undefined ? limit : AbortSignal.any([limit, stop]);
  const removal: Removal = { removed: [], failed: [], pending: [] };
  for (const kind of ORDER) {
    await Promise.all(
      found
        .filter((object) => object.kind === kind)
        .map(async (object) => {
          try {
            const { name, namespace, uid } = object;
            if (!(await kube.remove(kind, name, namespace, { uid, signal }))) return;
            removal.removed.push(object);
            onRemoved?.(object);
          } catch (error) {
            removal.failed.push({ object, error: error as Error });
          }
        }),
    );
  }
  removal.pending = await waitUntilGone(kube, removal.removed, pods, signal);
  return removal;
}

/** What has not gone when the signal is aborted, in words. */
async function waitUntilGone(
  kube: Kube,
  removed: readonly Found[],
  labelSelector: string,
  signal: AbortSignal,
): Promise<string[]> {
  const namesOf = (kind: KindName) => removed.filter((object) => object.kind === kind);
  const namespaces = namesOf('Namespace').map(({ name }) => name);
  const places = new Set(
    [...namesOf('Deployment'), ...namesOf('DaemonSet')].map(({ namespace }) => namespace ?? ''),
  );
  let left: string[] = [];
  try {
    do {
      const pods = await Promise.all(
        [...places].map((namespace) => kube.list<PodObject>('Pod', { namespace, labelSelector, signal })),
      );
      const rooms = await Promise.all(
        namespaces.map((name) => kube.get<NamespaceObject>('Namespace', name, undefined, signal)),
      );
      left = [
        ...pods.flat().map(({ metadata }) => `pod ${metadata.namespace}/${metadata.name}`),
        ...rooms.flatMap((room) => (room === undefined ? [] : [`namespace ${room.metadata.name}`])),
      ];
      if (left.length > 0) await sleep(EVERY_MS, undefined, { signal });
    } while (left.length > 0);
  } catch (error) {
    // Out of time, or without the right to look: what was seen last is what is left.
    if (!signal.aborted && !(error instanceof KubeError)) throw error;
  }
  return left;
}
