import { type AddressNames, endpointOf } from '../../flow/address-names.ts';
import type { RecordView } from '../../flow/record.ts';
import { type Namer, type SeenEnd, Standing } from './namer.ts';

/** Addresses whose names are kept; those that come later stay without. */
const MAX_ADDRESSES = 100_000;

/** What capture files call the addresses in them, where nothing better is known. An address that is told twice keeps its first names. */
export class CapturedNames implements Namer {
  readonly #known: Namer;
  readonly #names = new Map<string, readonly string[]>();

  constructor(known: Namer) {
    this.#known = known;
  }

  learn(told: readonly AddressNames[]): void {
    for (const [ip, ...names] of told) {
      if (this.#names.size < MAX_ADDRESSES && !this.#names.has(ip)) this.#names.set(ip, names);
    }
  }

  dst(view: RecordView, observer: string): SeenEnd {
    return this.#named(this.#known.dst(view, observer));
  }

  src(view: RecordView, observer: string): SeenEnd {
    return this.#named(this.#known.src(view, observer));
  }

  #named(end: SeenEnd): SeenEnd {
    if (end.standing !== Standing.outside) return end;
    const { ip, port } = end.endpoint;
    const names = this.#names.get(ip);
    if (names === undefined) return end;
    const endpoint = endpointOf(ip, port, names);
    if (endpoint.pod !== undefined) return { endpoint, standing: Standing.own };
    if (endpoint.service === undefined) return { endpoint, standing: Standing.outside };
    return { endpoint, standing: Standing.onTheWay, service: endpoint.service };
  }
}
