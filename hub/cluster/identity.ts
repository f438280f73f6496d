import type { EndpointSlice, KubeObject, Node, Pod, Service } from './objects.ts';
import { workloadOf } from './workload.ts';

/** A pod as the owner of an address for a stretch of time (µs since the epoch). */
export interface PodIdentity {
  name: string;
  namespace: string;
  workload: string;
  node: string;
  hostNetwork: boolean;
  ports: number[];
  /** Succeeded and Failed pods keep showing an address that others may have by now. */
  finished: boolean;
  from: number;
  until: number;
}

export interface ServiceIdentity {
  name: string;
  namespace: string;
}

/** Former owners of an address that are remembered. */
const MAX_FORMER_OWNERS = 16;

/**
 * Who had which address when. Fed with objects (as they are now, or as watch events come), asked by address
 * and time. Knows nothing of the network: what it says of an address follows from the API objects alone.
 */
export class Identity {
  readonly #podsByIp = new Map<string, PodIdentity[]>();
  readonly #ipsByPod = new Map<string, string[]>();
  readonly #servicesByIp = new Map<string, ServiceIdentity>();
  readonly #servicesByNodePort = new Map<number, ServiceIdentity>();
  readonly #servicesByEndpoint = new Map<string, Map<string, ServiceIdentity>>();
  readonly #nodesByIp = new Map<string, string>();
  /** First three octets of the pod addresses of a node, to know the node's own address among its pods. */
  readonly #nodesByPodPrefix = new Map<string, string>();

  get addresses(): number {
    return this.#podsByIp.size;
  }

  /** `at`: when this state began, µs; -Infinity for objects read once, which stand for all time. */
  set(object: KubeObject, at: number): void {
    if (object.kind === 'Pod') this.#setPod(object as Pod, at);
    if (object.kind === 'Service') this.#setService(object as Service);
    if (object.kind === 'EndpointSlice') this.#setEndpoints(object as EndpointSlice);
    if (object.kind === 'Node') this.#setNode(object as Node);
  }

  /** The pod is gone since `at`: its address may have a new owner. */
  removePod(pod: Pod, at: number): void {
    const key = podKey(pod);
    for (const ip of this.#ipsByPod.get(key) ?? []) {
      for (const owner of this.#podsByIp.get(ip) ?? []) {
        if (`${owner.namespace}/${owner.name}` === key && owner.until === Infinity) owner.until = at;
      }
    }
    this.#ipsByPod.delete(key);
  }

  /** The pod that had `ip` at `time`. hostNetwork pods share their node's address and are told apart by `port`. */
  pod(ip: string, port: number, time: number): PodIdentity | undefined {
    const owners = this.#podsByIp.get(ip);
    if (owners === undefined) return undefined;
    let best: PodIdentity | undefined;
    let candidates = 0;
    for (const owner of owners) {
      if (time < owner.from || time >= owner.until) continue;
      if (owner.hostNetwork) {
        if (!owner.ports.includes(port)) continue;
        candidates++;
      }
      if (best === undefined || isBetter(owner, best)) best = owner;
    }
    // Two hostNetwork pods that declare the same port: not known which.
    return best?.hostNetwork && candidates > 1 ? undefined : best;
  }

  /** hostNetwork pod of a node that serves `port`, for traffic on the node's loopback. */
  hostPod(node: string, port: number, time: number): PodIdentity | undefined {
    for (const [ip, name] of this.#nodesByIp) {
      if (name === node) {
        const pod = this.pod(ip, port, time);
        if (pod !== undefined) return pod;
      }
    }
    return undefined;
  }

  /** The service that has `ip` as a cluster, external or load-balancer address. */
  serviceByAddress(ip: string): ServiceIdentity | undefined {
    return this.#servicesByIp.get(ip);
  }

  serviceByNodePort(port: number): ServiceIdentity | undefined {
    return this.#servicesByNodePort.get(port);
  }

  /** The service that has this endpoint, if it is the only one; of several the one called like the workload. */
  serviceByEndpoint(ip: string, port: number, workload: string): ServiceIdentity | undefined {
    const services = this.#servicesByEndpoint.get(`${ip} ${port}`);
    if (services === undefined) return undefined;
    const all = [...services.values()];
    return all.length === 1 ? all[0] : all.find((service) => service.name === workload);
  }

