/** Kinds that not every cluster has: they come with its network. */

import type { Kube } from './client.ts';
import { KubeError } from './error.ts';
import { KINDS, type KindName } from './kinds.ts';

/** `bare`: Cilium, without the kind that a policy of its own takes, as in some clusters of cloud providers. */
export type Cilium = 'none' | 'bare' | 'policies';

/** Asked of the API: who may not list a kind is not told whether it is there. Rejects with KubeError. */
export async function findCilium(kube: Kube, signal?: AbortSignal): Promise<Cilium> {
  const { apiVersion, plural } = KINDS.CiliumNetworkPolicy;
  try {
    const served = await kube.served(apiVersion, signal);
    if (served === undefined) return 'none';
    return served.includes(plural) ? 'policies' : 'bare';
  } catch (error) {
    // Who may not even ask what there is sees none of it.
    if (error instanceof KubeError && error.code === 'KUBE_FORBIDDEN') return 'none';
    throw error;
  }
}

/** Those of the kinds that this cluster has. Rejects with KubeError. */
export async function servedKinds(
  kube: Kube,
  kinds: readonly KindName[],
  signal?: AbortSignal,
): Promise<KindName[]> {
  const cilium = await findCilium(kube, signal);
  return kinds.filter((kind) => kind !== 'CiliumNetworkPolicy' || cilium === 'policies');
}
