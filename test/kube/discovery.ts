/** What clients ask first: versions, groups, kinds, health. */

import type { Cluster } from './cluster.ts';
import { apiVersionOf, isServed, RESOURCES, type Resource } from './resources.ts';

const VERSION = {
  major: '1',
  minor: '26',
  gitVersion: 'v1.26.4',
  gitCommit: '0000000000000000000000000000000000000000',
  gitTreeState: 'clean',
  buildDate: '2023-10-20T00:00:00Z',
  goVersion: 'go1.19.8',
  compiler: 'gc',
  platform: 'linux/amd64',
};

const STORED_VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** The answer to a path of discovery or health: JSON, or text. Undefined for every other path. */
export function discovery(
  path: string,
  { address: serverAddress, custom }: Pick<Cluster, 'address' | 'custom'>,
): object | string | undefined {
  const served = RESOURCES.filter((resource) => isServed(resource, custom));
  switch (path.replace(/\/$/, '')) {
    case '/version':
      return `${JSON.stringify(VERSION, null, 2)}\n`;
    case '/healthz':
    case '/livez':
    case '/readyz':
      return 'ok';
    case '/api':
      return {
        kind: 'APIVersions',
        versions: ['v1'],
        serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
      };
    case '/apis':
      return {
        kind: 'APIGroupList',
        apiVersion: 'v1',
        groups: groups(served).map((name) => groupEntry(served, name)),
      };
    default:
      return oneGroup(served, path);
  }
}

function oneGroup(served: readonly Resource[], path: string): object | undefined {
  const [root, first, second] = path.split('/').filter(Boolean);
  if (root === 'api' && first === 'v1' && second === undefined) return resourceList(served, '', 'v1');
  if (root !== 'apis' || first === undefined || !groups(served).includes(first)) return undefined;
  if (second === undefined) return { kind: 'APIGroup', apiVersion: 'v1', ...groupEntry(served, first) };
  const isThere = served.some(({ group, version }) => group === first && version === second);
  return path.split('/').length === 4 && isThere ? resourceList(served, first, second) : undefined;
}

function groups(served: readonly Resource[]): string[] {
  return [...new Set(served.map(({ group }) => group))].filter(Boolean);
}

/** Each group has one version. */
function groupEntry(served: readonly Resource[], name: string): object {
  const one = served.find(({ group }) => group === name) as Resource;
  const version = { groupVersion: apiVersionOf(one), version: one.version };
  return { name, versions: [version], preferredVersion: version };
}

function resourceList(served: readonly Resource[], group: string, version: string): object {
  const some = served.filter((resource) => resource.group === group && resource.version === version);
  const resources = some.flatMap((resource) => [entryOf(resource), ...subentriesOf(resource)]);
  // The core group's list comes without an apiVersion.
  return group === ''
    ? { kind: 'APIResourceList', groupVersion: version, resources }
    : { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: `${group}/${version}`, resources };
}

function entryOf(resource: Resource): object {
  const { plural, namespaced, kind, shortNames, inAll, virtual } = resource;
  const verbs = virtual
    ? ['create']
    : STORED_VERBS.filter((verb) => plural !== 'namespaces' || verb !== 'deletecollection');
  return {
    name: plural,
    singularName: '',
    namespaced,
    kind,
    verbs,
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(inAll ? { categories: ['all'] } : {}),
  };
}

function subentriesOf(resource: Resource): object[] {
  return resource.subresources.map(({ name, kind, verbs, group, version }) => ({
    name: `${resource.plural}/${name}`,
    singularName: '',
    namespaced: resource.namespaced,
    ...(group === undefined ? {} : { group, version }),
    kind,
    verbs,
  }));
}
