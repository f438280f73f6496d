import ipaddr from 'ipaddr.js';
import type { Node } from './objects.ts';

/** Pods of several nodes have addresses in this block. */
const SHARED = '';
/** What a node commonly takes its pod addresses from, where nothing else is said: bits of the prefix. */
const COMMON_BLOCK = { ipv4: 24, ipv6: 64 };

/** Which node an address belongs to: its own ones, and those it has among its pods (gateway, bridge, tunnel). */
export class Nodes {
  readonly #names = new Map<string, Node>();
  readonly #byAddress = new Map<string, string>();
  /** By the beginning of their pods' addresses, as far as seen: the node that all of these pods are on, or SHARED. */
  readonly #blocks = new Map<string, string>();
  /** The first two addresses of those blocks. */
  readonly #gateways = new Map<string, string>();

  /** Empty for what is no node. */
  addresses(name: string): readonly string[] {
    return this.#names.get(name)?.addresses ?? [];
  }

  /** It is none of the nodes, where any are known. */
  hasLeft(name: string): boolean {
    return this.#names.size > 0 && !this.#names.has(name);
  }

  set(node: Node): void {
    this.remove(node);
    this.#names.set(node.name, node);
    for (const ip of ownAddresses(node)) this.#byAddress.set(ip, node.name);
  }

  remove({ name }: Node): void {
    const known = this.#names.get(name);
    if (known === undefined) return;
    this.#names.delete(name);
    for (const ip of ownAddresses(known)) if (this.#byAddress.get(ip) === name) this.#byAddress.delete(ip);
  }

  /** A pod of the node has this address. Nodes need not say what their pods' addresses are taken from. */
  learn(podIp: string, node: string): void {
    const block = commonBlock(podIp);
    const known = this.#blocks.get(block);
    if (known === node || known === SHARED) return;
    this.#blocks.set(block, known === undefined ? node : SHARED);
    for (const ip of firstAddresses(block)) {
      if (known === undefined) this.#gateways.set(ip, node);
      else this.#gateways.delete(ip);
    }
  }

  byAddress(ip: string): string | undefined {
    return this.#byAddress.get(ip) ?? this.#gateways.get(ip);
  }
}

function ownAddresses({ addresses, podCidrs }: Node): string[] {
  return [...addresses, ...podCidrs.flatMap(firstAddresses)];
}

/**
 * The network address of a block and the one after it: bridges take the second, some overlays the first. No pod has them. Empty
 * for what is no block.
 */
function firstAddresses(cidr: string): string[] {
  if (!ipaddr.isValidCIDR(cidr)) return [];
  const [address, bits] = ipaddr.parseCIDR(cidr);
  const bytes = address.toByteArray();
  for (let bit = bits; bit < 8 * bytes.length; bit++) bytes[bit >> 3] &= ~(0x80 >> (bit & 7));
  const first = ipaddr.fromByteArray(bytes).toString();
  bytes[bytes.length - 1] |= 1;
  return [first, ipaddr.fromByteArray(bytes).toString()];
}

function commonBlock(ip: string): string {
  if (!ip.includes(':')) return `${ip.slice(0, ip.lastIndexOf('.'))}.0/${COMMON_BLOCK.ipv4}`;
  const groups = (ipaddr.parse(ip) as ipaddr.IPv6).parts.slice(0, COMMON_BLOCK.ipv6 / 16);
  return `${groups.map((group) => group.toString(16)).join(':')}::/${COMMON_BLOCK.ipv6}`;
}
