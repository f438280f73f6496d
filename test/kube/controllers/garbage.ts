/** The garbage collector: what has no owner any more goes; foreground deletion waits for what is owned. */

import type { ObjectStore } from '../objects/store.ts';
import { RESOURCES, type Resource, resourceOf } from '../resources.ts';
import type { KubeObject } from '../types.ts';
import { beginDeletion } from '../verbs/remove.ts';

const STORED = RESOURCES.filter((resource) => !resource.virtual);

export function collectGarbage(store: ObjectStore): void {
  const all = STORED.flatMap((resource) => store.list(resource));
  const alive = new Map(all.map((object) => [object.metadata.uid!, object]));
  const owned = all.filter((object) => object.metadata.ownerReferences?.length);
  for (const object of owned) {
    const owners = object.metadata.ownerReferences!.map(({ uid }) => alive.get(uid));
    const going = owners.every((owner) => owner === undefined || isForeground(owner));
    if (going && object.metadata.deletionTimestamp === undefined) drop(store, object, owners);
  }
  for (const owner of all) settleFinalizers(store, owner, owned);
}

function drop(store: ObjectStore, object: KubeObject, owners: (KubeObject | undefined)[]): void {
  // What is owned by something in foreground deletion is deleted that way too.
  const foreground = owners.some((owner) => owner !== undefined);
  beginDeletion(store, resourceOf(object), object, foreground ? { propagationPolicy: 'Foreground' } : {});
}

function isForeground({ metadata }: KubeObject): boolean {
  return (
    metadata.deletionTimestamp !== undefined && Boolean(metadata.finalizers?.includes('foregroundDeletion'))
  );
}

function settleFinalizers(store: ObjectStore, owner: KubeObject, owned: KubeObject[]): void {
  const { metadata } = owner;
  if (metadata.deletionTimestamp === undefined || !metadata.finalizers) return;
  const mine = owned.filter((object) =>
    object.metadata.ownerReferences!.some(({ uid }) => uid === metadata.uid),
  );
  const resource = resourceOf(owner);
  if (metadata.finalizers.includes('orphan')) {
    for (const object of mine) disown(store, object, metadata.uid!);
    finish(store, resource, owner, 'orphan');
  } else if (
    metadata.finalizers.includes('foregroundDeletion') &&
    !mine.some((one) => stillThere(store, one))
  ) {
    finish(store, resource, owner, 'foregroundDeletion');
  }
}

function stillThere(store: ObjectStore, { kind, apiVersion, metadata }: KubeObject): boolean {
  return store.get(resourceOf({ kind, apiVersion }), metadata.namespace ?? '', metadata.name) !== undefined;
}

function disown(store: ObjectStore, object: KubeObject, uid: string): void {
  const { namespace = '', name } = object.metadata;
  store.modify(resourceOf(object), namespace, name, (copy) => {
    copy.metadata.ownerReferences = copy.metadata.ownerReferences!.filter(
      (reference) => reference.uid !== uid,
    );
  });
}

/** Takes a finalizer off; the last one takes the object with it. */
function finish(store: ObjectStore, resource: Resource, object: KubeObject, finalizer: string): void {
  const { namespace = '', name } = object.metadata;
  store.modify(resource, namespace, name, (copy) => {
    copy.metadata.finalizers = copy.metadata.finalizers!.filter((one) => one !== finalizer);
    if (copy.metadata.finalizers.length === 0) delete copy.metadata.finalizers;
  });
}
