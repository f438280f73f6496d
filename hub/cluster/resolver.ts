import type { Endpoint } from '../../flow/flow.ts';
import { dnsName, type SeenEnd, Standing } from '../ingest/namer.ts';
import type { Identity } from './identity.ts';
import type { PodIdentity } from './pods.ts';
import type { ServiceIdentity } from './services.ts';

/** An address, when it was seen (µs since the epoch), and on which node. */
export interface Sighting {
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
  client(seen: Sighting): SeenEnd {
    const pod = this.#identity.pod(seen.ip, seen.time);
    if (pod !== undefined) return { endpoint: podEndpoint(seen, pod), standing: Standing.own };
    return nodeEnd(seen, this.#nodeOf(seen)) ?? outside(seen);
  }

  /** The end that was connected to. `host` is what the client wrote into the Host field. */
  server(seen: Sighting, host: string): SeenEnd {
    const { ip, port, time } = seen;
    const service = this.#identity.service(ip, port);
    if (service !== undefined) return dialled(seen, service);
    const pod = this.#identity.pod(ip, time);
    if (pod !== undefined) return this.#served(seen, pod, host);

    const node = this.#nodeOf(seen);
    if (node === undefined) return outside(seen);
    for (const address of [ip, ...this.#identity.nodeAddresses(node)]) {
      const onHost = this.#identity.hostPod(address, port, time);
      if (onHost?.hostNetwork) return this.#served(seen, onHost, host);
      // A hostPort: the pod itself has another address and maybe another port.
      if (onHost !== undefined) return { endpoint: podEndpoint(seen, onHost), standing: Standing.onTheWay };
    }
    const byNodePort = this.#identity.nodePort(port);
    return byNodePort === undefined ? nodeEnd(seen, node)! : dialled(seen, byNodePort);
  }

  #served(seen: Sighting, pod: PodIdentity, host: string): SeenEnd {
    const endpoint = podEndpoint(seen, pod);
    const service = this.#serviceBehind(seen, host);
    if (service !== undefined) endpoint.service = service.name;
    return { endpoint, standing: Standing.own };
  }

  /**
   * The service that was called where its address was not seen (it is translated before the packet is): the one of this endpoint's
   * services that the Host field names, or the only one. None where the Host field has the endpoint's own address.
   */
  #serviceBehind({ ip, port }: Sighting, host: string): ServiceIdentity | undefined {
    const services = this.#identity.servicesOf(ip, port);
    const name = dnsName(host);
    if (name !== undefined) {
      // SERVICE, SERVICE.NAMESPACE… or POD.SERVICE.NAMESPACE…
      const [first, second, third] = name.split('.');
      const named =
        services.find((s) => s.name === first && (second === undefined || s.namespace === second)) ??
        services.find((s) => s.name === second && s.namespace === third);
      if (named !== undefined) return named;
    } else {
      const at = addressOf(host);
      if (at.ip === ip) return undefined;
      const dialled =
        this.#identity.service(at.ip, at.port) ??
        (this.#identity.node(at.ip) === undefined ? undefined : this.#identity.nodePort(at.port));
      if (dialled !== undefined && services.includes(dialled)) return dialled;
    }
    return services.length === 1 ? services[0] : undefined;
  }

  #nodeOf({ ip, observer }: Sighting): string | undefined {
    if (!isLoopback(ip)) return this.#identity.node(ip);
    return this.#identity.nodeAddresses(observer).length > 0 ? observer : undefined;
  }
}

/** An end that only the node it is on is known of. */
export function nodeEnd({ ip, port }: Sighting, node: string | undefined): SeenEnd | undefined {
  if (node === undefined || node === '') return undefined;
  return { endpoint: { ip, port, name: node, node }, standing: Standing.onTheWay };
}

function outside({ ip, port }: Sighting): SeenEnd {
  return { endpoint: { ip, port, name: ip }, standing: Standing.outside };
}

function dialled({ ip, port }: Sighting, { name, namespace }: ServiceIdentity): SeenEnd {
  const endpoint = { ip, port, name, namespace, service: name };
  return { endpoint, standing: Standing.onTheWay, service: name };
}

function podEndpoint({ ip, port }: Sighting, pod: PodIdentity): Endpoint {
  const { workload, namespace, name, node } = pod;
  return { ip, port, name: workload, namespace, pod: name, workload, node };
}

function isLoopback(ip: string): boolean {
  return ip.startsWith('127.') || ip === '::1';
}

const HTTP_PORT = 80;

/** `IP`, `IP:PORT` or `[IPv6]:PORT`. */
function addressOf(host: string): { ip: string; port: number } {
  const match = /^\[?(.*?)\]?(?::(\d+))?$/.exec(
    host.includes('.') || host.startsWith('[') ? host : `[${host}]`,
  );
  return { ip: match?.[1] ?? host, port: Number(match?.[2] ?? HTTP_PORT) };
}
