import type { Endpoint } from '../../flow/flow.ts';
import type { Identity, PodIdentity, ServiceIdentity } from './identity.ts';

/** How one worker saw one end: what its address says, and how near to the real end that is. */
export interface SeenEnd {
  endpoint: Endpoint;
  /** What the address belongs to. Of several views of one exchange, the client is the one with the highest. */
  standing: number;
  /** The service that was dialled, where the address is the service's own (not one of its endpoints'). */
  dialled?: ServiceIdentity;
}

/** An address on the way (node or gateway: source NAT) says less than one outside, and that less than a pod's. */
export const Standing = { onTheWay: 0, outside: 1, pod: 2 } as const;

/** Names the two ends of what a worker saw. `time` in µs; `observer` is the worker's node. */
export class Resolver {
  readonly #identity: Identity;

  constructor(identity: Identity) {
    this.#identity = identity;
  }

  client(ip: string, port: number, time: number, observer: string): SeenEnd {
    const pod = this.#identity.pod(ip, port, time);
    if (pod !== undefined) return { endpoint: podEndpoint(ip, port, pod), standing: Standing.pod };
    return this.#withoutPod(ip, port, observer);
  }

  server(ip: string, port: number, time: number, observer: string): SeenEnd {
    const byAddress = this.#identity.serviceByAddress(ip);
    if (byAddress !== undefined) return dialledService(ip, port, byAddress);

    const pod =
      this.#identity.pod(ip, port, time) ??
      (isLoopback(ip) ? this.#identity.hostPod(observer, port, time) : undefined);
    if (pod !== undefined) {
      const endpoint = podEndpoint(ip, port, pod);
      const service = this.#identity.serviceByEndpoint(ip, port, pod.workload);
      if (service !== undefined) endpoint.service = service.name;
      return { endpoint, standing: Standing.pod };
    }
    const node = this.#identity.node(ip);
    const byNodePort = node === undefined ? undefined : this.#identity.serviceByNodePort(port);
    if (byNodePort !== undefined) return dialledService(ip, port, byNodePort);
    return this.#withoutPod(ip, port, observer);
  }

  #withoutPod(ip: string, port: number, observer: string): SeenEnd {
    const node = isLoopback(ip) && observer !== '' ? observer : this.#identity.node(ip);
    if (node !== undefined) return { endpoint: { ip, port, name: node, node }, standing: Standing.onTheWay };
    return { endpoint: { ip, port, name: ip }, standing: Standing.outside };
  }
}

/** The client of an exchange that was seen in several ways: before source NAT it has its own address. */
export function realClient(seen: readonly SeenEnd[]): Endpoint {
  return seen.reduce((best, end) => (end.standing > best.standing ? end : best)).endpoint;
}

/** The server: the pod that served, as the service that was dialled. */
export function realServer(seen: readonly SeenEnd[]): Endpoint {
  const dialled = seen.find((end) => end.dialled !== undefined)?.dialled;
  const served = seen.filter((end) => end.dialled === undefined);
  const best = served.length > 0 ? realClient(served) : seen[0].endpoint;
  return dialled === undefined ? best : { ...best, service: dialled.name };
}

function podEndpoint(ip: string, port: number, pod: PodIdentity): Endpoint {
  return {
    ip,
    port,
    name: pod.workload,
    namespace: pod.namespace,
    pod: pod.name,
    workload: pod.workload,
    node: pod.node,
  };
}

function dialledService(ip: string, port: number, service: ServiceIdentity): SeenEnd {
  const endpoint = { ip, port, name: service.name, namespace: service.namespace, service: service.name };
  return { endpoint, standing: Standing.outside, dialled: service };
}

function isLoopback(ip: string): boolean {
  return ip.startsWith('127.') || ip === '::1';
}
