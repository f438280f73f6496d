import { IpProtocol } from './ip.ts';
import { type Layer, Outcome } from './layer.ts';
import type { Packet } from './packet.ts';

/** Bounds of the table of fragments. */
export interface FragmentLimits {
  /** Datagrams that wait for fragments at one time. */
  datagrams: number;
  /** Bytes held for all of them together. */
  bytes: number;
  /** How long a datagram waits for its last fragment, in µs of capture time (Linux: 30 s). */
  timeout: number;
}

export const FRAGMENT_LIMITS: FragmentLimits = { datagrams: 1024, bytes: 8 << 20, timeout: 30_000_000 };

export interface FragmentCounters {
  /** Fragments seen. */
  fragments: number;
  /** Datagrams put together. */
  datagramsReassembled: number;
  /** Datagrams given up because a fragment did not come in time. */
  datagramsExpired: number;
  /** Datagrams given up because the table was full. */
  datagramsDropped: number;
}

/** The largest datagram (RFC 791 §3.1); the offset field alone could say more. */
const MAX_DATAGRAM = 65_535;
/**
 * A datagram seen on several interfaces comes complete and then again: fragments of one just put together are
 * its copies for this long, in µs. Identifications are used again too soon for a longer memory.
 */
const COPY_WINDOW = 200_000;

/**
 * Puts IP fragments back together (RFC 791 §3.2, RFC 8200 §4.5), whatever their order. Where fragments
 * overlap, the bytes that came first stand.
 */
export class FragmentTable {
  readonly counters: FragmentCounters = {
    fragments: 0,
    datagramsReassembled: 0,
    datagramsExpired: 0,
    datagramsDropped: 0,
  };
  readonly #limits: FragmentLimits;
  /** In the order of their first fragments: the oldest is first. */
  readonly #datagrams = new Map<string, Datagram>();
  /** When a datagram was put together: later fragments of it are copies. */
  readonly #completed = new Map<string, number>();
  #bytes = 0;

  constructor(limits: FragmentLimits = FRAGMENT_LIMITS) {
    this.#limits = limits;
  }

  /** Datagrams that wait at this time. */
  get held(): number {
    return this.#datagrams.size;
  }

  /**
   * Takes the fragment that `readIpv4` or `readIpv6` left in `layer`. `ok`: the datagram is whole, `packet`
   * and `layer` now stand at its payload, in a buffer of its own. `held`: more must come.
   */
  add(packet: Packet, layer: Layer): Outcome {
    this.counters.fragments++;
    const length = layer.wireEnd - layer.at;
    const end = layer.fragmentOffset + length;
    // Only the last fragment may have a length that is not a multiple of 8.
    if (length <= 0 || end > MAX_DATAGRAM || (layer.moreFragments && length % 8 !== 0))
      return Outcome.malformed;
    if (packet.ipVersion === 4 && !leadsToTcp(layer.protocol)) return Outcome.notTcp;
    this.#expire(packet.time);

    const key = keyOf(packet, layer);
    if (this.#completed.has(key)) return Outcome.held;
    let datagram = this.#datagrams.get(key);
    if (datagram === undefined) {
      datagram = new Datagram(packet.time);
      this.#datagrams.set(key, datagram);
    }
    const before = datagram.capacity;
    const captured = Math.max(0, Math.min(layer.end - layer.at, length));
    const consistent = datagram.add(packet.data.subarray(layer.at, layer.at + captured), length, layer);
    this.#bytes += datagram.capacity - before;
    if (!consistent) {
      this.#remove(key, datagram);
      return Outcome.malformed;
    }
    if (datagram.isWhole) {
      this.counters.datagramsReassembled++;
      this.#remove(key, datagram);
      this.#completed.set(key, packet.time);
      datagram.release(packet, layer);
      return Outcome.ok;
    }
    this.#makeRoom();
    return Outcome.held;
  }

  #expire(now: number): void {
    for (const [key, datagram] of this.#datagrams) {
      if (now - datagram.time <= this.#limits.timeout) break;
      this.counters.datagramsExpired++;
      this.#remove(key, datagram);
    }
    for (const [key, time] of this.#completed) {
      if (Math.abs(now - time) < COPY_WINDOW && this.#completed.size <= this.#limits.datagrams) break;
      this.#completed.delete(key);
    }
  }

  #makeRoom(): void {
    for (const [key, datagram] of this.#datagrams) {
      if (this.#datagrams.size <= this.#limits.datagrams && this.#bytes <= this.#limits.bytes) return;
      this.counters.datagramsDropped++;
      this.#remove(key, datagram);
    }
  }

  #remove(key: string, datagram: Datagram): void {
    this.#bytes -= datagram.capacity;
    this.#datagrams.delete(key);
  }
}

/** One datagram on its way to be whole. */
class Datagram {
  /** When its first fragment was captured, µs. */
  readonly time: number;
  /** Protocol of the payload, from the fragment at offset 0. */
  #protocol = 0;
  #buffer = NO_BYTES;
  /** Of the payload; -1 until the last fragment is there. */
  #length = -1;
  /** What has been seen: starts and ends in turn, in order, apart from each other. */
  #ranges: number[] = [];
  /** The first byte that was on the wire and not in the capture. */
  #cut = MAX_DATAGRAM + 1;

