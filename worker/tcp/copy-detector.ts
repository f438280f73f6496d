import type { Packet } from '../packet/packet.ts';

/**
 * 2^12 sets of 3 packets: the last 12,288 are remembered, in 256 KiB that stay in the processor's cache. A set fills a cache line: three times time,
 * owner, sequence number, acknowledgement number and a mix of the rest, then the place that is replaced next.
 */
const SET_BITS = 12;
const SET_SIZE = 16;
const FIELDS = 5;
const NEXT = 15;

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
  private readonly seen = new Int32Array(SET_SIZE << SET_BITS);

  /** Whether `packet` was seen before; remembers it. `owner` names connection and direction. */
  isCopy(owner: number, packet: Packet): boolean {
    const { seen } = this;
    const { seq, ack } = packet;
    const rest = mix(packet);
    // µs modulo 2^32: differences up to 35 minutes come out right, which is enough.
    const time = packet.time | 0;

    let hash = Math.imul(rest ^ seq, 0x85ebca6b) ^ Math.imul(ack ^ Math.imul(owner, 0x9e3779b1), 0xc2b2ae35);
    hash = Math.imul(hash ^ (hash >>> 15), 0x27d4eb2f);
    const set = (hash >>> (32 - SET_BITS)) * SET_SIZE;
    for (let i = set; i < set + NEXT; i += FIELDS) {
      if (seen[i + 2] === seq && seen[i + 1] === owner && seen[i + 3] === ack && seen[i + 4] === rest) {
        const age = Math.abs((time - seen[i]!) | 0);
        if (age < window(packet)) return true;
        seen[i] = time;
        return false;
      }
    }
    const next = seen[set + NEXT]!;
    seen[set + NEXT] = next + FIELDS < NEXT ? next + FIELDS : 0;
    seen[set + next] = time;
    seen[set + next + 1] = owner;
    seen[set + next + 2] = seq;
    seen[set + next + 3] = ack;
    seen[set + next + 4] = rest;
    return false;
  }
}

/** Each step can be undone, so packets that differ in one of these fields never have the same mix. */
function mix(packet: Packet): number {
  let hash = Math.imul((packet.ipId << 8) | packet.flags, 0x85ebca6b);
  hash = (Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35) + packet.payloadLength) | 0;
  hash = (Math.imul(hash ^ (hash >>> 13), 0x27d4eb2f) + packet.tsVal) | 0;
  return (Math.imul(hash ^ (hash >>> 15), 0x165667b1) + packet.tsEcr) | 0;
}

function window(packet: Packet): number {
  if (packet.ipId > 0) return IDENTIFIED;
  return packet.tsVal !== 0 ? STAMPED : BARE;
}
