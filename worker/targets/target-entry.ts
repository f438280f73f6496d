import { isIPv4, isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';

/** An entry of TargetsMessage, read. */
export type TargetEntry =
  | { readonly kind: 'everything' }
  | { readonly kind: 'port'; readonly port: number }
  /** `words`: the address as packets have it (worker/packet/packet.ts); port 0: all ports. */
  | { readonly kind: 'address'; readonly words: Int32Array; readonly port: number };

/** As packets have them: IPv4-mapped IPv6. */
const IPV4_MAPPED = 0xffff;
const SOCKET = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/;

/** undefined: it is none. */
export function parseTargetEntry(text: string): TargetEntry | undefined {
  if (text === '*') return { kind: 'everything' };
  const [, v6, v4, portText] = SOCKET.exec(text) ?? [];
  if (portText === undefined) return addressEntry(text, 0);
  const port = Number(portText);
  if (port === 0 || port > 0xffff) return undefined;
  return v4 === '*' ? { kind: 'port', port } : addressEntry(v6 ?? v4 ?? '', port);
}

function addressEntry(ip: string, port: number): TargetEntry | undefined {
  if (isIPv4(ip)) return { kind: 'address', words: Int32Array.of(0, 0, IPV4_MAPPED, wordOf(ip)), port };
  if (!isIPv6(ip)) return undefined;
  const { parts } = ipaddr.IPv6.parse(ip);
  const words = new Int32Array(4);
  for (let n = 0; n < 4; n++) words[n] = (parts[2 * n]! << 16) | parts[2 * n + 1]!;
  return { kind: 'address', words, port };
}

function wordOf(ip: string): number {
  const [a, b, c, d] = ip.split('.');
  return (Number(a) << 24) | (Number(b) << 16) | (Number(c) << 8) | Number(d);
}
