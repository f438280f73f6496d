/** From where workers may come to the hub: what the network policy lets in, decided from what the cluster tells of its nodes. */

import { ciliumPolicy } from '../../deploy/cilium-policy.ts';
import { MAX_NODE_CIDRS } from '../../deploy/network-policy.ts';
import { type NodeObject, nodeCidrs } from '../../deploy/node-addresses.ts';
import { missingRights, rightsToApply } from '../kube/access.ts';
import type { Kube } from '../kube/client.ts';
import { KubeError } from '../kube/error.ts';
import { type Cilium, findCilium } from '../kube/served.ts';
import type { Settings } from '../settings/table.ts';
import { ANY } from '../settings/values.ts';

export interface HubIngress {
  /** []: any address may try the hub's port. */
  nodeCidrs: string[];
  /** Cilium's own policy is needed beside the other. */
  cilium: boolean;
  /** They are those of the nodes there were: others come and go. */
  derived: boolean;
  /** Why any address may try it although nobody asked for that, and what to do about it. */
  open?: { why: string; remedy: string };
}

export const GIVE_RANGE = "Give the nodes' addresses: --node-cidr 10.0.0.0/16.";

/** As the settings have it, with the cluster not asked. */
export function givenIngress({ nodeCidr }: Pick<Settings, 'nodeCidr'>): HubIngress {
  return { nodeCidrs: nodeCidr.filter((cidr) => cidr !== ANY), cilium: false, derived: false };
}

/** `namespace`: of the hub. Rejects with KubeError where the API fails; that rights are missing is part of the answer. */
export async function decideIngress(
  kube: Kube,
  settings: Pick<Settings, 'nodeCidr' | 'keep'>,
  namespace: string,
  signal: AbortSignal,
): Promise<HubIngress> {
  const given = givenIngress(settings);
  if (settings.nodeCidr.includes(ANY)) return given;
  const derived = given.nodeCidrs.length === 0;
  const [cilium, ranges] = await Promise.all([
    findCilium(kube, signal),
    derived ? readNodeCidrs(kube, signal) : { cidrs: given.nodeCidrs },
  ]);
  if (ranges.cidrs === undefined) return open(ranges.why, GIVE_RANGE);
  const obstacle = await ciliumObstacle(kube, cilium, derived, !settings.keep, namespace, signal);
  return obstacle ?? { nodeCidrs: ranges.cidrs, cilium: cilium === 'policies', derived };
}

function open(why: string, remedy: string): HubIngress {
  return { nodeCidrs: [], cilium: false, derived: false, open: { why, remedy } };
}

async function ciliumObstacle(
  kube: Kube,
  cilium: Cilium,
  derived: boolean,
  remove: boolean,
  namespace: string,
  signal: AbortSignal,
): Promise<HubIngress | undefined> {
  // Who gives ranges there knows that this Cilium counts nodes into them.
  if (cilium === 'bare' && derived) {
    const remedy = 'If it runs with policy-cidr-match-mode=nodes, give --node-cidr.';
    return open('this Cilium takes no CiliumNetworkPolicy, and counts no nodes into addresses', remedy);
  }
  if (cilium !== 'policies') return undefined;
  const missing = await missingRights(kube, rightsToApply([ciliumPolicy(namespace)], remove), signal);
  if (missing.length === 0) return undefined;
  const verbs = missing.map(({ verb }) => verb).join(', ');
  const remedy = `Ask for the right to ${verbs} ciliumnetworkpolicies.cilium.io in namespace "${namespace}".`;
  return open('on Cilium it takes a CiliumNetworkPolicy to let in nodes, and you may not make one', remedy);
}

/** The ranges that workers come from now, or why they are not known. Rejects with KubeError. */
export async function readNodeCidrs(
  kube: Kube,
  signal: AbortSignal,
): Promise<{ cidrs: string[] } | { cidrs: undefined; why: string }> {
  let cidrs: string[];
  try {
    cidrs = nodeCidrs(await kube.list<NodeObject>('Node', { signal }));
  } catch (error) {
    if (!(error instanceof KubeError) || error.code !== 'KUBE_FORBIDDEN') throw error;
    return { cidrs: undefined, why: 'you may not list nodes' };
  }
  if (cidrs.length === 0) return { cidrs: undefined, why: 'no node tells its address' };
  if (cidrs.length <= MAX_NODE_CIDRS) return { cidrs };
  return { cidrs: undefined, why: `the nodes have more than ${MAX_NODE_CIDRS} addresses` };
}

/** One line for people; undefined where the policy is as it should be, or as it was asked for. */
export function describeOpen({ open }: HubIngress): string | undefined {
  return (
    open &&
    `The network policy lets any address try the hub's port, which asks for a token: ${open.why}. ${open.remedy}`
  );
}
