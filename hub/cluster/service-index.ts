import type { EndpointSlice, KubeObject, Pod, Service } from './objects.ts';

/** Services and their endpoint slices by name. */
export class ServiceIndex {
  readonly #services = new Map<string, Service>();
  readonly #slices = new Map<string, Map<string, EndpointSlice>>();

  set(object: Service | EndpointSlice): void {
    if (object.kind === 'Service') {
      this.#services.set(keyOf(object.namespace, object.name), object);
      return;
    }
    const key = keyOf(object.namespace, object.service);
    const slices = this.#slices.get(key);
    if (slices === undefined) this.#slices.set(key, new Map([[object.name, object]]));
    else slices.set(object.name, object);
  }

  remove(object: Service | EndpointSlice): void {
    if (object.kind === 'Service') {
      this.#services.delete(keyOf(object.namespace, object.name));
      return;
    }
    const key = keyOf(object.namespace, object.service);
    const slices = this.#slices.get(key);
    slices?.delete(object.name);
    if (slices?.size === 0) this.#slices.delete(key);
  }

  get services(): Iterable<Service> {
    return this.#services.values();
  }

  slicesOf({ namespace, name }: Service): Iterable<EndpointSlice> {
    return this.#slices.get(keyOf(namespace, name))?.values() ?? [];
  }

  /** Whether the service is served by the pod: by its selector, or where it has none by its endpoints. */
  hasPod(name: string, pod: Pod): boolean {
    const service = this.#services.get(keyOf(pod.namespace, name));
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
