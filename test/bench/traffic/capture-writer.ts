import { closeSync, openSync, writeSync } from 'node:fs';
import { LinkType, pcapFile } from '../../packets/index.ts';

/** Bytes gathered before they are written. */
const BUFFER = 16 << 20;
const RECORD_HEADER = 16;

/** A capture file in the classic format, written frame by frame: too large for a list of frames in memory. */
export class CaptureWriter {
  /** Where `frame` makes room; another place after each call. */
  readonly bytes = Buffer.alloc(BUFFER);
  private readonly file: number;
  private end = 0;

  constructor(path: string) {
    this.file = openSync(path, 'w');
    this.bytes.set(pcapFile([], { linkType: LinkType.ethernet }));
    this.end = pcapFile([]).length;
  }

  /** Makes room for a frame that was captured at `time`, µs; answers where in `bytes` it is to be written. */
  frame(time: number, length: number): number {
    if (this.end + RECORD_HEADER + length > this.bytes.length) this.flush();
    const { bytes, end } = this;
    const seconds = Math.floor(time / 1e6);
    bytes.writeUInt32LE(seconds, end);
    bytes.writeUInt32LE(time - seconds * 1e6, end + 4);
    bytes.writeUInt32LE(length, end + 8);
    bytes.writeUInt32LE(length, end + 12);
    this.end = end + RECORD_HEADER + length;
    return end + RECORD_HEADER;
  }

  close(): void {
    this.flush();
    closeSync(this.file);
  }

  private flush(): void {
    for (let at = 0; at < this.end; ) at += writeSync(this.file, this.bytes, at, this.end - at);
    this.end = 0;
  }
}
