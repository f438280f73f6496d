import type { NamedAddress } from './names.ts';

/** A packet as it goes into a file. */
export interface ExportedPacket {
  node: string;
  /** As in flows. */
  connection: string;
  /** µs since the epoch. */
  time: number;
  /** From the IP header on. */
  data: Uint8Array;
  /** Larger than `data` where the capture cut it. */
  wireLength: number;
  /** What begins with it. */
  comments: readonly string[];
}

/** What a node's worker had captured and lost when the file was written. */
export interface CaptureStatistics {
  received: number;
  interfaceDrops: number;
  kernelDrops: number;
}

/** A file that packets are written into, one after the other. What a format has no place for is left out. */
export interface PacketWriter {
  /** The file begins with this. */
  begin(application: string, remarks: readonly string[]): Uint8Array;
  names(names: readonly NamedAddress[]): Uint8Array;
  packet(packet: ExportedPacket): Uint8Array;
  /** How the capture on a node has gone up to `time`, and what else there is to say in the end. */
  statistics(
    node: string,
    time: number,
    statistics: CaptureStatistics | undefined,
    remarks: readonly string[],
  ): Uint8Array;
}

export interface PacketFormat {
  /** Ending of the file's name, and of the route's. */
  readonly name: string;
  readonly mediaType: string;
  /** What a person reads of it in a list of formats. */
  readonly description: string;
  /** What each packet takes beside its bytes, about. */
  readonly overhead: number;
  writer(): PacketWriter;
}
