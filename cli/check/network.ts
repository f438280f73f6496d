/** Whom the network policy lets in to the hub: what a tap would make of it, and whether the one there is fits the nodes. */

import { isWithin } from '../../deploy/cidr.ts';
import { HUB, MANAGED_BY } from '../../deploy/names.ts';
import { admittedCidrs, type NetworkPolicy } from '../../deploy/network-policy.ts';
import { type NodeObject, ownAddresses } from '../../deploy/node-addresses.ts';
import { GIVE_RANGE, type HubIngress } from '../cluster/hub-ingress.ts';
import type { Installation } from '../cluster/installation.ts';
import type { Kube } from '../kube/client.ts';
import { KubeError } from '../kube/error.ts';
import type { ObjectBase } from '../kube/objects.ts';
import { servedKinds } from '../kube/served.ts';
import { type Finding, type Findings, failed, ok, skipped, warning } from './finding.ts';
import { type CheckedNode, canRun } from './nodes.ts';

type Policy = ObjectBase & NetworkPolicy;

const CODE = 'NETWORK_POLICY';
/** More of the same tell nothing new. */
const MAX_NODES = 5;

/** What a tap would make, were it made now. */
export function tellIngress({ nodeCidrs, cilium, derived, open }: HubIngress): Finding {
  const code = 'NODE_ADDRESSES';
  if (open !== undefined) {
    return warning(
      code,
      `a tap's network policy lets any address try the hub's port: ${open.why}`,
      open.remedy,
    );
  }
  if (nodeCidrs.length === 0)
    return ok(code, "a tap's network policy lets any address try the hub's port, as set");
  const whom = derived ? 'the nodes alone' : nodeCidrs.join(', ');
  return ok(
    code,
    `a tap's network policy lets in ${whom}${cilium ? ', and a second one the nodes as Cilium knows them' : ''}`,
  );
}

export async function* checkPolicy(kube: Kube, there: Installation, signal: AbortSignal): Findings {
  const { namespace } = there;
  const again = there.managedBy === MANAGED_BY ? 'Run remora install again' : 'Run helm upgrade';
  try {
    const policy = await kube.get<Policy>('NetworkPolicy', HUB, namespace, signal);
    const cidrs = policy && admittedCidrs(policy);
    if (policy === undefined) {
      yield warning(
        CODE,
        `there is no network policy ${HUB}: any address may try the hub's port`,
        `${again}.`,
      );
    } else if (cidrs === undefined) {
      const text = "the network policy lets any address try the hub's port, which asks for a token";
      yield warning(CODE, text, GIVE_RANGE);
    } else if (await hasCiliumPolicy(kube, namespace, signal)) {
      yield ok(CODE, 'the network policies let in the nodes, as Cilium knows them');
    } else {
      const nodes = await kube.list<NodeObject & CheckedNode>('Node', { signal });
      yield* tellNodes(nodes.filter(canRun), cidrs, again);
    }
  } catch (error) {
    if (!(error instanceof KubeError) || error.code !== 'KUBE_FORBIDDEN') throw error;
    yield skipped(CODE, 'you may not see the network policy and the nodes: whether they fit is not known');
  }
}

function* tellNodes(
  nodes: readonly NodeObject[],
  cidrs: readonly string[],
  again: string,
): Generator<Finding> {
  const shut = nodes.filter((node) => {
    const own = ownAddresses(node);
    return own.length > 0 && !own.some((address) => isWithin(address, cidrs));
  });
  for (const node of shut.slice(0, MAX_NODES)) {
    const [address = ''] = ownAddresses(node);
    yield failed(
      CODE,
      `${node.metadata.name} (${address}) is not let in by the network policy`,
      `${again}, or give --node-cidr with a range that all nodes are in.`,
    );
  }
  if (shut.length > MAX_NODES) yield failed(CODE, `${shut.length - MAX_NODES} more nodes are not let in`);
  if (shut.length === 0) yield ok(CODE, 'the network policy lets in all nodes with workers, and nobody else');
}

async function hasCiliumPolicy(kube: Kube, namespace: string, signal: AbortSignal): Promise<boolean> {
  const [kind] = await servedKinds(kube, ['CiliumNetworkPolicy'], signal);
  return kind !== undefined && (await kube.get(kind, HUB, namespace, signal)) !== undefined;
}
