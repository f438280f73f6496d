import { dateTime } from '../lib/format.ts';

/** A stretch of time as the page's address and the hub have it: RFC 3339, or back from now (`-15m`). Empty: no end there. */
export interface TimeRange {
  from: string;
  to: string;
}

export const RELATIVE: readonly { from: string; label: string }[] = [
  { from: '-5m', label: '5 minutes' },
  { from: '-15m', label: '15 minutes' },
  { from: '-1h', label: '1 hour' },
  { from: '-6h', label: '6 hours' },
  { from: '-24h', label: '24 hours' },
  { from: '', label: 'All' },
];

/** A range in a few words. */
export function rangeWords({ from, to }: TimeRange): string {
  if (to === '') {
    if (from === '') return 'All';
    const known = RELATIVE.find((one) => one.from === from);
    if (known !== undefined) return `Last ${known.label.replace(/^1 /, '')}`;
    return from.startsWith('-') ? `Last ${from.slice(1)}` : `From ${dateTime(from)}`;
  }
  if (from === '') return `Until ${dateTime(to)}`;
  const [start, end] = [dateTime(from), dateTime(to)];
  return `${start} – ${start.slice(0, 10) === end.slice(0, 10) ? end.slice(11) : end}`;
}

/** For a field of local time; `now` (ms) is what a time back counts from. */
export function toLocal(time: string, now: number): string {
  if (time === '') return '';
  const back = /^-(\d+)([mh])$/.exec(time);
  const ms =
    back === null ? Date.parse(time) : now - Number(back[1]) * (back[2] === 'h' ? 3_600_000 : 60_000);
  return Number.isNaN(ms) ? '' : dateTime(new Date(ms).toISOString()).replace(' ', 'T');
}

/** What was written into two fields of local time; a sentence where that is no range. */
export function fromLocal(from: string, to: string): TimeRange | string {
  const [start, end] = [from, to].map((local) => (local === '' ? undefined : new Date(local)));
  if (start === undefined && end === undefined) return 'Write a time to begin or to end with.';
  for (const date of [start, end]) {
    if (date !== undefined && Number.isNaN(date.getTime())) return 'That is not a time.';
  }
  if (start !== undefined && end !== undefined && start >= end) return 'It must begin before it ends.';
  return { from: start?.toISOString() ?? '', to: end?.toISOString() ?? '' };
}

/** The zone of local times, as in `Europe/Berlin, UTC+1`. */
export function zone(at = new Date()): string {
  const minutes = -at.getTimezoneOffset();
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const offset = `${minutes < 0 ? '−' : '+'}${Math.abs(minutes) / 60}`;
  return minutes === 0 ? timeZone : `${timeZone}, UTC${offset}`;
}
