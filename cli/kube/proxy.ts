/** The proxy that the environment names for a server, as kubectl (Go's net/http) reads it. */

import { BlockList, isIP } from 'node:net';

/** undefined: the server is reached directly. */
export function proxyFor(server: string, environment: NodeJS.ProcessEnv): string | undefined {
  const url = new URL(server);
  const scheme = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const proxy = environment[scheme] || environment[scheme.toLowerCase()];
  if (!proxy) return undefined;
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (host === 'localhost' || host === '::1' || host.startsWith('127.')) return undefined;
  const direct = (environment['NO_PROXY'] || environment['no_proxy'] || '').split(',');
  if (direct.some((entry) => covers(entry.trim().toLowerCase(), host, url.port))) return undefined;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

/** `*`, `10.0.0.0/8`, `10.1.2.3`, `example.com` (and names below it), `.example.com` (only those), each with `:PORT` or not. */
function covers(entry: string, host: string, port: string): boolean {
  if (entry === '') return false;
  if (entry === '*') return true;
  const [, network, bits] = /^([0-9a-f.:]+)\/(\d+)$/.exec(entry) ?? [];
  if (network !== undefined) return inNetwork(network, Number(bits), host);
  const [, name, onlyPort] = /^(.*?)(?::(\d+))?$/.exec(isIP(entry) === 6 ? `[${entry}]` : entry) ?? [];
  if (onlyPort !== undefined && onlyPort !== port) return false;
  const wanted = (name ?? '').replace(/^\*\./, '.').replace(/^\[|\]$/g, '');
  if (wanted.startsWith('.')) return host.endsWith(wanted);
  return host === wanted || (isIP(host) === 0 && host.endsWith(`.${wanted}`));
}

function inNetwork(network: string, bits: number, host: string): boolean {
  const family = isIP(network) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(host) !== (family === 'ipv6' ? 6 : 4) || bits > (family === 'ipv6' ? 128 : 32)) return false;
  const list = new BlockList();
  list.addSubnet(network, bits, family);
  return list.check(host, family);
}
