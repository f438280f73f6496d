import type { AddressNames } from '../../flow/address-names.ts';
import type { ExchangeMark } from '../../flow/exchange-mark.ts';
import type { Packet } from '../packet/packet.ts';

/** Counters of a source; all since it was opened. */
export interface SourceStats {
  packets: number;
  bytes: number;
  /** Packets the kernel had no room for in its ring (files: what pcapng statistics say). */
  kernelDrops: number;
  /** Packets the interface or its driver dropped (files: what pcapng statistics say). */
  interfaceDrops: number;
  /** Packets taken from the ring unread because the worker was too slow for too long (0 for files). */
  overloadDrops: number;
}

/** What a file also counts. */
export interface FileStats extends SourceStats {
  /** Names of addresses beyond the ones that are read, and marks of exchanges (flow/exchange-mark.ts). */
  namesLeftOut: number;
  marksLeftOut: number;
}

/**
 * A capture file, read by pulling: the reader decides the pace, so a file of any size needs the memory of
 * a small one, and several files can be read side by side in the order of their times.
 */
export interface PacketFile {
  /** The name shown to people: the path, or `-`. */
  readonly name: string;
  readonly stats: FileStats;
  /** Bytes consumed of the file on disk, and its size where known: for progress. */
  readonly position: number;
  readonly size: number | undefined;
  /** Fills `packet` with the next one (valid until the next call); false: `fill` must be awaited first. */
  next(packet: Packet): boolean;
  /**
   * Reads more of the file. False at its end. Rejects with a `CaptureError` where the file is damaged; the
   * packets before that have been given.
   */
  fill(): Promise<boolean>;
  /** Names of addresses that the file has told since the last call: pcapng may have some. */
  takeNames(): AddressNames[];
  /** What the file says of the exchanges that begin with the packet that `next` gave last; empty for nearly all packets. */
  readonly marks: readonly ExchangeMark[];
  close(): Promise<void>;
}

/** A live capture: pushes packets as the kernel has them. */
export interface LiveCapture {
  readonly interfaceName: string;
  /** Asked of libpcap at each call. */
  stats(): SourceStats;
  close(): void;
}

/** What a live capture calls for each packet; `packet` is valid during the call only. */
export type PacketSink = (packet: Packet) => void;
