/** Which rows of a long list are drawn. All rows have the same height. */
export interface Window {
  /** First row drawn, and one past the last. */
  first: number;
  end: number;
}

/** Rows drawn above and below what is seen, so that quick scrolling shows no empty ground. */
const OVERSCAN = 8;

export function windowOf(scrollTop: number, height: number, rowHeight: number, count: number): Window {
  const top = Math.max(0, Math.floor(scrollTop / rowHeight));
  const seen = Math.ceil(height / rowHeight) + 1;
  const first = Math.max(0, Math.min(top - OVERSCAN, count - seen - 2 * OVERSCAN));
  return { first, end: Math.min(count, Math.max(top, first) + seen + OVERSCAN) };
}

/** Where to scroll so that a row is wholly seen, moving as little as can be. */
export function scrollFor(row: number, scrollTop: number, height: number, rowHeight: number): number {
  const top = row * rowHeight;
  if (top < scrollTop) return top;
  return top + rowHeight > scrollTop + height ? top + rowHeight - height : scrollTop;
}
