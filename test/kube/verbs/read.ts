/** get, list and watch. */

import { setTimeout as sleep } from 'node:timers/promises';
import { decodeContinue, encodeContinue } from '../objects/page.ts';
import { type Matches, parseFieldSelector, parseLabelSelector } from '../objects/selector.ts';
import { keyOfObject, type ObjectStore } from '../objects/store.ts';
import type { WatchRequest } from '../objects/watches.ts';
import type { ApiRequest, ResourceRequest } from '../request.ts';
import type { Resource } from '../resources.ts';
import { ApiFailure, badRequest, expired } from '../status.ts';
import { formOf, shaped, shapedList } from './shape.ts';

/** How long the server waits for a version that it has not seen yet. */
const WAIT_FOR_VERSION_MS = 3000;

export function get(
  store: ObjectStore,
  request: ApiRequest,
  resource: Resource,
  target: ResourceRequest,
): object {
  const namespace = resource.namespaced ? target.namespace : '';
  return shaped(store.need(resource, namespace, target.name), formOf(request.headers['accept']));
}

export async function list(
  store: ObjectStore,
  request: ApiRequest,
  resource: Resource,
  target: ResourceRequest,
): Promise<object> {
  const { query } = request;
  const matches = selection(query, resource);
  const namespace = resource.namespaced ? target.namespace : '';
  // Version 0 is answered by the watch cache: everything at once, and in no order.
  const cached = query.get('resourceVersion') === '0' && resource.watchCache;
  const limit = cached ? 0 : Number(query.get('limit') ?? 0);
  const token = query.get('continue');
  const from = token ? decodeContinue(token) : undefined;
  const revision = from ? continued(store, from) : await wantedRevision(store, query);
  const all = store.listAt(resource, revision, namespace).filter(matches);
  const rest = from ? all.filter((object) => keyOfObject(object) > from.start) : all;
  const items = limit > 0 ? rest.slice(0, limit) : cached ? rest.reverse() : rest;
  const left = rest.length - items.length;
  const metadata = {
    resourceVersion: String(revision),
    ...(left > 0 ? { continue: encodeContinue({ revision, start: keyOfObject(items.at(-1)!) }) } : {}),
    // Not known when a selector hides some.
    ...(left > 0 && !isSelective(query) ? { remainingItemCount: left } : {}),
  };
  return shapedList(resource, metadata, items, formOf(request.headers['accept']));
}

export function watchRequest(
  request: ApiRequest,
  resource: Resource,
  target: ResourceRequest,
): Omit<WatchRequest, 'user'> {
  const { query } = request;
  const version = query.get('resourceVersion') ?? '';
  if (!/^\d*$/.test(version)) {
    const why = `strconv.ParseUint: parsing "${version}": invalid syntax`;
    throw new ApiFailure(500, undefined, `resourceVersion: Invalid value: "${version}": ${why}`);
  }
  const seconds = Number(query.get('timeoutSeconds') ?? 0);
  const form = formOf(request.headers['accept']);
  return {
    resource,
    namespace: resource.namespaced ? target.namespace : '',
    matches: selection(query, resource),
    revision: version === '' ? undefined : Number(version),
    bookmarks: query.get('allowWatchBookmarks') === 'true',
    // Without a wish the server ends a watch after 30 to 60 minutes.
    timeoutMs: seconds > 0 ? seconds * 1000 : (1800 + Math.random() * 1800) * 1000,
    shape: (object) => shaped(object, form),
  };
}

/** Both selectors of the query as one question. */
export function selection(query: URLSearchParams, resource: Resource): Matches {
  const labels = parseLabelSelector(query.get('labelSelector') ?? '');
  const fields = parseFieldSelector(query.get('fieldSelector') ?? '', resource.plural);
  return (object) => labels(object.metadata.labels ?? {}) && fields(object);
}

function isSelective(query: URLSearchParams): boolean {
  return Boolean(query.get('labelSelector') || query.get('fieldSelector'));
}

const CONTINUE_TOO_OLD =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list ' +
  'without the continue parameter, or use the continue token in this response to retrieve the remainder of the ' +
  'results. Continuing with the provided token results in an inconsistent list - objects that were created, ' +
  'modified, or deleted between the time the first chunk was returned and now may show up in the list.';

function continued(store: ObjectStore, from: { revision: number; start: string }): number {
  if (from.revision < 0) return store.revision;
  if (from.revision >= store.compacted) return from.revision;
  throw expired(CONTINUE_TOO_OLD, encodeContinue({ revision: -1, start: from.start }));
}

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#semantics-for-get-and-list */
async function wantedRevision(store: ObjectStore, query: URLSearchParams): Promise<number> {
  const version = query.get('resourceVersion') ?? '';
  if (version === '' || version === '0') return store.revision;
  if (!/^\d+$/.test(version)) throw badRequest(`resourceVersion: Invalid value: "${version}"`);
  const wanted = Number(version);
  if (wanted > store.revision) await waitFor(store, wanted);
  if (query.get('resourceVersionMatch') !== 'Exact') return store.revision;
  if (wanted < store.compacted) throw expired('The resourceVersion for the provided list is too old.');
  return wanted;
}

async function waitFor(store: ObjectStore, wanted: number): Promise<void> {
  const until = Date.now() + WAIT_FOR_VERSION_MS;
  while (Date.now() < until) {
    await sleep(50);
    if (store.revision >= wanted) return;
  }
  const message = `Timeout: Too large resource version: ${wanted}, current: ${store.revision}`;
  const causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }];
  throw new ApiFailure(504, 'Timeout', message, { causes, retryAfterSeconds: 1 }, { 'retry-after': '1' });
}
