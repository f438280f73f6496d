/** Ranges of time that the map is of. */

export const RANGES = [
  { id: '1m', label: '1 min', seconds: 60 },
  { id: '5m', label: '5 min', seconds: 300 },
  { id: '15m', label: '15 min', seconds: 900 },
  { id: '1h', label: '1 h', seconds: 3600 },
  { id: 'all', label: 'All', seconds: 0 },
] as const;
export type RangeId = (typeof RANGES)[number]['id'];

/** RFC 3339; `to` is exclusive. */
export interface TimeSpan {
  from: string;
  to: string;
}

/** What is asked for: up to now and live, or from one time to another and then still. */
export type MapRange = { kind: 'live'; id: RangeId } | ({ kind: 'fixed' } & TimeSpan);

/** The flows of a range, as the hub is asked for them: `-5m` and what comes, or those that `map` is of. */
export function flowsOf(range: MapRange, { from, to }: TimeSpan): TimeSpan {
  if (range.kind === 'fixed') return { from: range.from, to: range.to };
  // A capture file may be of last year: to go on to now would show it as one moment of a long time.
  return range.id === 'all' ? { from, to } : { from: `-${range.id}`, to: '' };
}

/** A replay has no more steps than this. */
const MOST_STEPS = 240;
const MINUTE = 60_000;

/** A span in equal steps of whole minutes, the last one may be shorter. Of an empty span there are none. */
export function stepsOf({ from, to }: TimeSpan): TimeSpan[] {
  const [start, end] = [Date.parse(from), Date.parse(to)];
  if (!(start < end)) return [];
  const length = Math.ceil((end - start) / MOST_STEPS / MINUTE) * MINUTE;
  return Array.from({ length: Math.ceil((end - start) / length) }, (_, n) => ({
    from: new Date(start + n * length).toISOString(),
    to: new Date(Math.min(end, start + (n + 1) * length)).toISOString(),
  }));
}

/** The step that a time lies in; the first one where it lies in none. */
export function stepAt(steps: readonly TimeSpan[], time: string): number {
  const at = Date.parse(time);
  return Math.max(
    0,
    steps.findIndex(({ from, to }) => Date.parse(from) <= at && at < Date.parse(to)),
  );
}

/** Times to compare with, told from the range that is shown. */
export const BACK = [
  { id: 'before', label: 'The time right before' },
  { id: 'hour', label: 'An hour earlier' },
  { id: 'day', label: 'A day earlier' },
  { id: 'week', label: 'A week earlier' },
] as const;
const BACK_MS = new Map([
  ['hour', 3_600_000],
  ['day', 86_400_000],
  ['week', 7 * 86_400_000],
]);
/** What roll-ups can tell apart, ms: a live range, which moves each second, is compared with another time only so often. */
const FINEST = 10_000;

/** A span as it stands in the address. */
export function writeSpan({ from, to }: TimeSpan): string {
  return `${from}/${to}`;
}

/** What `span` is compared with, by what stands in the address: an id of BACK or two times. Undefined: nothing. */
export function baseOf(compare: string, span: TimeSpan): TimeSpan | undefined {
  const [from, to, ...rest] = compare.split('/');
  if (from !== undefined && to !== undefined)
    return rest.length === 0 && Date.parse(from) < Date.parse(to) ? { from, to } : undefined;
  const [start, end] = [Date.parse(span.from), Date.parse(span.to)];
  const back = compare === 'before' ? end - start : BACK_MS.get(compare);
  if (back === undefined || !(start < end)) return undefined;
  const moved = (time: number): string => new Date(Math.floor((time - back) / FINEST) * FINEST).toISOString();
  return { from: moved(start), to: moved(end) };
}
