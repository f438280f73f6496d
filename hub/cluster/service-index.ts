import type { EndpointSlice, KubeObject, Pod, Service } from './objects.ts';

/** Services and their endpoint slices by name. */
export class ServiceIndex {
  readonly #services = new Map<string, Map<string, Service>>();
  readonly #slices = new Map<string, Map<string, EndpointSlice>>();

  set(object: Service | EndpointSlice): void {
    if (object.kind === 'Service') put(this.#services, object.namespace, object.name, object);
    else put(this.#slices, keyOf(object.namespace, object.service), object.name, object);
  }

  remove(object: Service | EndpointSlice): void {
    if (object.kind === 'Service') drop(this.#services, object.namespace, object.name);
    else drop(this.#slices, keyOf(object.namespace, object.service), object.name);
  }

  servicesIn(namespace: string): Iterable<Service> {
    return this.#services.get(namespace)?.values() ?? [];
  }

  slicesOf({ namespace, name }: Service): Iterable<EndpointSlice> {
    return this.#slices.get(keyOf(namespace, name))?.values() ?? [];
  }

  /** Whether the service is served by the pod: by its selector, or where it has none by its endpoints. */
  hasPod(name: string, pod: Pod): boolean {
    const service = this.#services.get(pod.namespace)?.get(name);
    if (service === undefined) return false;
    const labels = Object.entries(service.selector);
    if (labels.length > 0) return labels.every(([label, value]) => pod.labels[label] === value);
    for (const { addresses } of this.slicesOf(service)) {
      if (pod.ips.some((ip) => addresses.includes(ip))) return true;
    }
    return false;
  }
}

export function serviceIndexOf(objects: Iterable<KubeObject>): ServiceIndex {
  const index = new ServiceIndex();
  for (const object of objects) {
    if (object.kind === 'Service' || object.kind === 'EndpointSlice') index.set(object);
  }
  return index;
}

function keyOf(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}

function put<T>(maps: Map<string, Map<string, T>>, key: string, name: string, value: T): void {
  const map = maps.get(key);
  if (map === undefined) maps.set(key, new Map([[name, value]]));
  else map.set(name, value);
}

function drop<T>(maps: Map<string, Map<string, T>>, key: string, name: string): void {
  const map = maps.get(key);
  map?.delete(name);
  if (map?.size === 0) maps.delete(key);
}
