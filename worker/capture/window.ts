/** The part of a file that is in memory. Bytes `[at, end)` of `bytes` have been read and not used. */
export class Window {
  bytes: Uint8Array;
  at = 0;
  end = 0;
  /** Bytes that must be there before reading can go on; set by whoever could not go on. */
  need = 1;
  /** Offset in the (decompressed) file of `bytes[0]`. */
  #base = 0;

  constructor(capacity: number) {
    this.bytes = new Uint8Array(capacity);
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
    const target = this.need > this.bytes.length ? new Uint8Array(roundUp(this.need)) : this.bytes;
    target.set(rest);
    this.#base += this.at;
    this.bytes = target;
    this.end = rest.length;
    this.at = 0;
  }
}

function roundUp(length: number): number {
  return 2 ** Math.ceil(Math.log2(length));
}
