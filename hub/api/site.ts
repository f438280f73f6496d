import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { HubError } from '../errors.ts';

const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?$/;
const ORIGIN = /^https?:\/\/(.+)$/;
const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]'];
const EVERY_ADDRESS = ['0.0.0.0', '::'];

/** A Host header taken apart (RFC 9110 §7.2); undefined if it is not one. Port '' where none is given. */
export function parseHost(header: string | undefined): { name: string; port: string } | undefined {
  const match = HOST.exec(header?.toLowerCase() ?? '');
  return match === null ? undefined : { name: match[1], port: match[2] ?? '' };
}

/** Whether a Host header names the machine that the browser is on. */
export function isLoopback(header: string | undefined): boolean {
  return LOOPBACK_NAMES.includes(parseHost(header)?.name ?? '');
}

/**
 * Which requests come from our own page or from a program, and not from a page elsewhere.
 *
 * A page elsewhere can reach 127.0.0.1 in three ways. It can bind its own name to our address (DNS
 * rebinding): then the Host header bears that name. It can send requests or open a WebSocket from its own
 * origin: then the browser adds Origin, or at least Sec-Fetch-Site. Other ports of localhost are the same
 * site to a browser, so its cookie rules (SameSite) do not hold them off: `same-site` is refused too.
 */
export class Site {
  readonly #names: Set<string>;
  readonly #anyAddress: boolean;

  /** `boundHost`: as given to listen. `allowedHosts`: further names the hub is reached by, without ports. */
  constructor(boundHost: string, allowedHosts: readonly string[]) {
    this.#anyAddress = EVERY_ADDRESS.includes(boundHost);
    this.#names = new Set([...LOOPBACK_NAMES, ...[boundHost, ...allowedHosts].map(hostName)]);
  }

  /** Throws HubError where the request is not from our own page or a program. Any port will do: port-forwards change it. */
  check(headers: IncomingHttpHeaders): void {
    const host = parseHost(headers.host);
    if (host === undefined || !this.#serves(host.name)) throw new HubError('HOST_NOT_ALLOWED');
    if (headers.origin !== undefined && !sameOrigin(headers.origin, headers.host!)) {
      throw new HubError('ORIGIN_NOT_ALLOWED');
    }
    const fetchSite = headers['sec-fetch-site'];
    if (fetchSite !== undefined && fetchSite !== 'same-origin' && fetchSite !== 'none') {
      throw new HubError('ORIGIN_NOT_ALLOWED');
    }
  }

  #serves(name: string): boolean {
    if (this.#names.has(name)) return true;
    // Only names can be bound to another address: a page whose Host is a number was loaded from that number.
    return this.#anyAddress && isIP(name.replace(/^\[|\]$/g, '')) !== 0;
  }
}

function hostName(host: string): string {
  const name = host.toLowerCase();
  return isIP(name) === 6 ? `[${name}]` : name;
}

/** The scheme is not compared: whatever terminates TLS in front of us, the port names the same listener. */
function sameOrigin(origin: string, host: string): boolean {
  return ORIGIN.exec(origin.toLowerCase())?.[1] === host.toLowerCase();
}
