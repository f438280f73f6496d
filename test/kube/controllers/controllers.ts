import type { Cluster } from '../cluster.ts';
export class Controllers {
  readonly kubelet = {};
  constructor(_cluster: Cluster) {}
  async stop(): Promise<void> {}
}
