import type { TimedFrame } from './frame.ts';
import { LinkType } from './link.ts';

export type ByteOrder = 'little' | 'big';

export interface PcapOptions {
  linkType?: number;
  byteOrder?: ByteOrder;
  /** Fraction of a second in which times are written; default microseconds. */
  resolution?: 'us' | 'ns';
  snapLength?: number;
  /** Kuznetsov's variant with 24-byte record headers (magic 0xa1b2cd34), as old Linux patches wrote. */
  modified?: boolean;
}

const FILE_HEADER = 24;

/** A capture file in the classic format (draft-ietf-opsawg-pcap). */
export function pcapFile(frames: readonly TimedFrame[], options: PcapOptions = {}): Uint8Array {
  const little = (options.byteOrder ?? 'little') === 'little';
  const nanoseconds = options.resolution === 'ns';
  const recordHeader = options.modified ? 24 : 16;
  const length = frames.reduce((sum, { frame }) => sum + recordHeader + frame.length, FILE_HEADER);
  const file = new Uint8Array(length);
  const view = new DataView(file.buffer);

  view.setUint32(0, options.modified ? 0xa1b2cd34 : nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4, little);
  view.setUint16(4, 2, little);
  view.setUint16(6, 4, little);
  view.setUint32(16, options.snapLength ?? 262_144, little);
  view.setUint32(20, options.linkType ?? LinkType.ethernet, little);

  let at = FILE_HEADER;
  for (const { time, frame, wireLength } of frames) {
    const seconds = Math.floor(time / 1_000_000);
    const micros = time - seconds * 1_000_000;
    view.setUint32(at, seconds, little);
    view.setUint32(at + 4, Math.floor(nanoseconds ? micros * 1000 : micros), little);
    view.setUint32(at + 8, frame.length, little);
    view.setUint32(at + 12, wireLength ?? frame.length, little);
    file.set(frame, at + recordHeader);
    at += recordHeader + frame.length;
  }
  return file;
}
