import { dateTime } from '../lib/format.ts';

/** How far a search in history has got. */
export interface SearchProgress {
  /** Flows that were looked through. */
  scanned: number;
  /** RFC 3339: all from here on. */
  since: string;
}

/** `Looked through 3.2 M of 10 M flows, back to 2026-11-21 14:02:11`; `stored`: how many there are, if that is known. */
export function progressText({ scanned, since }: SearchProgress, stored?: number): string {
  // What has come or gone since the number was told must not read as more than all.
  const of = stored !== undefined && stored > scanned ? ` of ${rounded(stored)}` : '';
  return `Looked through ${rounded(scanned)}${of} flows, back to ${dateTime(since)}`;
}

/** `812`, `64,100`, `3.2 M`: a million needs no more digits. */
function rounded(n: number): string {
  return n < 1e6 ? n.toLocaleString('en') : `${(n / 1e6).toFixed(n < 99.5e6 ? 1 : 0)} M`;
}
