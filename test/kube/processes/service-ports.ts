/** Services for processes on this machine: a local port for each, that leads to a ready pod's local port. */

import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { Cluster } from '../cluster.ts';
import { targetPort } from '../controllers/endpoints.ts';
import { asList, asRecord, type KubeObject } from '../types.ts';

export class ServicePorts {
  readonly #cluster: Cluster;
  readonly #servers = new Map<string, Promise<Server>>();
  readonly #sockets = new Set<Socket>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** The local port for a Service's port; the Service need not be there yet. */
  async portOf(namespace: string, service: string, port: number): Promise<number> {
    const key = `${namespace}/${service}:${port}`;
    const server = this.#servers.get(key) ?? this.#listen(namespace, service, port);
    this.#servers.set(key, server);
    return ((await server).address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    for (const server of this.#servers.values()) (await server).close();
  }

  async #listen(namespace: string, service: string, port: number): Promise<Server> {
    const server = createServer((socket) => this.#carry(socket, namespace, service, port));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  #carry(socket: Socket, namespace: string, service: string, port: number): void {
    const local = this.#endpoint(namespace, service, port);
    socket.on('error', () => socket.destroy());
    if (local === undefined) {
      socket.resetAndDestroy();
      return;
    }
    const onward = connect(local, '127.0.0.1');
    for (const [one, other] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      this.#sockets.add(one);
      one.on('close', () => {
        this.#sockets.delete(one);
        other.destroy();
      });
    }
    onward.on('error', () => onward.destroy());
    socket.pipe(onward).pipe(socket);
  }

  #endpoint(namespace: string, name: string, port: number): number | undefined {
    const { objects, ports } = this.#cluster;
    const service = objects.get('services', namespace, name);
    if (service === undefined) return undefined;
    const spec = asRecord(service['spec']);
    const wanted = asList(spec['ports']).find((one) => one['port'] === port);
    if (wanted === undefined) return undefined;
    const selector = Object.entries(asRecord(spec['selector']));
    const fits = (pod: KubeObject) => selector.every(([key, value]) => pod.metadata.labels?.[key] === value);
    for (const pod of objects.list('pods', namespace).filter(fits)) {
      const local = ports.localPort(pod.metadata.uid!, targetPort(wanted, pod));
      if (local !== undefined && !pod.metadata.deletionTimestamp) return local;
    }
    return undefined;
  }
}
