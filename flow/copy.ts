/** Up to so many octets are copied by words, within an array and from one to another: for longer runs a call into the runtime is faster. */
const LONGEST_WITHIN = 64;
const LONGEST_BY_WORDS = 160;

/**
 * Copies `source[start, end)` to `target` from `at` on. The views are those of the arrays, with the same indices. (The
 * engine's own `set` needs an array of the range, which takes longer to make than a few hundred octets to copy.)
 */
export function copyOctets(
  target: Uint8Array,
  targetWords: DataView,
  at: number,
  source: Uint8Array,
  sourceWords: DataView,
  start: number,
  end: number,
): void {
  const length = end - start;
  if (length > LONGEST_WITHIN && source === target) {
    target.copyWithin(at, start, end);
    return;
  }
  if (length > LONGEST_BY_WORDS) {
    target.set(source.subarray(start, end), at);
    return;
  }
  let from = start | 0;
  let to = at | 0;
  for (const last = (end - 16) | 0; from <= last; from = (from + 16) | 0, to = (to + 16) | 0) {
    targetWords.setInt32(to, sourceWords.getInt32(from, true), true);
    targetWords.setInt32(to + 4, sourceWords.getInt32(from + 4, true), true);
    targetWords.setInt32(to + 8, sourceWords.getInt32(from + 8, true), true);
    targetWords.setInt32(to + 12, sourceWords.getInt32(from + 12, true), true);
  }
  for (; from < end; from = (from + 1) | 0, to = (to + 1) | 0) target[to] = source[from]!;
}

/** The view through which the words of an array are read and written, with the same indices. */
export function wordsOf(array: Uint8Array): DataView {
  return new DataView(array.buffer, array.byteOffset, array.byteLength);
}
