/**
 * Sequence number arithmetic (RFC 9293 §3.4). Numbers are signed 32-bit, so differences stay small integers
 * and wrap-around needs no thought: anything up to 2 GiB apart compares rightly.
 */

/** How far `a` lies ahead of `b`; negative if it lies behind. */
export function ahead(a: number, b: number): number {
  return (a - b) | 0;
}

/** The sequence number `count` after `seq`. */
export function after(seq: number, count: number): number {
  return (seq + count) | 0;
}
