import { ExchangeLayout, PartFlag, RecordView } from '../../flow/record.ts';
import type { Arrival } from '../store/store.ts';
import { clientOf, nearestTo, serverOf } from './ends.ts';
import { requestLineHash } from './hash.ts';
import { composeWays } from './mesh/compose.ts';
import { type Leg, legOf } from './mesh/sidecar.ts';
import type { Observation, Sighting } from './observation.ts';

/** Observations of one exchange that wait to be committed as one arrival. Afterwards nothing is left of them here. */
export class Held {
  /** Where its first observation was made. */
  readonly node: string;
  /** Of the request and of the answer, as far as one of them has seen it; 0 otherwise. */
  requestKey: number;
  responseKey: number;
  #observations: Observation[];
  #requestLine = 0;
  /** Of a longer one that comes of this: all of its ways, this among them. */
  #ways: readonly Held[] = NO_WAYS;
  /** It comes of another one. */
  #isWay = false;

  constructor(first: Observation) {
    this.node = first.node;
    this.requestKey = first.requestKey;
    this.responseKey = first.responseKey;
    this.#observations = [first];
  }

  get sealed(): boolean {
    return this.#observations.length === 0;
  }

  /** It has been found to be a way of a longer one. */
  get joined(): boolean {
    return this.#isWay || this.#ways.length > 0;
  }

  /** See mesh/sidecar.ts. */
  get leg(): Leg {
    const { src, dst } = this.#observations[0]!;
    return legOf({ src: src.endpoint, dst: dst.endpoint });
  }

  /** The same for the same method and target. */
  get requestLine(): number {
    if (this.#requestLine === 0) this.#requestLine = requestLineHash(this.ofRequest.record);
    return this.#requestLine;
  }

  /** The first observation that has seen the request, where one has. */
  get ofRequest(): Observation {
    return this.#observations.find(({ requestKey }) => requestKey !== 0) ?? this.#observations[0]!;
  }

  get observations(): readonly Observation[] {
    return this.#observations;
  }

  add(observation: Observation): void {
    this.#observations.push(observation);
    this.#learnKeys(observation);
  }

  /** Takes over what `other` has: it turned out to be the same exchange. Nothing comes of `other` any more. */
  absorb(other: Held): void {
    this.#observations.push(...other.#observations);
    this.#learnKeys(other);
    other.#observations = NONE;
  }

  /** These are ways of one exchange (mesh/join.ts), in order from client to server, this among them: it comes of this. */
  joinWays(ways: readonly Held[]): void {
    this.#ways = ways;
    for (const way of ways) if (way !== this) way.#isWay = true;
  }

  /** Gives the arrival to be committed; it cannot be changed any more. undefined where there is none (any more). */
  seal(): Arrival | undefined {
    if (this.#isWay) return undefined;
    if (this.#ways.length === 0) return this.#sealOne();
    const arrivals = this.#ways.flatMap((way) => way.#sealOne() ?? []);
    return arrivals.length > 1 ? composeWays(arrivals) : arrivals[0];
  }

  #sealOne(): Arrival | undefined {
    const seen = this.#observations;
    this.#observations = NONE;
    if (seen.length === 0) return undefined;
    return seen.length === 1 ? alone(seen[0]) : together(seen);
  }

  #learnKeys({ requestKey, responseKey }: Pick<Observation, 'requestKey' | 'responseKey'>): void {
    if (this.requestKey === 0) this.requestKey = requestKey;
    if (this.responseKey === 0) this.responseKey = responseKey;
  }
}

const NONE: Observation[] = [];
const NO_WAYS: readonly Held[] = [];

function alone({ id, record, node, session, src, dst }: Sighting): Arrival {
  return { id, record, node, session, src: src.endpoint, dst: dst.endpoint, observations: 1 };
}

/** The best record, with the ends and the times that all of them tell. */
function together(seen: readonly Sighting[]): Arrival {
  const views = seen.map(({ record }) => new RecordView().at(record, 0));
  if (views[0].isRefused) return refusedOnce(seen);
  let best = 0;
  for (let i = 1; i < seen.length; i++) {
    const order = quality(views[i], views[best]) || standing(seen[i]) - standing(seen[best]);
    if (order > 0) best = i;
  }
  const { record, node, session } = seen[best];
  const src = clientOf(seen);
  const dst = serverOf(seen);
  const spans = seen.map((sighting, i) => ({
    sighting,
    server: views[i].serverSpan,
    whole: views[i].elapsed,
  }));
  const nearest = nearestTo(src, dst, spans);
  if (nearest !== undefined && nearest.atClient !== nearest.atServer) {
    writeSpans(views[best], nearest.atServer.server, nearest.atServer.whole, nearest.atClient.whole);
  }
  // The id stays that of the first: it may be known already.
  return { id: seen[0].id, record, node, session, src, dst, observations: seen.length };
}

/** A refused connection bears the number that one of its workers gave it. */
function refusedOnce(seen: readonly Sighting[]): Arrival {
  const { id, record, node, session } = seen.reduce((best, other) =>
    standing(other) > standing(best) ? other : best,
  );
  return {
    ...{ id, record, node, session },
    ...{ src: clientOf(seen), dst: serverOf(seen), observations: seen.length },
  };
}

/** Both parts seen, a request rather than an answer, then the fewest bytes missing, then nothing else wrong. Above 0: `a` is better. */
function quality(a: RecordView, b: RecordView): number {
  return (
    partsOf(a) - partsOf(b) ||
    b.gapBytes - a.gapBytes ||
    Number(a.completeness === 0) - Number(b.completeness === 0)
  );
}

/**
 * Of equally good ones that with the server's own address, then with the client's: whichever was first. So that one worker is asked for
 * the packets of all exchanges on a connection, and these bear the addresses that are shown.
 */
function standing({ src, dst }: Sighting): number {
  return 3 * dst.standing + src.standing;
}

function partsOf({ hasRequest, hasResponse }: RecordView): number {
  return 2 * Number(hasRequest) + Number(hasResponse);
}

/** Tells the times at both ends in the record itself, so that they stay with it. */
function writeSpans(view: RecordView, server: number, wholeAtServer: number, wholeAtClient: number): void {
  const { bytes } = view;
  const data = new DataView(bytes.buffer, bytes.byteOffset + view.offset, view.length);
  data.setFloat64(ExchangeLayout.serverSpan, server, true);
  data.setFloat64(ExchangeLayout.wholeAtServer, wholeAtServer, true);
  data.setFloat64(ExchangeLayout.wholeAtClient, wholeAtClient, true);
  data.setUint8(ExchangeLayout.parts, view.u8(ExchangeLayout.parts) | PartFlag.observed);
}
