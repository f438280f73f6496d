import { ExchangeLayout, PartFlag, RecordView } from '../../flow/record.ts';
import type { Arrival } from '../store/store.ts';
import { clientOf, nearestTo, serverOf } from './ends.ts';
import type { Observation } from './observation.ts';

const NOTHING = new Uint8Array(0);

/** Observations of one exchange that wait to be committed as one arrival, and what is remembered of them afterwards. */
export class Held {
  readonly observations: Observation[];
  requestKey: number;
  responseKey: number;
  sealed = false;

  constructor(first: Observation) {
    this.observations = [first];
    this.requestKey = first.requestKey;
    this.responseKey = first.responseKey;
  }

  add(observation: Observation): void {
    if (this.sealed) observation.record = NOTHING;
    this.observations.push(observation);
    this.requestKey ||= observation.requestKey;
    this.responseKey ||= observation.responseKey;
  }

  /** Takes over what `other` has: it turned out to be the same exchange. Nothing comes of `other` any more. */
  absorb(other: Held): void {
    for (const observation of other.observations) this.add(observation);
    other.sealed = true;
    other.observations.length = 0;
  }

  /** Gives the arrival to be committed; it cannot be changed any more. undefined where there is none (any more). */
  seal(): Arrival | undefined {
    const { observations: seen } = this;
    if (this.sealed) return undefined;
    this.sealed = true;
    // The id stays that of the first: it may be known already.
    const [{ id }] = seen;
    const { node, session, record, src, dst } = seen.reduce((best, other) =>
      isBetter(other, best) ? other : best,
    );
    const arrival = {
      id,
      record,
      node,
      session,
      src: src.endpoint,
      dst: dst.endpoint,
      observations: seen.length,
    };
    if (seen.length > 1) {
      arrival.src = clientOf(seen);
      arrival.dst = serverOf(seen);
      writeSpans(arrival, seen);
    }
    // Records lie in the batches they came in: keeping one would keep all of its batch.
    for (const observation of seen) observation.record = NOTHING;
    return arrival;
  }
}

/** Which record to keep: both parts seen, then the fewest bytes missing, then nothing else wrong; otherwise the first. */
function isBetter(a: Observation, b: Observation): boolean {
  const [aParts, bParts] = [partsOf(a), partsOf(b)];
  if (aParts !== bParts) return aParts > bParts;
  if (a.gapBytes !== b.gapBytes) return a.gapBytes < b.gapBytes;
  return a.completeness === 0 && b.completeness !== 0;
}

/** A request says more than an answer. */
function partsOf({ requestKey, responseKey }: Observation): number {
  return (requestKey === 0 ? 0 : 2) + (responseKey === 0 ? 0 : 1);
}

/** Tells the times at both ends in the record itself, so that they stay with it. */
function writeSpans({ record, src, dst }: Arrival, seen: readonly Observation[]): void {
  const nearest = nearestTo(src, dst, seen);
  if (nearest === undefined || nearest.atClient === nearest.atServer) return;
  const X = ExchangeLayout;
  const data = new DataView(record.buffer, record.byteOffset, record.byteLength);
  data.setFloat64(X.serverSpan, nearest.atServer.serverSpan, true);
  data.setFloat64(X.wholeAtServer, nearest.atServer.elapsed, true);
  data.setFloat64(X.wholeAtClient, nearest.atClient.elapsed, true);
  data.setUint8(X.parts, new RecordView().at(record, 0).u8(X.parts) | PartFlag.observed);
}
