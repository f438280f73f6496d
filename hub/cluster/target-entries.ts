import { hostPort } from '../../flow/address.ts';
import type { EndpointSlice, Pod, Service } from './objects.ts';

/** Entries of TargetsMessage (flow/wire.ts) for a pod: its addresses, and its ports on addresses that it shares with its node. */
export function podEntries({ hostNetwork, ips, ports, hostIp }: Pod): readonly string[] {
  if (hostNetwork) return ips.flatMap((ip) => ports.map(({ port }) => hostPort(ip, port)));
  const onNode = hostIp === '' ? [] : ports.filter((port) => port.hostPort !== undefined);
  if (onNode.length === 0) return ips;
  return [...ips, ...onNode.map((port) => hostPort(hostIp, port.hostPort!))];
}

/** Entries for where a service is called: there packets still bear the address of the client that another one is put in place of later. */
export function serviceEntries({ clusterIps, externalIps, ports }: Service): string[] {
  return ports.flatMap(({ port, nodePort }) => [
    ...[...clusterIps, ...externalIps].map((ip) => hostPort(ip, port)),
    ...(nodePort === undefined ? [] : [`*:${nodePort}`]),
  ]);
}

/** Whether all endpoints of a service, of which there are some, are among the entries: then nobody else is reached by it. */
export function isServedBy(
  slices: Iterable<EndpointSlice>,
  entries: { has(entry: string): boolean },
): boolean {
  let some = false;
  for (const { addresses, ports } of slices) {
    for (const ip of addresses) {
      some = true;
      if (entries.has(ip)) continue;
      if (ports.length === 0 || !ports.every((port) => entries.has(hostPort(ip, port)))) return false;
    }
  }
  return some;
}
