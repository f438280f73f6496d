import type { ConnectionPage } from '../../../flow/api.ts';
import { compileFilter } from '../../../flow/filter.ts';
import { type RecordView, toConnection } from '../../../flow/record.ts';
import { refusedAsFlow } from '../../../flow/refused.ts';
import { formatTime } from '../../../flow/time.ts';
import { MAX_TIME } from '../flow-id.ts';
import type { RefusedQuery } from '../store.ts';
import type { SegmentPool } from './segment-pool.ts';
import { Time, Turns } from './turns.ts';

/** Connections that are looked at before others get their turn. */
const STEP = 256;

/** Refused connections newest first, segment by segment. `readable` gives undefined for what is no record. */
export async function listRefused(
  segments: SegmentPool,
  { filter: source, from = 0, to = MAX_TIME, limit, budgetMs }: RefusedQuery,
  signal: AbortSignal | undefined,
  readable: (record: Uint8Array) => RecordView | undefined,
): Promise<ConnectionPage> {
  const filter = compileFilter(source);
  const time = new Time(budgetMs, signal);
  const turns = new Turns();
  const connections: ConnectionPage['connections'] = [];
  for (const range of segments.ranges().reverse()) {
    if (range.end <= from) break;
    let before = { time: Math.min(Math.ceil(to), range.end), id: '' };
    for (;;) {
      const found = segments.read(range.id, (segment) => segment.refused(before, from, STEP)) ?? [];
      for (const { record, naming } of found) {
        const view = readable(record);
        if (view === undefined) continue;
        if (!filter.matches(refusedAsFlow({ ...naming, start: formatTime(view.time) }))) continue;
        if (connections.length === limit) return { connections, more: true };
        connections.push(toConnection(view, naming));
      }
      if (found.length < STEP) break;
      if (time.isUp) return { connections, more: true };
      const { time: oldest, naming } = found[STEP - 1];
      before = { time: oldest, id: naming.id };
      await turns.next();
    }
  }
  return { connections, more: false };
}
