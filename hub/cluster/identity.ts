import { Nodes } from './nodes.ts';
import type { KubeObject } from './objects.ts';
import { type PodIdentity, Pods } from './pods.ts';
import { type ServiceIdentity, Services } from './services.ts';

/**
 * Whose an address is, and whose it was. Fed with objects (as they are now, or as watch events come), asked by address
 * and time. It knows nothing of the network: what it says follows from the API's objects alone.
 */
export class Identity {
  readonly #pods = new Pods();
  readonly #services = new Services();
  readonly #nodes = new Nodes();

  get pods(): number {
    return this.#pods.size;
  }

  /** `at`: since when it is like this, µs since the epoch; -Infinity for objects that are read only once. */
  set(object: KubeObject, at: number): void {
    switch (object.kind) {
      case 'Pod':
        this.#pods.set(object, at);
        if (!object.hostNetwork && object.node !== '') {
          for (const ip of object.ips) this.#nodes.learn(ip, object.node);
        }
        break;
      case 'Service':
        this.#services.setService(object);
        break;
      case 'EndpointSlice':
        this.#services.setSlice(object);
        break;
      case 'Node':
        this.#nodes.set(object);
    }
  }

  /** The object is gone since `at`. */
  remove(object: KubeObject, at: number): void {
    if (object.kind === 'Pod') this.#pods.remove(object, at);
    if (object.kind === 'Service') this.#services.removeService(object);
    if (object.kind === 'EndpointSlice') this.#services.removeSlice(object);
    if (object.kind === 'Node') this.#nodes.remove(object);
  }

  /** The pod that had `ip` for its own at `time`. */
  pod(ip: string, time: number): PodIdentity | undefined {
    return this.#pods.byAddress(ip, time);
  }

  /** The pod that had `port` of a node's address, by hostNetwork or a hostPort. */
  hostPod(ip: string, port: number, time: number): PodIdentity | undefined {
    return this.#pods.byHostPort(ip, port, time);
  }

  /** The service that has `ip` as a cluster address, or with `port` as an external one. */
  service(ip: string, port: number): ServiceIdentity | undefined {
    return this.#services.byAddress(ip, port);
  }

  nodePort(port: number): ServiceIdentity | undefined {
    return this.#services.byNodePort(port);
  }

  /** The services that have this endpoint. */
  servicesOf(ip: string, port: number): ServiceIdentity[] {
    return this.#services.byEndpoint(ip, port);
  }

  /** The node that has `ip`, for its own or among its pods. */
  node(ip: string): string | undefined {
    return this.#nodes.byAddress(ip);
  }

  /** There is no node of this name (any more); false where nodes may not be listed. */
  nodeHasLeft(name: string): boolean {
    return this.#nodes.hasLeft(name);
  }

  /** Addresses of a node; empty for what is none. */
  nodeAddresses(name: string): readonly string[] {
    return this.#nodes.addresses(name);
  }
}
