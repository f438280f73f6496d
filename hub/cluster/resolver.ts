import { type SeenEnd, Standing } from '../ingest/namer.ts';
import type { Identity } from './identity.ts';
import type { PodIdentity } from './pods.ts';
import type { ServiceIdentity } from './services.ts';

/** An address, when it was seen (µs since the epoch), and on which node. */
export interface SeenAddress {
  ip: string;
  port: number;
  time: number;
  observer: string;
}

/** Names the ends of exchanges by what the cluster's objects say of their addresses. */
export class Resolver {
  readonly #identity: Identity;

  constructor(identity: Identity) {
    this.#identity = identity;
  }

  /** The end that opened the connection. Its port says nothing: it is any free one. */
  client(seen: SeenAddress): SeenEnd {
    const pod = this.#identity.pod(seen.ip, seen.time);
    if (pod !== undefined) return podEnd(seen, pod);
    return nodeEnd(seen, this.#nodeOf(seen)) ?? outside(seen);
  }

  /** The end that was connected to. */
  server(seen: SeenAddress): SeenEnd {
    const { ip, port, time } = seen;
    const service = this.#identity.service(ip, port);
    if (service !== undefined) return serviceEnd(seen, service);
    const pod = this.#identity.pod(ip, time);
    if (pod !== undefined) return podEnd(seen, pod);

    const node = this.#nodeOf(seen);
    if (node === undefined) return outside(seen);
    for (const address of [ip, ...this.#identity.nodeAddresses(node)]) {
      const onHost = this.#identity.hostPod(address, port, time);
      if (onHost !== undefined) return podEnd(seen, onHost);
    }
    const byNodePort = this.#identity.nodePort(port);
    return byNodePort === undefined ? nodeEnd(seen, node)! : serviceEnd(seen, byNodePort);
  }

  #nodeOf({ ip, observer }: SeenAddress): string | undefined {
    if (!isLoopback(ip)) return this.#identity.node(ip);
    return this.#identity.nodeAddresses(observer).length > 0 ? observer : undefined;
  }
}

/** An end that only the node it is on is known of. */
export function nodeEnd({ ip, port }: SeenAddress, node: string | undefined): SeenEnd | undefined {
  if (node === undefined || node === '') return undefined;
  return { endpoint: { ip, port, name: node, node }, standing: Standing.onTheWay };
}

function outside({ ip, port }: SeenAddress): SeenEnd {
  return { endpoint: { ip, port, name: ip }, standing: Standing.outside };
}

function serviceEnd({ ip, port }: SeenAddress, { name, namespace }: ServiceIdentity): SeenEnd {
  const endpoint = { ip, port, name, namespace, service: name };
  return { endpoint, standing: Standing.onTheWay, service: name };
}

/** By a hostPort it is reached under an address that is not its own. */
function podEnd({ ip, port }: SeenAddress, pod: PodIdentity): SeenEnd {
  const { workload, namespace, name, node } = pod;
  const endpoint = { ip, port, name: workload, namespace, pod: name, workload, node };
  const own = pod.hostNetwork || pod.keys.includes(ip);
  return { endpoint, standing: own ? Standing.own : Standing.onTheWay };
}

function isLoopback(ip: string): boolean {
  return ip.startsWith('127.') || ip === '::1';
}
