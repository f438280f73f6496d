/** Words of a key: an address and a port. */
const KEY = 5;

/**
 * Bits for addresses with ports, in one array of 32-bit words: asked for each packet, it allocates nothing. Made once for
 * a known number of keys and never more than half full, so that a search ends soon.
 */
export class SocketTable {
  readonly #keys: Int32Array;
  /** 0: the slot is free. */
  readonly #bits: Uint8Array;
  readonly #mask: number;

  constructor(keys: number) {
    const size = 1 << (32 - Math.clz32(Math.max(8, 2 * keys) - 1));
    this.#keys = new Int32Array(size * KEY);
    this.#bits = new Uint8Array(size);
    this.#mask = size - 1;
  }

  /** Adds bits (1 to 255) to those of the key. */
  add(words: Int32Array, port: number, bits: number): void {
    const slot = this.#find(words[0]!, words[1]!, words[2]!, words[3]!, port);
    this.#bits[slot]! |= bits;
    this.#keys.set(words, slot * KEY);
    this.#keys[slot * KEY + 4] = port;
  }

  /** Of the address in four words as `Packet` has it; 0: none. */
  bits(a: number, b: number, c: number, d: number, port: number): number {
    return this.#bits[this.#find(a, b, c, d, port)]!;
  }

  /** Where it is, or the free slot where it would be. */
  #find(a: number, b: number, c: number, d: number, port: number): number {
    const keys = this.#keys;
    const mask = this.#mask;
    for (let slot = hash(a, b, c, d, port) & mask; ; slot = (slot + 1) & mask) {
      if (this.#bits[slot] === 0) return slot;
      const at = slot * KEY;
      if (
        keys[at + 3] === d &&
        keys[at + 4] === port &&
        keys[at + 2] === c &&
        keys[at + 1] === b &&
        keys[at] === a
      ) {
        return slot;
      }
    }
  }
}

/** The addresses of a cluster differ in few bits: all of them must reach the low ones. */
function hash(a: number, b: number, c: number, d: number, port: number): number {
  const h =
    Math.imul(d ^ Math.imul(port, 0x9e3779b1), 0x85ebca6b) ^ Math.imul(a ^ (b << 7) ^ (c << 13), 0xc2b2ae35);
  return Math.imul(h ^ (h >>> 15), 0x2c1b3c6d) >>> 8;
}
