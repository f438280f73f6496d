import type { Endpoint } from '../../flow/flow.ts';
import { RecordView } from '../../flow/record.ts';
import { exchangeId } from '../../hub/ingest/hash.ts';
import type { Arrival } from '../../hub/store/store.ts';

/** Exchanges as they come into a store: records one behind the other, and the ends of each. The worker on the server's node saw them. */
export function arrivalsOf(records: Uint8Array, ends: readonly [Endpoint, Endpoint][]): Arrival[] {
  const view = new RecordView();
  let at = 0;
  return ends.map(([src, dst]) => {
    view.at(records, at);
    const record = records.subarray(at, at + view.length);
    at += view.length;
    const node = dst.node!;
    return { id: exchangeId(view), record, node, session: `worker-${node}`, src, dst, observations: 2 };
  });
}
