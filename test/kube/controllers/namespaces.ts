/** Namespaces: what every one has, and how one ends: first all that is in it, then itself. */

import { now, type ObjectStore } from '../objects/store.ts';
import { RESOURCES } from '../resources.ts';
import { asList, asRecord, type Json, type KubeObject } from '../types.ts';
import { beginDeletion } from '../verbs/remove.ts';

const NAMESPACED = RESOURCES.filter((resource) => resource.namespaced && !resource.virtual);

export function settleNamespaces(store: ObjectStore, ca: string): void {
  for (const namespace of store.list('namespaces')) {
    if (namespace.metadata.deletionTimestamp === undefined) furnish(store, namespace.metadata.name, ca);
    else empty(store, namespace);
  }
}

function furnish(store: ObjectStore, namespace: string, ca: string): void {
  if (store.get('serviceaccounts', namespace, 'default') === undefined)
    store.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } });
  if (store.get('configmaps', namespace, 'kube-root-ca.crt') !== undefined) return;
  const metadata = { name: 'kube-root-ca.crt', namespace };
  store.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'ca.crt': ca } } as KubeObject);
}

function empty(store: ObjectStore, namespace: KubeObject): void {
  const { name } = namespace.metadata;
  for (const resource of NAMESPACED) {
    for (const object of store.list(resource, name)) {
      if (object.metadata.deletionTimestamp === undefined) beginDeletion(store, resource, object);
    }
  }
  const left = NAMESPACED.flatMap((resource) => store.list(resource, name));
  const conditions = conditionsFor(asList(asRecord(namespace['status'])['conditions']), left);
  store.modify('namespaces', '', name, (copy) => {
    copy['status'] = { phase: 'Terminating', conditions };
  });
  if (left.length === 0) store.remove('namespaces', '', name);
}

function conditionsFor(before: Json[], left: KubeObject[]): Json[] {
  const held = left.filter(({ metadata }) => metadata.finalizers?.length);
  const finalizers = [...new Set(held.flatMap(({ metadata }) => metadata.finalizers!))];
  const kinds = [...new Set(left.map(({ kind }) => `${kind.toLowerCase()}s.`))];
  const remaining = `Some resources are remaining: ${kinds.map((kind) => `${kind} has ${countOf(left, kind)} resource instances`).join(', ')}`;
  const waiting = `Some content in the namespace has finalizers remaining: ${finalizers.map((one) => `${one} in ${held.length} resource instances`).join(', ')}`;
  const some = left.length > 0;
  return [
    [
      'NamespaceDeletionDiscoveryFailure',
      'False',
      'ResourcesDiscovered',
      'All resources successfully discovered',
    ],
    [
      'NamespaceDeletionGroupVersionParsingFailure',
      'False',
      'ParsedGroupVersions',
      'All legacy kube types successfully parsed',
    ],
    [
      'NamespaceDeletionContentFailure',
      'False',
      'ContentDeleted',
      'All content successfully deleted, may be waiting on finalization',
    ],
    some
      ? ['NamespaceContentRemaining', 'True', 'SomeResourcesRemain', remaining]
      : ['NamespaceContentRemaining', 'False', 'ContentRemoved', 'All content successfully removed'],
    held.length > 0
      ? ['NamespaceFinalizersRemaining', 'True', 'SomeFinalizersRemain', waiting]
      : [
          'NamespaceFinalizersRemaining',
          'False',
          'ContentHasNoFinalizers',
          'All content-preserving finalizers finished',
        ],
  ].map(([type, status, reason, message]) => {
    const known = before.find((one) => one['type'] === type && one['status'] === status);
    return { type, status, lastTransitionTime: known?.['lastTransitionTime'] ?? now(), reason, message };
  });
}

function countOf(objects: KubeObject[], kind: string): number {
  return objects.filter((object) => `${object.kind.toLowerCase()}s.` === kind).length;
}