  /** The node that has `ip`: one of its addresses, or the gateway address of its pods' network. */
  node(ip: string): string | undefined {
    const node = this.#nodesByIp.get(ip);
    if (node !== undefined) return node;
    return ip.endsWith('.1') ? this.#nodesByPodPrefix.get(prefix(ip)) : undefined;
  }

  #setPod(pod: Pod, at: number): void {
    const ips = pod.status?.podIPs?.map(({ ip }) => ip) ?? (pod.status?.podIP ? [pod.status.podIP] : []);
    const key = podKey(pod);
    const started =
      pod.status?.startTime === undefined ? at : Math.min(at, Date.parse(pod.status.startTime) * 1000);
    const identity: PodIdentity = {
      name: pod.metadata.name,
      namespace: pod.metadata.namespace ?? 'default',
      workload: workloadOf(pod).name,
      node: pod.spec?.nodeName ?? '',
      hostNetwork: pod.spec?.hostNetwork === true,
      ports: (pod.spec?.containers ?? []).flatMap((container) =>
        (container.ports ?? []).map((port) => port.containerPort),
      ),
      finished: pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed',
      from: started,
      until: Infinity,
    };
    for (const ip of ips) {
      const owners = this.#podsByIp.get(ip) ?? [];
      const same = owners.findIndex(
        (owner) => `${owner.namespace}/${owner.name}` === key && owner.until === Infinity,
      );
      if (same >= 0) owners[same] = { ...identity, from: owners[same].from };
      else owners.push(identity);
      if (owners.length > MAX_FORMER_OWNERS) owners.shift();
      this.#podsByIp.set(ip, owners);
      if (!identity.hostNetwork && identity.node !== '')
        this.#nodesByPodPrefix.set(prefix(ip), identity.node);
    }
    if (ips.length > 0) this.#ipsByPod.set(key, ips);
  }

  #setService(service: Service): void {
    const identity = { name: service.metadata.name, namespace: service.metadata.namespace ?? 'default' };
    const spec = service.spec ?? {};
    const addresses = [
      ...(spec.clusterIPs ?? [spec.clusterIP ?? '']),
      ...(spec.externalIPs ?? []),
      ...(service.status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip ?? ''),
    ];
    for (const ip of addresses) if (ip !== '' && ip !== 'None') this.#servicesByIp.set(ip, identity);
    for (const { nodePort } of spec.ports ?? [])
      if (nodePort) this.#servicesByNodePort.set(nodePort, identity);
  }

  #setEndpoints(slice: EndpointSlice): void {
    const name = slice.metadata.labels?.['kubernetes.io/service-name'];
    if (name === undefined) return;
    const namespace = slice.metadata.namespace ?? 'default';
    for (const endpoint of slice.endpoints ?? []) {
      for (const ip of endpoint.addresses ?? []) {
        for (const { port } of slice.ports ?? []) {
          const key = `${ip} ${port ?? 0}`;
          const services = this.#servicesByEndpoint.get(key) ?? new Map();
          services.set(`${namespace}/${name}`, { name, namespace });
          this.#servicesByEndpoint.set(key, services);
        }
      }
    }
  }

  #setNode(node: Node): void {
    for (const { type, address } of node.status?.addresses ?? []) {
      if (type.endsWith('IP')) this.#nodesByIp.set(address, node.metadata.name);
    }
    for (const cidr of node.spec?.podCIDRs ?? [node.spec?.podCIDR ?? '']) {
      if (cidr !== '') this.#nodesByPodPrefix.set(prefix(cidr), node.metadata.name);
    }
  }
}

function podKey(pod: Pod): string {
  return `${pod.metadata.namespace ?? 'default'}/${pod.metadata.name}`;
}

/** A living pod before one that finished, then the one that came last. */
function isBetter(a: PodIdentity, b: PodIdentity): boolean {
  if (a.finished !== b.finished) return b.finished;
  return a.from >= b.from;
}

function prefix(ip: string): string {
  return ip.slice(0, ip.lastIndexOf('.'));
}
