import type { Packet } from '../packet/packet.ts';

/** 2^14 sets of 4: the last 65,536 packets are remembered, in 1.5 MiB. */
const SETS = 1 << 14;
const WAYS = 4;
const FIELDS = 6;

/** With an IPv4 identification: a retransmission bears another one, and comes after 200 ms at the earliest (RFC 6298, as Linux has it). µs. */
const IDENTIFIED = 100_000;
/** IPv6, or identification 0: TSval ticks each millisecond or more slowly, so it tells retransmissions apart beyond that. µs. */
const STAMPED = 10_000;
/** Neither: only nearness speaks for a copy. µs. */
const BARE = 3000;

/**
 * Tells a copy of a packet (seen on another interface, or forwarded) from a retransmission: the same
 * connection and direction, IP identification, sequence and acknowledgement number, flags, length and
 * timestamps, within a short time. TTL, checksums and MAC addresses may differ: forwarding changes them.
 *
 * A set-associative cache of packet signatures, shared by all connections: fixed memory, one look a packet. What is pushed
 * out is counted as a retransmission instead of as a copy; no bytes depend on it.
 */
export class CopyDetector {
  private readonly seen = new Int32Array(SETS * WAYS * FIELDS);

  /** Whether `packet` was seen before; remembers it. `owner` names connection and direction and is not 0. */
  isCopy(owner: number, packet: Packet): boolean {
    const seen = this.seen;
    const seq = packet.seq;
    const ack = packet.ack;
    const identity = ((packet.ipId & 0xffff) << 8) | packet.flags;
    const stamps = (packet.tsVal + Math.imul(packet.tsEcr, 0x2c1b3c6d)) | 0;
    const length = packet.payloadLength;
    // µs modulo 2^32: differences up to 35 minutes are right, and that is enough.
    const time = packet.time | 0;

    let hash =
      Math.imul(seq ^ Math.imul(owner, 0x9e3779b1), 0x85ebca6b) ^ Math.imul(ack, 0xc2b2ae35) ^ identity;
    hash = Math.imul(hash ^ (hash >>> 15), 0x27d4eb2f);
    const set = (hash >>> 18) * (WAYS * FIELDS);

    let oldest = set;
    let oldestAge = -1;
    for (let i = set; i < set + WAYS * FIELDS; i += FIELDS) {
      const age = Math.abs((time - seen[i]!) | 0);
      if (
        seen[i + 1] === owner &&
        seen[i + 2] === seq &&
        seen[i + 3] === ack &&
        seen[i + 4] === identity &&
        seen[i + 5] === ((stamps + Math.imul(length, 0x165667b1)) | 0)
      ) {
        const limit = packet.ipId > 0 ? IDENTIFIED : packet.tsVal !== 0 ? STAMPED : BARE;
        if (age < limit) return true;
        seen[i] = time;
        return false;
      }
      if (seen[i + 1] === 0) {
        oldest = i;
        oldestAge = 0x7fffffff;
      } else if (age > oldestAge) {
        oldest = i;
        oldestAge = age;
      }
    }
    seen[oldest] = time;
    seen[oldest + 1] = owner;
    seen[oldest + 2] = seq;
    seen[oldest + 3] = ack;
    seen[oldest + 4] = identity;
    seen[oldest + 5] = (stamps + Math.imul(length, 0x165667b1)) | 0;
    return false;
  }
}