  constructor(time: number) {
    this.time = time;
  }

  get capacity(): number {
    return this.#buffer.length;
  }

  get isWhole(): boolean {
    return (
      this.#length >= 0 &&
      this.#ranges.length === 2 &&
      this.#ranges[0] === 0 &&
      this.#ranges[1] === this.#length
    );
  }

  /** False if the fragments contradict each other about the datagram's length. */
  add(captured: Uint8Array, length: number, layer: Layer): boolean {
    const start = layer.fragmentOffset;
    const end = start + length;
    if (start === 0 && this.#ranges[0] !== 0) this.#protocol = layer.protocol;
    if (!layer.moreFragments) {
      if (this.#length >= 0 && this.#length !== end) return false;
      this.#length = end;
    }
    const seenEnd = Math.max(end, this.#ranges.at(-1) ?? 0);
    if (this.#length >= 0 && seenEnd > this.#length) return false;

    this.#reserve(end);
    let at = start;
    for (let i = 0; i < this.#ranges.length && at < end; i += 2) {
      if (this.#ranges[i]! > at) this.#write(captured, start, at, Math.min(end, this.#ranges[i]!));
      at = Math.max(at, this.#ranges[i + 1]!);
    }
    if (at < end) this.#write(captured, start, at, end);
    this.#cover(start, end);
    return true;
  }

  /** Points the packet and the layer at the payload. */
  release(packet: Packet, layer: Layer): void {
    packet.data = this.#buffer;
    packet.copyRoom = -1;
    packet.start = 0;
    packet.end = Math.min(this.#length, this.#cut);
    packet.wireLength = this.#length;
    layer.at = 0;
    layer.end = packet.end;
    layer.wireEnd = this.#length;
    layer.protocol = this.#protocol;
  }

  #write(captured: Uint8Array, origin: number, from: number, to: number): void {
    const available = Math.min(to, origin + captured.length);
    if (available > from) this.#buffer.set(captured.subarray(from - origin, available - origin), from);
    if (available < to) this.#cut = Math.min(this.#cut, Math.max(from, available));
  }

  #cover(start: number, end: number): void {
    const merged: number[] = [];
    let i = 0;
    const ranges = this.#ranges;
    for (; i < ranges.length && ranges[i + 1]! < start; i += 2) merged.push(ranges[i]!, ranges[i + 1]!);
    for (; i < ranges.length && ranges[i]! <= end; i += 2) {
      start = Math.min(start, ranges[i]!);
      end = Math.max(end, ranges[i + 1]!);
    }
    merged.push(start, end);
    for (; i < ranges.length; i++) merged.push(ranges[i]!);
    this.#ranges = merged;
  }

  #reserve(length: number): void {
    if (length <= this.#buffer.length) return;
    const larger = new Uint8Array(Math.max(length, Math.min(2 * this.#buffer.length, MAX_DATAGRAM), 2048));
    larger.set(this.#buffer);
    this.#buffer = larger;
  }
}

const NO_BYTES = new Uint8Array(0);

/** Fragments of what can carry no TCP are not worth their room. */
function leadsToTcp(protocol: number): boolean {
  switch (protocol) {
    case IpProtocol.tcp:
    case IpProtocol.udp:
    case IpProtocol.gre:
    case IpProtocol.ipv4:
    case IpProtocol.ipv6:
      return true;
    default:
      return false;
  }
}

/** RFC 791 §3.2: addresses, protocol, identification; RFC 8200 §4.5: without the protocol. */
function keyOf(packet: Packet, layer: Layer): string {
  const id = layer.fragmentId;
  return packet.ipVersion === 4
    ? `${packet.src3},${packet.dst3},${layer.protocol},${id}`
    : `${packet.src0},${packet.src1},${packet.src2},${packet.src3},` +
        `${packet.dst0},${packet.dst1},${packet.dst2},${packet.dst3},${id}`;
}
