import { frameMemory } from '../packet/frame-memory.ts';

/** The part of a file that is in memory. Bytes `[at, end)` of `bytes` have been read and not used. */
export class Window {
  bytes: Uint8Array;
  /** So many of `bytes` are for the file. */
  capacity: number;
  at = 0;
  end = 0;
  /** Bytes that must be there before reading can go on; set by whoever could not go on. */
  need = 1;
  /** Offset in the (decompressed) file of `bytes[0]`. */
  #base = 0;

  constructor(capacity: number) {
    this.bytes = frameMemory(capacity);
    this.capacity = capacity;
  }

  /** Offset in the (decompressed) file of the next byte. */
  get offset(): number {
    return this.#base + this.at;
  }

  get available(): number {
    return this.end - this.at;
  }

  /** Moves what has not been used to the front, into more room if `need` asks for it. */
  makeRoom(): void {
    const rest = this.bytes.subarray(this.at, this.end);
    const capacity = this.need > this.capacity ? roundUp(this.need) : this.capacity;
    const target = capacity > this.capacity ? frameMemory(capacity) : this.bytes;
    target.set(rest);
    this.#base += this.at;
    this.bytes = target;
    this.capacity = capacity;
    this.end = rest.length;
    this.at = 0;
  }
}

function roundUp(length: number): number {
  return 2 ** Math.ceil(Math.log2(length));
}
