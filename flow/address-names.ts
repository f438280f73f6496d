import type { Endpoint } from './flow.ts';

/** An address and its names, as `addressNames` makes them. */
export type AddressNames = readonly [ip: string, ...names: string[]];

/** What is taken for a name in a file: what hosts, pods and services may be called, and no address. */
export function isAddressName(text: string): boolean {
  return /^(?=.*[a-z])[a-z0-9_]([a-z0-9._-]{0,251}[a-z0-9_])?$/i.test(text);
}

/** Ends of names that say what they are the name of; before them `NAME.NAMESPACE`, of a node `NAME`. */
const POD = '.pod';
const SERVICE = '.service';
const WORKLOAD = '.workload';
const NODE = '.node';

/** Loopback addresses mean another machine on each node. */
function isLoopback(ip: string): boolean {
  return ip.startsWith('127.') || ip === '::1';
}

/**
 * The names under which an end is told in a capture file: what an endpoint is made of again, `cart-1.shop.pod`, `cart.shop.workload`, and last
 * the one for people, `cart-1.shop`, since Wireshark shows the last. None where its address is all that is known.
 */
export function addressNames({ ip, name, namespace, pod, service, workload, node }: Endpoint): string[] {
  if (isLoopback(ip) || (name === ip && node === undefined)) return [];
  const within = namespace === undefined ? '' : `.${namespace}`;
  const names: string[] = [];
  if (pod !== undefined) names.push(`${pod}${within}${POD}`);
  if (service !== undefined) names.push(`${service}${within}${SERVICE}`);
  if (workload !== undefined) names.push(`${workload}${within}${WORKLOAD}`);
  if (node !== undefined) names.push(`${node}${NODE}`);
  return [...names, `${pod ?? service ?? name}${within}`];
}

/** What `addressNames` was made from, but for the port: of names that others wrote, the last one as it is. */
export function endpointOf(ip: string, port: number, names: readonly string[]): Endpoint {
  const endpoint: Endpoint = { ip, port, name: names.at(-1) ?? ip };
  for (const name of names.slice(0, -1)) {
    if (name.endsWith(NODE)) {
      endpoint.node = name.slice(0, -NODE.length);
      continue;
    }
    const kind = ([POD, SERVICE, WORKLOAD] as const).find((end) => name.endsWith(end));
    if (kind === undefined) continue;
    const [own, namespace] = split(name.slice(0, -kind.length));
    endpoint[KEYS[kind]] = own;
    if (namespace !== undefined) endpoint.namespace = namespace;
  }
  endpoint.name = endpoint.workload ?? endpoint.service ?? endpoint.pod ?? endpoint.node ?? endpoint.name;
  return endpoint;
}

const KEYS = { [POD]: 'pod', [SERVICE]: 'service', [WORKLOAD]: 'workload' } as const;

/** A namespace has no dots, names of pods and workloads may. */
function split(name: string): [own: string, namespace: string | undefined] {
  const dot = name.lastIndexOf('.');
  return dot < 0 ? [name, undefined] : [name.slice(0, dot), name.slice(dot + 1)];
}
