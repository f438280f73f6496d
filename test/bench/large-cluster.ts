/** An API server with a cluster of any size, made page by page while it is asked for: nothing of it is kept. */
import http, { type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { node, pod, service, slice } from '../kubernetes/cluster.ts';

export interface LargeCluster {
  url: string;
  /** Whether pods are watched. */
  isWatched(): boolean;
  /** Gives the pod another address, and says so to the watches. */
  change(n: number, ip: string): void;
  close(): void;
}

export const PODS_A_SERVICE = 30;

/** Objects as they are sent, with all that the API server adds and Remora does not read: about 5 KiB a pod. */
export async function startLargeCluster(pods: number, nodes: number): Promise<LargeCluster> {
  const services = Math.ceil(pods / PODS_A_SERVICE);
  const kinds: Record<string, { count: number; make: (n: number) => object }> = {
    pods: { count: pods, make: (n) => podObject(n, nodes, podIp(n)) },
    nodes: { count: nodes, make: (n) => node(`node-${n}`, nodeIp(n)) },
    services: {
      count: services,
      make: (n) => service(serviceName(n), serviceIp(n), { namespace: namespaceOf(n) }),
    },
    endpointslices: { count: services, make: (n) => sliceObject(n) },
    namespaces: { count: 200, make: (n) => ({ metadata: { name: `namespace-${n}` } }) },
  };
  const podWatches = new Set<ServerResponse>();
  const server = http.createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://cluster');
    const plural = pathname.slice(pathname.lastIndexOf('/') + 1);
    response.writeHead(200, { 'content-type': 'application/json' });
    if (searchParams.get('watch') !== 'true') {
      response.end(
        page(kinds[plural], Number(searchParams.get('continue') ?? 0), Number(searchParams.get('limit'))),
      );
      return;
    }
    response.flushHeaders();
    if (plural === 'pods') podWatches.add(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    isWatched: () => podWatches.size > 0,
    change(n, ip) {
      const line = `${JSON.stringify({ type: 'MODIFIED', object: podObject(n, nodes, ip) })}\n`;
      for (const watch of podWatches) watch.write(line);
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function page(
  { count, make }: { count: number; make: (n: number) => object },
  from: number,
  limit: number,
): string {
  const to = Math.min(count, from + limit);
  const items = Array.from({ length: to - from }, (_, n) => make(from + n));
  const metadata = { resourceVersion: '1', ...(to < count ? { continue: String(to) } : {}) };
  return JSON.stringify({ kind: 'List', apiVersion: 'v1', metadata, items });
}

function podObject(n: number, nodes: number, ip: string): object {
  const app = `workload-${Math.floor(n / 10)}`;
  const object = pod(`${app}-6cb689644c-${n.toString(36).padStart(5, '0')}`, ip, {
    namespace: namespaceOf(Math.floor(n / PODS_A_SERVICE)),
    uid: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
    labels: { app, 'pod-template-hash': '6cb689644c' },
    owner: ['ReplicaSet', `${app}-6cb689644c`],
    node: `node-${n % nodes}`,
    hostIP: nodeIp(n % nodes),
    startTime: '2023-11-14T22:13:20Z',
  });
  return { ...object, managedFields: MANAGED_FIELDS };
}

/** Most of what a pod is sent with. */
const MANAGED_FIELDS = Array.from({ length: 40 }, (_, n) => ({
  manager: 'kube-controller-manager',
  operation: 'Update',
  fieldsV1: { [`f:metadata-${n}`]: { 'f:labels': { '.': {}, 'f:app': {}, 'f:pod-template-hash': {} } } },
}));

function sliceObject(n: number): object {
  const ips = Array.from({ length: PODS_A_SERVICE }, (_, i) => podIp(n * PODS_A_SERVICE + i));
  return slice(serviceName(n), ips, { namespace: namespaceOf(n), name: `${serviceName(n)}-x` });
}

function serviceName(n: number): string {
  return `service-${n}`;
}

function namespaceOf(service: number): string {
  return `namespace-${service % 200}`;
}

export function podIp(n: number): string {
  return `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`;
}

function serviceIp(n: number): string {
  return `10.255.${n >> 8}.${n & 255}`;
}

function nodeIp(n: number): string {
  return `172.${16 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`;
}
