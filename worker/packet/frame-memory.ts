/** Bytes behind the frames of a source. */
export const COPY_ROOM = 64 * 1024;

/**
 * Memory for `size` bytes of frames, a multiple of 8, and for `COPY_ROOM` bytes behind them, which are nobody's: whoever reads packets can
 * keep copies there for a while. To copy within one array takes the engine a third of the time that it takes from one to another.
 */
export function frameMemory(size: number): Uint8Array {
  return new Uint8Array(size + COPY_ROOM);
}
