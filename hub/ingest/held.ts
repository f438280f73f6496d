import { ExchangeLayout, PartFlag, RecordView } from '../../flow/record.ts';
import type { Arrival } from '../store/store.ts';
import { clientOf, nearestTo, serverOf } from './ends.ts';
import type { Observation, Sighting } from './observation.ts';

/** Observations of one exchange that wait to be committed as one arrival. Afterwards nothing is left of them here. */
export class Held {
  #observations: Observation[];

  constructor(first: Observation) {
    this.#observations = [first];
  }

  get sealed(): boolean {
    return this.#observations.length === 0;
  }

  /** Of the request, as far as one of them has seen it; 0 otherwise. */
  get requestKey(): number {
    return this.#observations.find(({ requestKey }) => requestKey !== 0)?.requestKey ?? 0;
  }

  get responseKey(): number {
    return this.#observations.find(({ responseKey }) => responseKey !== 0)?.responseKey ?? 0;
  }

  get observations(): readonly Observation[] {
    return this.#observations;
  }

  add(observation: Observation): void {
    this.#observations.push(observation);
  }

  /** Takes over what `other` has: it turned out to be the same exchange. Nothing comes of `other` any more. */
  absorb(other: Held): void {
    this.#observations.push(...other.#observations);
    other.#observations = NONE;
  }

  /** Gives the arrival to be committed; it cannot be changed any more. undefined where there is none (any more). */
  seal(): Arrival | undefined {
    const sightings = this.#observations.map(({ sighting }) => sighting);
    this.#observations = NONE;
    if (sightings.length === 0) return undefined;
    return sightings.length === 1 ? alone(sightings[0]) : together(sightings);
  }
}

const NONE: Observation[] = [];

function alone({ id, record, node, session, src, dst }: Sighting): Arrival {
  return { id, record, node, session, src: src.endpoint, dst: dst.endpoint, observations: 1 };
}

/** The best record, with the ends and the times that all of them tell. */
function together(seen: readonly Sighting[]): Arrival {
  const views = seen.map(({ record }) => new RecordView().at(record, 0));
  let best = 0;
  for (let i = 1; i < seen.length; i++) if (isBetter(views[i], views[best])) best = i;
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

/** Both parts seen, a request rather than an answer, then the fewest bytes missing, then nothing else wrong. */
function isBetter(a: RecordView, b: RecordView): boolean {
  const [aParts, bParts] = [partsOf(a), partsOf(b)];
  if (aParts !== bParts) return aParts > bParts;
  if (a.gapBytes !== b.gapBytes) return a.gapBytes < b.gapBytes;
  return a.completeness === 0 && b.completeness !== 0;
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
