import { copyOctets, wordsOf } from '../../flow/copy.ts';
import { COPY_ROOM } from '../packet/frame-memory.ts';
import type { Packet } from '../packet/packet.ts';
import { Words } from '../words.ts';

/** Stays in the cache of a core beside what the worker has there. */
export const STAGE_BYTES = COPY_ROOM;

/**
 * Where entries are put together before many of them go to their segment at once: a segment is in nobody's cache, and each packet on its own
 * would wait for it. It is behind the frames that packets are copied from, where there is room for it.
 */
export class Stage {
  bytes!: Uint8Array;
  words!: Int32Array;
  times!: Float64Array;
  /** Where in `bytes` it begins: a multiple of 8. */
  start = 0;
  private view!: DataView;
  private readonly sources = new Words();
  readonly #own: Uint8Array;

  /** `largest`: of an entry; only as much memory is used as is needed. A multiple of 8. */
  constructor(largest: number) {
    this.#own = new Uint8Array(Math.max(STAGE_BYTES, largest));
    this.#place(this.#own, 0);
  }

  /** To where there is room for an entry of `size` bytes, best near the packet. Nothing that is needed may be on it. */
  move(size: number, packet: Packet): void {
    if (size > STAGE_BYTES) this.#place(this.#own, 0);
    else if (packet.copyRoom >= 0) this.#place(packet.data, packet.copyRoom);
  }

  /** TCP header and payload. */
  copy(at: number, { data, tcpStart, payloadEnd }: Packet): void {
    copyOctets(this.bytes, this.view, at, data, this.sources.of(data), tcpStart, payloadEnd);
  }

  #place(bytes: Uint8Array, start: number): void {
    if (bytes === this.bytes) return;
    this.bytes = bytes;
    this.start = start;
    this.view = wordsOf(bytes);
    this.words = new Int32Array(bytes.buffer);
    this.times = new Float64Array(bytes.buffer);
  }
}
