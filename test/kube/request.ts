/** What a request asks for: the path of the API taken apart, as the server's own request info does. */

import { type Resource, resourceAt } from './resources.ts';

export interface ResourceRequest {
  /** The verb of RBAC. */
  verb: string;
  group: string;
  version: string;
  plural: string;
  /** Undefined: a kind that this server does not know. */
  resource: Resource | undefined;
  namespace: string;
  name: string;
  subresource: string;
}

export interface ApiRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: Record<string, string | undefined>;
  body: Buffer;
  /** Undefined for what is no resource: `/version`. */
  target: ResourceRequest | undefined;
}

/** `/api/v1/namespaces/N/pods/P/log`, `/apis/G/V/...`; undefined for other paths and for discovery. */
export function parseTarget(
  method: string,
  path: string,
  query: URLSearchParams,
): ResourceRequest | undefined {
  const parts = path.split('/').filter(Boolean).map(decodeURIComponent);
  let rest: string[];
  let group = '';
  if (parts[0] === 'api') rest = parts.slice(1);
  else if (parts[0] === 'apis') {
    group = parts[1] ?? '';
    rest = parts.slice(2);
  } else return undefined;
  const version = rest.shift();
  if (version === undefined || rest.length === 0) return undefined;
  let namespace = '';
  // A namespace itself, and what is below it, has the path of one: /namespaces/N and /namespaces/N/status.
  if (rest[0] === 'namespaces' && rest.length > 2 && !NAMESPACE_SUBRESOURCES.includes(rest[2]!)) {
    namespace = rest[1]!;
    rest = rest.slice(2);
  } else if (rest[0] === 'namespaces' && rest.length > 1) namespace = rest[1]!;
  const [plural = '', name = '', ...below] = rest;
  return {
    verb: verbOf(method, name, query),
    group,
    version,
    plural,
    resource: resourceAt(group, version, plural),
    namespace,
    name,
    subresource: below.join('/'),
  };
}

const NAMESPACE_SUBRESOURCES = ['status', 'finalize'];

export function isWatch(query: URLSearchParams): boolean {
  return query.get('watch') === 'true' || query.get('watch') === '1';
}

function verbOf(method: string, name: string, query: URLSearchParams): string {
  switch (method) {
    case 'GET':
    case 'HEAD':
      if (name) return 'get';
      return isWatch(query) ? 'watch' : 'list';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return name ? 'delete' : 'deletecollection';
    default:
      return method.toLowerCase();
  }
}
