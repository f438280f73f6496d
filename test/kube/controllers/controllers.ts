/** All controllers: they look at everything again a moment after something has changed. */

import type { Cluster } from '../cluster.ts';
import { settleEndpoints } from './endpoints.ts';
import { collectGarbage } from './garbage.ts';
import { Kubelet } from './kubelet.ts';
import { settleNamespaces } from './namespaces.ts';
import { Workloads } from './workloads.ts';

/** Changes are looked at together. */
const SETTLE_MS = 5;
const RETRY_MS = 300;

/** What controllers do not act upon. */
const IGNORED = ['events', 'endpointslices', 'endpoints'];

export class Controllers {
  readonly kubelet: Kubelet;
  readonly #cluster: Cluster;
  readonly #workloads: Workloads;
  readonly #ca: string;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(cluster: Cluster, ca: string) {
    this.#cluster = cluster;
    this.#ca = ca;
    this.kubelet = new Kubelet(cluster);
    this.#workloads = new Workloads(cluster);
    cluster.objects.subscribe(({ type, resource, object }) => {
      const { namespace = '', name } = object.metadata;
      if (resource.plural === 'services' && type === 'DELETED')
        cluster.objects.remove('endpoints', namespace, name);
      if (!IGNORED.includes(resource.plural)) this.#soon(SETTLE_MS);
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.kubelet.stop();
  }

  #soon(ms: number): void {
    if (this.#stopped || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#settle();
    }, ms);
  }

  #settle(): void {
    const { objects } = this.#cluster;
    const before = objects.revision;
    settleNamespaces(objects, this.#ca);
    collectGarbage(objects);
    const again = this.#workloads.reconcile();
    settleEndpoints(objects);
    if (objects.revision !== before) this.#soon(SETTLE_MS);
    else if (again) this.#soon(RETRY_MS);
  }
}
