import type { ExchangeMark } from '../../flow/exchange-mark.ts';
import type { Packet } from '../packet/packet.ts';
import type { SourceStats } from './source.ts';
import type { Window } from './window.ts';

/** A file format: takes packets out of the window, one a call. */
export interface CaptureFormat {
  /**
   * Fills `packet` with the next one and moves the window behind it. False: `window.need` bytes must be in
   * the window first. Throws a `CaptureError` where the file is damaged; then nothing more can be read.
   */
  next(packet: Packet, window: Window): boolean;
  /** Whether a record has been begun that is not in the window any more: the file may not end here. */
  readonly unfinished: boolean;
  /** See PacketFile. */
  readonly marks: readonly ExchangeMark[];
}

export const NO_MARKS: readonly ExchangeMark[] = [];

/** The largest packet that is taken for one, in bytes: what libpcap allows. A length above it is damage. */
export const MAX_PACKET_LENGTH = 262_144;
/**
 * The most that a file may claim as its own snapshot length, and the largest block that is read as a whole.
 */
export const MAX_BLOCK_LENGTH = 16 << 20;

/**
 * How long a packet may be in a file that says this snapshot length: captures of segmentation offload exceed
 * it.
 */
export function packetLimit(snapLength: number): number {
  return Math.min(Math.max(snapLength, MAX_PACKET_LENGTH), MAX_BLOCK_LENGTH);
}

export function uint16(data: Uint8Array, at: number, little: boolean): number {
  return little ? data[at]! | (data[at + 1]! << 8) : (data[at]! << 8) | data[at + 1]!;
}

export function uint32(data: Uint8Array, at: number, little: boolean): number {
  const value = little
    ? data[at]! | (data[at + 1]! << 8) | (data[at + 2]! << 16) | (data[at + 3]! << 24)
    : (data[at]! << 24) | (data[at + 1]! << 16) | (data[at + 2]! << 8) | data[at + 3]!;
  return value >>> 0;
}

export function emptyStats(): SourceStats {
  return { packets: 0, bytes: 0, kernelDrops: 0, interfaceDrops: 0, overloadDrops: 0 };
}
