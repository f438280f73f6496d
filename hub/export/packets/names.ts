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
  /** As they were told. */
  readonly #told = new Map<string, Endpoint>();
  #waiting: NamedAddress[] = [];

  /** An address that has two names keeps the first. */
  add(endpoint: Endpoint): void {
    const { ip } = endpoint;
    if (this.#told.has(ip) || this.#told.size >= MAX_ADDRESSES) return;
    const names = addressNames(endpoint);
    if (names.length === 0) return;
    this.#told.set(ip, endpoint);
    this.#waiting.push({ ip, names });
  }

  /** The service that an address is told with. */
  serviceOf(ip: string): string | undefined {
    return this.#told.get(ip)?.service;
  }

  /** The name that an address is told with, where that is all that is told of it. */
  nameOf(ip: string): string | undefined {
    const told = this.#told.get(ip);
    return told !== undefined && isOnlyNamed(told) ? told.name : undefined;
  }

  /** Those that have not been told yet. */
  take(): NamedAddress[] {
    const names = this.#waiting;
    this.#waiting = [];
    return names;
  }
}

/** An end of which no more is known than a name, or not even that. */
export function isOnlyNamed({ pod, service, workload, node, namespace }: Endpoint): boolean {
  return [pod, service, workload, node, namespace].every((one) => one === undefined);
}
