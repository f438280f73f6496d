/** The form a client wants objects in, by its Accept header: whole, metadata only, or as a table (kubectl get). */

import { apiVersionOf, type Resource } from '../resources.ts';
import type { KubeObject } from '../types.ts';

export type Form = 'whole' | 'metadata' | 'table';

export function formOf(accept: string | undefined): Form {
  for (const part of (accept ?? '').split(',')) {
    if (part.includes('as=PartialObjectMetadata')) return 'metadata';
    if (part.includes('as=Table')) return 'table';
    if (part.trim() === 'application/json') return 'whole';
  }
  return 'whole';
}

/** One object, as an answer or in a watch. */
export function shaped(object: KubeObject, form: Form): object {
  if (form === 'metadata') return partial(object);
  return form === 'table' ? table([object], object.metadata.resourceVersion ?? '') : object;
}

interface ListMeta {
  resourceVersion: string;
  continue?: string;
  remainingItemCount?: number;
}

/** A list. Items of a typed list do not repeat their kind, as in the real one. */
export function shapedList(resource: Resource, metadata: ListMeta, items: KubeObject[], form: Form): object {
  if (form === 'metadata') {
    const list = { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata };
    return { ...list, items: items.map(partial) };
  }
  if (form === 'table') return { ...table(items, metadata.resourceVersion), metadata };
  const bare = items.map(({ kind: _kind, apiVersion: _version, ...rest }) => rest);
  return { kind: `${resource.kind}List`, apiVersion: apiVersionOf(resource), metadata, items: bare };
}

function partial({ metadata }: KubeObject): object {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata };
}

const COLUMNS = [
  {
    name: 'Name',
    type: 'string',
    format: 'name',
    description: 'Name must be unique within a namespace.',
    priority: 0,
  },
  { name: 'Created At', type: 'date', format: '', description: 'When the object was made.', priority: 0 },
];

/** The columns of a kind without its own: kubectl shows NAME and CREATED AT. */
function table(items: KubeObject[], resourceVersion: string): object {
  const rows = items.map((object) => ({
    cells: [object.metadata.name, object.metadata.creationTimestamp ?? null],
    object: partial(object),
  }));
  const head = { kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata: { resourceVersion } };
  return { ...head, columnDefinitions: COLUMNS, rows };
}
