/** Where the last whole record of a growing capture file ends: what is cut off in the middle of one, readers complain of. */

/** Bytes that tell how long a record is, and how long the file's own header is. */
const SHAPES = {
  // Block type and total length (draft-ietf-opsawg-pcapng §3.1); the third word tells the byte order of a section.
  pcapng: { head: 12, file: 0 },
  // ts_sec, ts_usec, incl_len, orig_len (draft-ietf-opsawg-pcap §5).
  pcap: { head: 16, file: 24 },
} as const;

const SECTION = 0x0a0d0d0a;
const BYTE_ORDER = 0x1a2b3c4d;
/** Of classic pcap: microseconds and nanoseconds. */
const MAGIC = new Set([0xa1b2c3d4, 0xa1b23c4d]);

export class WholeRecords {
  /** So many bytes from the beginning are whole records. */
  end = 0;
  private readonly kind: keyof typeof SHAPES;
  private readonly head: Buffer;
  private filled = 0;
  /** Of the record whose head has been read. */
  private left = 0;
  private position = 0;
  private littleEndian = true;

  constructor(kind: keyof typeof SHAPES) {
    this.kind = kind;
    this.head = Buffer.alloc(Math.max(SHAPES[kind].head, SHAPES[kind].file));
  }

  push(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; ) {
      const isBody = this.left > 0;
      const wanted = isBody ? this.left : this.headLength() - this.filled;
      const taken = Math.min(wanted, chunk.length - at);
      if (isBody) this.left -= taken;
      else {
        this.head.set(chunk.subarray(at, at + taken), this.filled);
        this.filled += taken;
        if (taken === wanted) {
          this.left = this.bodyLength();
          this.filled = 0;
        }
      }
      at += taken;
      this.position += taken;
      if (this.left === 0 && this.filled === 0) this.end = this.position;
    }
  }

  private headLength(): number {
    return this.kind === 'pcap' && this.end === 0 ? SHAPES.pcap.file : SHAPES[this.kind].head;
  }

  private bodyLength(): number {
    if (this.kind === 'pcap') {
      if (this.end > 0) return this.word(8);
      this.littleEndian = MAGIC.has(this.head.readUInt32LE(0));
      return 0;
    }
    if (this.word(0) === SECTION) this.littleEndian = this.head.readUInt32LE(8) === BYTE_ORDER;
    return Math.max(0, this.word(4) - SHAPES.pcapng.head);
  }

  private word(at: number): number {
    return this.littleEndian ? this.head.readUInt32LE(at) : this.head.readUInt32BE(at);
  }
}
