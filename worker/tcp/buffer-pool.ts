const SMALLEST = 256;
const CLASSES = 12;

/**
 * Buffers for held segments, in sizes 256 B, 512 B ... 512 KiB (IPv6 with BIG TCP); used again, so that reordering makes no
 * garbage. What is free is bounded; beyond that it is left to the garbage collector.
 */
export class BufferPool {
  private readonly free: Uint8Array[][] = Array.from({ length: CLASSES }, () => []);
  private freeBytes = 0;
  private readonly maxFree: number;

  constructor(maxFree: number) {
    this.maxFree = maxFree;
  }

  /** What holding `length` bytes costs: never nothing, so that many tiny segments are bounded too. */
  static sizeFor(length: number): number {
    let size = SMALLEST;
    while (size < length) size *= 2;
    return size;
  }

  take(length: number): Uint8Array {
    const size = BufferPool.sizeFor(length);
    const buffer = this.free[sizeClass(size)]?.pop();
    if (buffer === undefined) return new Uint8Array(size);
    this.freeBytes -= size;
    return buffer;
  }

  give(buffer: Uint8Array): void {
    const size = buffer.length;
    const list = this.free[sizeClass(size)];
    if (list === undefined || this.freeBytes + size > this.maxFree) return;
    list.push(buffer);
    this.freeBytes += size;
  }
}

function sizeClass(size: number): number {
  return 31 - Math.clz32(size / SMALLEST);
}
