import { parseTime } from '../../flow/time.ts';
import type { Clock } from '../clock.ts';
import { HubError } from '../errors.ts';

/** [from, to), µs since the epoch. */
export interface TimeRange {
  from?: number;
  to?: number;
}

const RFC3339 = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;
const EPOCH_MS = /^\d{1,15}(\.\d+)?$/;
const BACK = /^-(?:\d+(?:\.\d+)?(?:ms|s|m|h|d|w))+$/;
const BACK_PART = /(\d+(?:\.\d+)?)(ms|s|m|h|d|w)/g;
const UNIT_US = { ms: 1e3, s: 1e6, m: 60e6, h: 3600e6, d: 86_400e6, w: 604_800e6 };

/**
 * A time as the API takes it, to µs since the epoch: RFC 3339, a time back from `now` (`-15m`, `-1h30m`),
 * `now`, or ms since the epoch. Throws HubError TIME_INVALID.
 */
export function parseInstant(text: string, now: number): number {
  if (text === 'now') return now;
  if (EPOCH_MS.test(text)) return Math.round(Number(text) * 1000);
  if (BACK.test(text)) {
    let back = 0;
    for (const [, count, unit] of text.matchAll(BACK_PART)) {
      back += Number(count) * UNIT_US[unit as keyof typeof UNIT_US];
    }
    return Math.round(now - back);
  }
  // A `+` of a zone that was not percent-encoded arrives as a space.
  const encoded = text.replace(/ (?=\d\d:\d\d$)/, '+');
  const time = RFC3339.test(encoded) ? parseTime(encoded.replace(' ', 'T')) : Number.NaN;
  if (Number.isNaN(time)) throw new HubError('TIME_INVALID', JSON.stringify(text.slice(0, 64)));
  return time;
}

/** The range of a query. Rejects with HubError TIME_INVALID or RANGE_EMPTY. */
export async function readRange(query: { from?: string; to?: string }, clock: Clock): Promise<TimeRange> {
  const range: TimeRange = {};
  if (query.from === undefined && query.to === undefined) return range;
  const now = await clock();
  if (query.from !== undefined) range.from = parseInstant(query.from, now);
  if (query.to !== undefined) range.to = parseInstant(query.to, now);
  if (range.from !== undefined && range.to !== undefined && range.from >= range.to) {
    throw new HubError('RANGE_EMPTY');
  }
  return range;
}
