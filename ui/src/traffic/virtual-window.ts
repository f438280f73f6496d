/** Which rows of a long list are drawn. All rows have the same height. */
export interface Window {
  /** First row drawn, and one past the last. */
  first: number;
  end: number;
}

/** Rows drawn above and below what is seen, so that quick scrolling shows no empty ground. */
const OVERSCAN = 4;

export function windowOf(scrollTop: number, height: number, rowHeight: number, count: number): Window {
  const top = Math.max(0, Math.floor(scrollTop / rowHeight));
  const seen = Math.ceil(height / rowHeight) + 1;
  // Always the same number of rows, so that the elements go round and none is made anew.
  const drawn = seen + 2 * OVERSCAN;
  const first = Math.max(0, Math.min(top - OVERSCAN, count - drawn));
  return { first, end: Math.min(count, first + drawn) };
}

/** Where to scroll so that a row is wholly seen, moving as little as can be. */
export function scrollFor(row: number, scrollTop: number, height: number, rowHeight: number): number {
  const top = row * rowHeight;
  if (top < scrollTop) return top;
  return top + rowHeight > scrollTop + height ? top + rowHeight - height : scrollTop;
}
