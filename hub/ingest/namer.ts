import { hostPort } from '../../flow/address.ts';
import type { Endpoint } from '../../flow/flow.ts';
import { RecordKind, type RecordView } from '../../flow/record.ts';

/** What an address says of the end that it stands for, in rising order: address translation puts others in its place. */
export const Standing = {
  /** Of a node, a gateway or a service: the end itself is behind it. */
  onTheWay: 0,
  /** Of something that is not known. */
  outside: 1,
  /** A pod's own. */
  own: 2,
} as const;

/** One end of an exchange, as seen at one place. */
export interface SeenEnd {
  readonly endpoint: Endpoint;
  /** See Standing. */
  readonly standing: number;
  /** The service whose address this is: the one that was dialled. */
  readonly service?: string;
}

/** Says who the two ends of a record are, as they were at the record's time; `observer` is the node it was seen on. `dst` comes first. */
export interface Namer {
  dst(view: RecordView, observer: string): SeenEnd;
  src(view: RecordView, observer: string): SeenEnd;
}

/** Addresses whose names are remembered; the ones not seen for longest are forgotten first. */
export const MAX_NAMED_ADDRESSES = 10_000;

/** Labels of letters, digits, hyphens and underscores, with at least one letter: no address. */
const DNS_NAME =
  /^(?=.*[a-z])[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$/;
const MAX_NAME = 253;

const LOCALHOST = 'localhost';

/** The loopback addresses that programs use when they are told no other. */
function isShared(ip: string): boolean {
  return ip === '127.0.0.1' || ip === '::1';
}

/** Two different names were asked of the address: it has none of its own. */
const AMBIGUOUS = '';

/**
 * Names for a machine without a cluster: an address is named by the Host field of the requests that go to it, and by the server name
 * of TLS connections, as long as all of them ask for the same DNS name; otherwise the address is its own name. What clients write there is their claim, no proof: whoever
 * can send a request to an address can name it, until a second name is asked of it.
 */
export class AddressNamer implements Namer {
  readonly #names = new Map<string, string>();

  dst(view: RecordView): SeenEnd {
    const ip = view.dstIp;
    const port = view.dstPort;
    const asked = askedName(view);
    if (isShared(ip)) return outside(ip, port, this.#sharedName(ip, port, asked));
    if (asked !== '') this.#learn(ip, asked);
    return outside(ip, port, this.#name(ip));
  }

  src(view: RecordView): SeenEnd {
    const ip = view.srcIp;
    return outside(ip, view.srcPort, this.#name(ip));
  }

  #name(ip: string): string {
    return this.#names.get(ip) || nameOfClient(ip);
  }

  /** On an address that all services of a machine share, the port tells them apart. */
  #sharedName(ip: string, port: number, host: string): string {
    const own = `${LOCALHOST}:${port}`;
    if (dnsName(host) !== LOCALHOST) this.#learn(hostPort(ip, port), host);
    return this.#names.get(hostPort(ip, port)) || own;
  }

  /** `address`: an IP, or an IP with a port. */
  #learn(address: string, host: string): void {
    const known = this.#names.get(address);
    if (known === AMBIGUOUS || (known !== undefined && known === host)) return;
    const name = dnsName(host);
    if (name === undefined || name === known) return;
    this.#names.delete(address);
    this.#names.set(address, known === undefined ? name : AMBIGUOUS);
    if (this.#names.size > MAX_NAMED_ADDRESSES) {
      const [oldest] = this.#names.keys();
      this.#names.delete(oldest);
    }
  }
}

/** What a client's address is called of which nothing is known. */
export function nameOfClient(ip: string): string {
  return isShared(ip) ? LOCALHOST : ip;
}

/** What a server's address is called of which nothing is known but that it was asked for as `host`; '': not even that. */
export function nameByHost(ip: string, port: number, host: string): string {
  const name = dnsName(host);
  if (!isShared(ip)) return name ?? ip;
  return name === undefined || name === LOCALHOST ? `${LOCALHOST}:${port}` : name;
}

function outside(ip: string, port: number, name: string): SeenEnd {
  return { endpoint: { ip, port, name }, standing: Standing.outside };
}

/** By what name a client asks for its server: the Host field of a request, or the name in a TLS handshake. */
function askedName(view: RecordView): string {
  if (view.kind === RecordKind.connection) return view.serverName;
  return view.hasRequest ? view.host : '';
}

/** The name in a Host field (RFC 9110 §7.2), lower case, without port and final dot; undefined for an address. */
export function dnsName(host: string): string | undefined {
  const colon = host.indexOf(':');
  let name = (colon < 0 ? host : host.slice(0, colon)).toLowerCase();
  if (name.endsWith('.')) name = name.slice(0, -1);
  return name.length <= MAX_NAME && DNS_NAME.test(name) ? name : undefined;
}
