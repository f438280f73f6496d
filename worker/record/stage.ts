import { wordsOf } from '../../flow/copy.ts';

/** Stays in the cache of a core beside what the worker has there. */
export const STAGE_BYTES = 64 * 1024;

/**
 * Where entries are put together before many of them go to their segment at once: a segment is in nobody's cache, and each packet on its own
 * would wait for it.
 */
export class Stage {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly words: Int32Array;
  readonly times: Float64Array;

  /** `largest`: of an entry; only as much memory is used as is needed. A multiple of 8. */
  constructor(largest: number) {
    const buffer = new ArrayBuffer(Math.max(STAGE_BYTES, largest));
    this.bytes = new Uint8Array(buffer);
    this.view = wordsOf(this.bytes);
    this.words = new Int32Array(buffer);
    this.times = new Float64Array(buffer);
  }
}
