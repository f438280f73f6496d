import { copyOctets } from '../../flow/copy.ts';
import { REDACTED } from '../../flow/flow.ts';
import { Replacement, type Spans } from './spans.ts';

const encoder = new TextEncoder();
/** By kind of replacement. */
const REPLACEMENTS = Object.values(Replacement).map((kind) => {
  if (kind === Replacement.plain) return encoder.encode(REDACTED);
  const quoted = JSON.stringify(REDACTED);
  return encoder.encode(kind === Replacement.quoted ? quoted : JSON.stringify(quoted).slice(1, -1));
});

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
 * range or reaches into it; `targetWords` and `sourceWords` are the views of the arrays. Answers where it ended.
 * `target` must have room for `redactedLength` octets.
 */
export function writeRedacted(
  target: Uint8Array,
  targetWords: DataView,
  at: number,
  source: Uint8Array,
  sourceWords: DataView,
  start: number,
  end: number,
  spans: Spans,
): number {
  let from = start;
  for (let i = 0; i < spans.count; i++) {
    if (!touches(spans, i, start, end)) continue;
    const to = Math.max(spans.starts[i], start);
    copyOctets(target, targetWords, at, source, sourceWords, from, to);
    at += to - from;
    const replacement = REPLACEMENTS[spans.kinds[i]];
    for (let k = 0; k < replacement.length; k++) target[at++] = replacement[k];
    from = Math.min(spans.ends[i], end);
  }
  copyOctets(target, targetWords, at, source, sourceWords, from, end);
  return at + end - from;
}

/** Whether the span has octets in the range, or is empty and inside it or at its edge. */
function touches(spans: Spans, index: number, start: number, end: number): boolean {
  const from = spans.starts[index];
  const to = spans.ends[index];
  return from === to ? from >= start && from <= end : from < end && to > start;
}
