import { addressNames } from '../../../flow/address-names.ts';
import type { Endpoint } from '../../../flow/flow.ts';

export interface NamedAddress {
  ip: string;
  /** The last is for people; the others say what it is the name of (flow/address-names.ts). */
  names: string[];
}

/** Of one file; more addresses go without a name. */
const MAX_ADDRESSES = 50_000;

/** Names of the addresses in a file, each told once. */
export class NameTable {
  /** With the service that each was told with. */
  readonly #told = new Map<string, string | undefined>();
  #waiting: NamedAddress[] = [];

  /** An address that has two names keeps the first. */
  add(endpoint: Endpoint): void {
    const { ip } = endpoint;
    if (this.#told.has(ip) || this.#told.size >= MAX_ADDRESSES) return;
    const names = addressNames(endpoint);
    if (names.length === 0) return;
    this.#told.set(ip, endpoint.service);
    this.#waiting.push({ ip, names });
  }

  /** The service that an address is told with. */
  serviceOf(ip: string): string | undefined {
    return this.#told.get(ip);
  }

  /** Those that have not been told yet. */
  take(): NamedAddress[] {
    const names = this.#waiting;
    this.#waiting = [];
    return names;
  }
}
