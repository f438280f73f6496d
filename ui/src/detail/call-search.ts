import type { FlowRow } from '../../../flow/api.ts';
import { formatTime, parseTime } from '../../../flow/time.ts';
import { api } from '../lib/api.ts';

/** The exchanges of a call are looked for from so long before one of them to so long after, µs. */
const AROUND = 60_000_000;
/** A call of more exchanges is shown as far as this goes. */
export const MAX_HOPS = 200;
/** Searches that go on where one ran out of its time. */
const MAX_PAGES = 20;

export interface FoundCall {
  rows: FlowRow[];
  /** There are more, or the search was given up. */
  partial: boolean;
}

/** What passes the filter within a minute of `time` (RFC 3339). Rejects as `api.flows` does. */
export async function findCall(filter: string, time: string, signal: AbortSignal): Promise<FoundCall> {
  const at = parseTime(time);
  const range = { from: formatTime(Math.max(0, at - AROUND)), to: formatTime(at + AROUND) };
  const rows: FlowRow[] = [];
  let before: string | undefined;
  for (let page = 0; page < MAX_PAGES && rows.length < MAX_HOPS; page++) {
    const found = await api.flows({ filter, ...range, before, limit: MAX_HOPS - rows.length }, signal);
    rows.push(...found.flows);
    if (found.next === null) return { rows, partial: false };
    before = found.next;
  }
  return { rows, partial: true };
}
