/** delete and deletecollection: at once, with grace, or when the finalizers are gone. */

import { now, type ObjectStore } from '../objects/store.ts';
import type { ApiRequest, ResourceRequest } from '../request.ts';
import type { Resource } from '../resources.ts';
import { detailsOf, modified, type Status } from '../status.ts';
import { asRecord, type Json, type KubeObject } from '../types.ts';
import { selection } from './read.ts';
import { shapedList } from './shape.ts';

export type Propagation = 'Background' | 'Foreground' | 'Orphan';

/** Deletes one object and gives the answer: a Status when it is gone, the object while it is going. */
export function remove(
  store: ObjectStore,
  request: ApiRequest,
  resource: Resource,
  target: ResourceRequest,
): object {
  const namespace = resource.namespaced ? target.namespace : '';
  const object = store.need(resource, namespace, target.name);
  const options = optionsOf(request);
  checkPreconditions(resource, object, options);
  if (request.query.getAll('dryRun').includes('All')) return success(resource, object);
  const { left, before } = beginDeletion(store, resource, object, options);
  if (left !== undefined) return left;
  return resource.returnsDeleted ? before : success(resource, object);
}

export function removeCollection(
  store: ObjectStore,
  request: ApiRequest,
  resource: Resource,
  target: ResourceRequest,
): object {
  const matches = selection(request.query, resource);
  const namespace = resource.namespaced ? target.namespace : '';
  const some = store.list(resource, namespace).filter(matches);
  for (const object of some) beginDeletion(store, resource, object, optionsOf(request));
  return shapedList(resource, { resourceVersion: String(store.revision) }, some, 'whole');
}

/** Begins to delete. `left`: the object as it stays until grace and finalizers are over. */
export function beginDeletion(
  store: ObjectStore,
  resource: Resource,
  object: KubeObject,
  options: Json = {},
): { left: KubeObject | undefined; before: KubeObject } {
  const { namespace = '', name } = object.metadata;
  const grace = graceOf(resource, object, options);
  const finalizers = finalizersFor(object, propagationOf(options));
  const waits = grace > 0 || finalizers.length > 0 || resource.plural === 'namespaces';
  if (!waits) {
    store.remove(resource, namespace, name);
    return { left: undefined, before: object };
  }
  const left = store.modify(resource, namespace, name, (copy) => {
    copy.metadata.deletionTimestamp ??= later(grace);
    if (resource.plural === 'namespaces')
      copy['status'] = { ...asRecord(copy['status']), phase: 'Terminating' };
    else copy.metadata.deletionGracePeriodSeconds ??= grace;
    if (finalizers.length > 0) copy.metadata.finalizers = finalizers;
  });
  return { left, before: object };
}

/** DeleteOptions from the body and the query. */
function optionsOf(request: ApiRequest): Json {
  const body = request.body.length === 0 ? {} : asRecord(JSON.parse(request.body.toString()));
  const { query } = request;
  const grace = query.get('gracePeriodSeconds');
  const propagation = query.get('propagationPolicy');
  return {
    ...body,
    ...(grace === null ? {} : { gracePeriodSeconds: Number(grace) }),
    ...(propagation === null ? {} : { propagationPolicy: propagation }),
  };
}

function checkPreconditions(resource: Resource, object: KubeObject, options: Json): void {
  const { uid, resourceVersion } = asRecord(options['preconditions']);
  const { metadata } = object;
  if (uid !== undefined && uid !== metadata.uid) throw modified(resource, metadata.name);
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion)
    throw modified(resource, metadata.name);
}

function propagationOf(options: Json): Propagation {
  const wish = options['propagationPolicy'];
  return wish === 'Foreground' || wish === 'Orphan' ? wish : 'Background';
}

/** Only pods that are on a node are given time to end. Seconds. */
function graceOf(resource: Resource, object: KubeObject, options: Json): number {
  if (resource.plural !== 'pods') return 0;
  const spec = asRecord(object['spec']);
  if (spec['nodeName'] === undefined) return 0;
  return Number(options['gracePeriodSeconds'] ?? spec['terminationGracePeriodSeconds'] ?? 30);
}

function finalizersFor({ metadata }: KubeObject, propagation: Propagation): string[] {
  const finalizers = [...(metadata.finalizers ?? [])];
  if (propagation === 'Foreground') finalizers.push('foregroundDeletion');
  if (propagation === 'Orphan') finalizers.push('orphan');
  return [...new Set(finalizers)];
}

function later(seconds: number): string {
  return seconds === 0 ? now() : `${new Date(Date.now() + seconds * 1000).toISOString().slice(0, 19)}Z`;
}

function success(resource: Resource, { metadata }: KubeObject): Status {
  const details = { ...detailsOf(resource, metadata.name), ...(metadata.uid ? { uid: metadata.uid } : {}) };
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
}
