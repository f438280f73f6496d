import type { Summary } from '../../../flow/api.ts';

/** The classes of a stretch's counts, in the order of a bar from the ground up: what fails stands on top. */
export const CLASSES = [
  { name: 'info', label: '1xx', at: 1 },
  { name: 'ok', label: '2xx', at: 2 },
  { name: 'redirect', label: '3xx', at: 3 },
  { name: 'client-error', label: '4xx', at: 4 },
  { name: 'server-error', label: '5xx', at: 5 },
  { name: 'none', label: 'no answer', at: 0 },
] as const;

export interface Bar {
  x: number;
  width: number;
  parts: { name: (typeof CLASSES)[number]['name']; y: number; height: number }[];
  /** For those who point at it, or cannot see it. */
  title: string;
}

/** Bars of a timeline in a box of `width` by `height`. A class that is there at all is at least a pixel high. */
export function barsOf(timeline: Summary['timeline'], width: number, height: number): Bar[] {
  const most = Math.max(1, ...timeline.map(({ counts }) => total(counts)));
  const step = width / Math.max(1, timeline.length);
  return timeline.map(({ start, counts }, n) => {
    let y = height;
    const parts = CLASSES.flatMap(({ name, at }) => {
      if (counts[at] === 0) return [];
      const tall = Math.max(1, (counts[at] / most) * height);
      y -= tall;
      return [{ name, y: Math.max(0, y), height: tall }];
    });
    const told = CLASSES.flatMap(({ label, at }) => (counts[at] === 0 ? [] : `${counts[at]} × ${label}`));
    return {
      x: n * step,
      width: Math.max(1, step - 1),
      parts,
      title: `${new Date(start).toLocaleTimeString()}: ${told.length === 0 ? 'nothing' : told.join(', ')}`,
    };
  });
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** How much of a timeline, 0 to 1 from its start, there was no time to count. */
export function uncounted({ from, to, since }: Pick<Summary, 'from' | 'to' | 'since'>): number {
  const start = Date.parse(from);
  const length = Date.parse(to) - start;
  return length > 0 ? Math.min(1, Math.max(0, (Date.parse(since) - start) / length)) : 0;
}

/** The range between two places of a timeline (0 to 1, in any order), as RFC 3339; undefined where that is no range. */
export function rangeBetween(
  { from, to }: Pick<Summary, 'from' | 'to'>,
  a: number,
  b: number,
): { from: string; to: string } | undefined {
  const start = Date.parse(from);
  const length = Date.parse(to) - start;
  const at = (share: number): number => Math.round(start + Math.min(1, Math.max(0, share)) * length);
  const [first, last] = [at(Math.min(a, b)), at(Math.max(a, b))];
  if (last - first < 1) return undefined;
  return { from: new Date(first).toISOString(), to: new Date(last).toISOString() };
}
