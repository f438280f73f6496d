import { REDACTED } from '../../flow/flow.ts';
import { Replacement, type Spans } from './spans.ts';

const encoder = new TextEncoder();
/** By kind of replacement. */
const REPLACEMENTS: readonly Uint8Array[] = Object.values(Replacement).map((kind) => {
  if (kind === Replacement.plain) return encoder.encode(REDACTED);
  const quoted = JSON.stringify(REDACTED);
  return encoder.encode(kind === Replacement.quoted ? quoted : JSON.stringify(quoted).slice(1, -1));
});

/** Shorter runs are copied octet by octet: that is faster than a call into the runtime. */
const SHORT_RUN = 48;
const MASK = 0x2a;

/** How many octets `writeRedacted` writes for the range. */
export function redactedLength(start: number, end: number, spans: Spans): number {
  let length = end - start;
  for (let i = 0; i < spans.count; i++) {
    if (!touches(spans, i, start, end)) continue;
    length += REPLACEMENTS[spans.kinds[i]].length;
    length -= Math.min(spans.ends[i], end) - Math.max(spans.starts[i], start);
  }
  return length;
}

/**
 * Copies `source[start, end)` to `target` from `at` on, with the replacement for each span that lies in the
 * range or reaches into it. Answers where it ended. `target` must have room for `redactedLength` octets.
 */
export function writeRedacted(
  target: Uint8Array,
  at: number,
  source: Uint8Array,
  start: number,
  end: number,
  spans: Spans,
): number {
  let from = start;
  for (let i = 0; i < spans.count; i++) {
    if (!touches(spans, i, start, end)) continue;
    at = copy(target, at, source, from, Math.max(spans.starts[i], start));
    const replacement = REPLACEMENTS[spans.kinds[i]];
    at = copy(target, at, replacement, 0, replacement.length);
    from = Math.min(spans.ends[i], end);
  }
  return copy(target, at, source, from, end);
}

/** Overwrites the spans with `*`, length kept: for bytes whose positions matter, such as packets. */
export function maskInPlace(source: Uint8Array, spans: Spans): void {
  for (let i = 0; i < spans.count; i++) source.fill(MASK, spans.starts[i], spans.ends[i]);
}

/** Whether the span has octets in the range, or is empty and inside it or at its edge. */
function touches(spans: Spans, index: number, start: number, end: number): boolean {
  const from = spans.starts[index];
  const to = spans.ends[index];
  return from === to ? from >= start && from <= end : from < end && to > start;
}

function copy(target: Uint8Array, at: number, source: Uint8Array, start: number, end: number): number {
  if (end - start > SHORT_RUN) {
    target.set(source.subarray(start, end), at);
    return at + end - start;
  }
  for (let i = start; i < end; i++) target[at++] = source[i];
  return at;
}
