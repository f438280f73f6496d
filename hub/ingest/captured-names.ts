import { type AddressNames, endpointOf } from '../../flow/address-names.ts';
import type { SocketAddress } from '../../flow/exchange-mark.ts';
import type { RecordView } from '../../flow/record.ts';
import type { Marks } from './marks.ts';
import { type Namer, nameByHost, nameOfClient, type SeenEnd, Standing } from './namer.ts';

/** Addresses whose names are kept; those that come later stay without, and are counted. */
const MAX_ADDRESSES = 100_000;

/**
 * What capture files call the addresses in them, where nothing better is known. An address that is told twice keeps its first names. An exchange
 * whose mark tells its two ends is named by these: its packets bear other addresses.
 */
export class CapturedNames implements Namer {
  readonly counters = { unnamedAddresses: 0 };
  readonly limits = { namedAddresses: MAX_ADDRESSES };
  readonly #known: Namer;
  readonly #marks: Marks;
  readonly #names = new Map<string, readonly string[]>();

  constructor(known: Namer, marks: Marks) {
    this.#known = known;
    this.#marks = marks;
  }

  learn(told: readonly AddressNames[]): void {
    for (const [ip, ...names] of told) {
      if (this.#names.has(ip)) continue;
      if (this.#names.size < MAX_ADDRESSES) this.#names.set(ip, names);
      else this.counters.unnamedAddresses++;
    }
  }

  dst(view: RecordView, observer: string): SeenEnd {
    const mark = this.#marks.of(view);
    const end = this.#end(this.#known.dst(view, observer), mark?.ends?.dst);
    return mark?.service === undefined
      ? ofName(end, mark?.name, nameByHost(end.endpoint.ip, end.endpoint.port, ''))
      : ofService(end, mark.service);
  }

  src(view: RecordView, observer: string): SeenEnd {
    const mark = this.#marks.of(view);
    const end = this.#end(this.#known.src(view, observer), mark?.ends?.src);
    return ofName(end, mark?.clientName, nameOfClient(end.endpoint.ip));
  }

  #end(seen: SeenEnd, told: SocketAddress | undefined): SeenEnd {
    if (told === undefined || (told.ip === seen.endpoint.ip && told.port === seen.endpoint.port)) {
      return seen.standing === Standing.outside ? this.#named(seen) : seen;
    }
    const { ip, port } = told;
    return this.#named({ endpoint: { ip, port, name: ip }, standing: Standing.outside });
  }

  #named(end: SeenEnd): SeenEnd {
    const { ip, port } = end.endpoint;
    const names = this.#names.get(ip);
    if (names === undefined) return end;
    const endpoint = endpointOf(ip, port, names);
    if (endpoint.pod !== undefined) return { endpoint, standing: Standing.own };
    if (endpoint.service === undefined) return { endpoint, standing: Standing.outside };
    return { endpoint, standing: Standing.onTheWay, service: endpoint.service };
  }
}

/** An address that is only an address to us may be called differently from one exchange to the next. '': `byAddress`. */
function ofName(end: SeenEnd, name: string | undefined, byAddress: string): SeenEnd {
  if (name === undefined || end.standing !== Standing.outside) return end;
  return { ...end, endpoint: { ...end.endpoint, name: name || byAddress } };
}

/** An address may be behind several services: which of them was called, only the exchange tells. '': none. */
function ofService({ endpoint, standing }: SeenEnd, called: string): SeenEnd {
  const { service: _, ...end } = endpoint;
  return called === ''
    ? { endpoint: end, standing }
    : { endpoint: { ...end, service: called }, standing, service: called };
}
