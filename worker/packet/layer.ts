/**
 * How far the reading of a packet has come. One instance serves all packets; each reader takes it where
 * the layer before has left it.
 */
export class Layer {
  /** Next byte to read, as an offset into `packet.data`. */
  at = 0;
  /** End of the captured bytes of the current layer. */
  end = 0;
  /** Where the current layer ended on the wire; past `end` where the snapshot length cut it. */
  wireEnd = 0;
  /** ETHERTYPE of what stands at `at`, after a link layer or a tunnel. */
  etherType = 0;
  /** Internet protocol number of what stands at `at`, after an IP header. */
  protocol = 0;
  /** Of a fragment, after `Outcome.fragment`: offset and identification. */
  fragmentOffset = 0;
  fragmentId = 0;
  moreFragments = false;
}

/** What a reader found. Only `ok` and `fragment` lead on. */
export const Outcome = {
  ok: 0,
  /** An IP fragment: the table of fragments decides. */
  fragment: 1,
  /** Nothing that leads to TCP: ARP, UDP, ICMP, ... */
  notTcp: 2,
  /** Fields that contradict each other or the length. */
  malformed: 3,
  /** The snapshot length ends before the headers do. */
  headersCut: 4,
  unsupportedLink: 5,
  /** A fragment that is kept until the others come, or was dropped: the table has counted it. */
  held: 6,
} as const;
export type Outcome = (typeof Outcome)[keyof typeof Outcome];

/** Big endian, as all these protocols are; signed, so that the value stays a small integer. */
export function int32(data: Uint8Array, at: number): number {
  return (data[at]! << 24) | (data[at + 1]! << 16) | (data[at + 2]! << 8) | data[at + 3]!;
}

export function uint16(data: Uint8Array, at: number): number {
  return (data[at]! << 8) | data[at + 1]!;
}

/**
 * Whether `length` bytes are missing at `at` because the capture cut them, or because they never were there.
 */
export function missing(layer: Layer, length: number): Outcome {
  return layer.at + length <= layer.wireEnd ? Outcome.headersCut : Outcome.malformed;
}
