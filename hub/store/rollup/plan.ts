import { LEVELS } from './rollup.ts';

/** A stretch of time and the level of the buckets that answer for it. */
export interface Stretch {
  level: number;
  from: number;
  to: number;
}

/** Cuts [from, to), µs, into stretches of whole buckets, as long as they fit in, and none longer than `longest`, µs. */
export function planStretches(from: number, to: number, longest = Number.POSITIVE_INFINITY): Stretch[] {
  const finest = LEVELS[0];
  from = Math.floor(from / finest) * finest;
  to = Math.ceil(to / finest) * finest;
  if (!(from < to)) return [];
  let top = LEVELS.length - 1;
  while (top > 0 && LEVELS[top] > longest) top--;
  return cut(from, to, top);
}

function cut(from: number, to: number, level: number): Stretch[] {
  if (from >= to) return [];
  if (level === 0) return [{ level, from, to }];
  const length = LEVELS[level];
  const inner = Math.ceil(from / length) * length;
  const end = Math.floor(to / length) * length;
  if (inner >= end) return cut(from, to, level - 1);
  return [...cut(from, inner, level - 1), { level, from: inner, to: end }, ...cut(end, to, level - 1)];
}
