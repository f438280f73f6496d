import type { Endpoint } from '../../../flow/flow.ts';

/** Where sidecars take in what their own pod sends: Istio's Envoy, Linkerd's proxy. */
const OUTBOUND_PORTS: ReadonlySet<number> = new Set([15_001, 4140]);
/** Where they take in what is sent to their pod. */
const INBOUND_PORTS: ReadonlySet<number> = new Set([15_006, 4143]);

/**
 * Which part of the way over sidecars a connection can be: from the client to its sidecar, from a sidecar to the server, or
 * within a pod, either of these.
 */
export type Leg = 'outbound' | 'inbound' | 'inside' | 'between';

/** By where it goes. `between`: from pod to pod, as without sidecars. */
export function legOf({ src: from, dst: to }: { src: Endpoint; dst: Endpoint }): Leg {
  if (OUTBOUND_PORTS.has(to.port)) return 'outbound';
  const [fromLoopback, toLoopback] = [isLoopback(from.ip), isLoopback(to.ip)];
  if (fromLoopback && toLoopback) return 'inside';
  if (toLoopback) return INBOUND_PORTS.has(to.port) ? 'inbound' : 'outbound';
  if (fromLoopback) return 'inbound';
  if (INBOUND_PORTS.has(to.port)) return 'between';
  return isSamePod(from, to) ? 'inside' : 'between';
}

export function isSamePod(a: Endpoint, b: Endpoint): boolean {
  return a.pod !== undefined && a.pod === b.pod && a.namespace === b.namespace;
}

export function isInboundPort(port: number): boolean {
  return INBOUND_PORTS.has(port);
}

/** 127.0.0.0/8: Istio's Envoy calls the server from 127.0.0.6. */
function isLoopback(ip: string): boolean {
  return ip.startsWith('127.') || ip === '::1' || ip === '::6';
}
