import type { EndpointSlice, Service } from './objects.ts';

/** One object for each service: the same service is the same object. */
export interface ServiceIdentity {
  readonly name: string;
  readonly namespace: string;
}

interface Entry<T> {
  identity: ServiceIdentity;
  /** Whose address it is. */
  object: T;
}

/** Which service is meant by an address, and which services have an endpoint: as it is now. */
export class Services {
  readonly #identities = new Map<string, ServiceIdentity>();
  readonly #services = new Map<string, Entry<Service>>();
  readonly #slices = new Map<string, Entry<EndpointSlice>>();
  readonly #byAddress = new Map<string, Entry<Service>[]>();
  readonly #byNodePort = new Map<number, ServiceIdentity>();
  readonly #byEndpoint = new Map<string, Entry<EndpointSlice>[]>();

  setService(service: Service): void {
    this.removeService(service);
    const entry = { identity: this.#identity(service.namespace, service.name), object: service };
    this.#services.set(keyOf(service), entry);
    for (const ip of addressesOf(service)) push(this.#byAddress, ip, entry);
    for (const { nodePort } of service.ports) {
      if (nodePort !== undefined) this.#byNodePort.set(nodePort, entry.identity);
    }
  }

  removeService(service: Service): void {
    const entry = this.#services.get(keyOf(service));
    if (entry === undefined) return;
    this.#services.delete(keyOf(service));
    for (const ip of addressesOf(entry.object)) drop(this.#byAddress, ip, entry);
    for (const { nodePort = 0 } of entry.object.ports) {
      if (this.#byNodePort.get(nodePort) === entry.identity) this.#byNodePort.delete(nodePort);
    }
  }

  setSlice(slice: EndpointSlice): void {
    this.removeSlice(slice);
    const entry = { identity: this.#identity(slice.namespace, slice.service), object: slice };
    this.#slices.set(keyOf(slice), entry);
    for (const ip of slice.addresses) push(this.#byEndpoint, ip, entry);
  }

  removeSlice(slice: EndpointSlice): void {
    const entry = this.#slices.get(keyOf(slice));
    if (entry === undefined) return;
    this.#slices.delete(keyOf(slice));
    for (const ip of entry.object.addresses) drop(this.#byEndpoint, ip, entry);
  }

  /** The service that has `ip`, a cluster address or with this port an external one. */
  byAddress(ip: string, port: number): ServiceIdentity | undefined {
    return this.#byAddress
      .get(ip)
      ?.find(({ object }) => object.clusterIps.includes(ip) || object.ports.some((own) => own.port === port))
      ?.identity;
  }

  byNodePort(port: number): ServiceIdentity | undefined {
    return this.#byNodePort.get(port);
  }

  /** The services that have this endpoint, each once. */
  byEndpoint(ip: string, port: number): ServiceIdentity[] {
    const found: ServiceIdentity[] = [];
    for (const { identity, object } of this.#byEndpoint.get(ip) ?? []) {
      if (object.ports.includes(port) && !found.includes(identity)) found.push(identity);
    }
    return found;
  }

  #identity(namespace: string, name: string): ServiceIdentity {
    const key = keyOf({ namespace, name });
    let identity = this.#identities.get(key);
    if (identity === undefined) {
      identity = { name, namespace };
      this.#identities.set(key, identity);
    }
    return identity;
  }
}

function keyOf({ namespace, name }: ServiceIdentity): string {
  return `${namespace}/${name}`;
}

function addressesOf({ clusterIps, externalIps }: Service): string[] {
  return [...clusterIps, ...externalIps];
}

function push<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

function drop<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const rest = lists.get(key)?.filter((other) => other !== value) ?? [];
  if (rest.length > 0) lists.set(key, rest);
  else lists.delete(key);
}
