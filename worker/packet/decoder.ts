import { FRAGMENT_LIMITS, type FragmentCounters, type FragmentLimits, FragmentTable } from './fragments.ts';
import { IpProtocol, readExtensions, readIpv4, readIpv6 } from './ip.ts';
import { Layer, Outcome } from './layer.ts';
import { EtherType, readLink } from './link.ts';
import type { Packet } from './packet.ts';
import { readTcp } from './tcp.ts';
import { readTunnel } from './tunnel.ts';

/** What became of the packets: each one counts in exactly one of these, fragments that are held in none. */
export interface DecoderCounters {
  tcp: number;
  /** Understood, and not TCP. */
  notTcp: number;
  /** Fields that contradict each other or the length. */
  malformed: number;
  /** The snapshot length ended before the headers did. */
  headersCut: number;
  /** Link types that are not known. */
  unsupportedLink: number;
}

/** Tunnels in tunnels; more of them is an attack. */
const MAX_TUNNELS = 8;

/**
 * Finds the TCP segment in a frame: through the link layer, tunnels and fragments to the innermost IP packet.
 */
export class Decoder {
  readonly counters: DecoderCounters = { tcp: 0, notTcp: 0, malformed: 0, headersCut: 0, unsupportedLink: 0 };
  readonly #layer = new Layer();
  readonly #fragments: FragmentTable;

  constructor(limits: FragmentLimits = FRAGMENT_LIMITS) {
    this.#fragments = new FragmentTable(limits);
  }

  get fragmentCounters(): Readonly<FragmentCounters> {
    return this.#fragments.counters;
  }

  /** Datagrams that wait for fragments at this time. */
  get fragmentsHeld(): number {
    return this.#fragments.held;
  }

  /**
   * Reads the headers of a packet that a source has filled. True: it is a TCP segment, and all fields of the
   * second part are set. False: it is not, for the reason that the counters say. Never throws, whatever the
   * bytes.
   */
  decode(packet: Packet): boolean {
    const outcome = this.#read(packet);
    switch (outcome) {
      case Outcome.ok:
        this.counters.tcp++;
        return true;
      case Outcome.notTcp:
        this.counters.notTcp++;
        return false;
      case Outcome.malformed:
        this.counters.malformed++;
        return false;
      case Outcome.headersCut:
        this.counters.headersCut++;
        return false;
      case Outcome.unsupportedLink:
        this.counters.unsupportedLink++;
        return false;
      default:
        return false;
    }
  }

  #read(packet: Packet): Outcome {
    const layer = this.#layer;
    layer.at = packet.start;
    layer.end = packet.end;
    layer.wireEnd = packet.start + Math.max(packet.wireLength, packet.end - packet.start);

    let outcome = readLink(packet, layer);
    for (let tunnels = 0; outcome === Outcome.ok && tunnels <= MAX_TUNNELS; tunnels++) {
      outcome = layer.etherType === EtherType.ipv4 ? readIpv4(packet, layer) : readIpv6(packet, layer);
      if (outcome === Outcome.fragment) outcome = this.#reassemble(packet, layer);
      if (outcome !== Outcome.ok) return outcome;
      if (layer.protocol === IpProtocol.tcp) return readTcp(packet, layer);
      outcome = readTunnel(packet.data, layer);
    }
    return outcome === Outcome.ok ? Outcome.malformed : outcome;
  }

  #reassemble(packet: Packet, layer: Layer): Outcome {
    const outcome = this.#fragments.add(packet, layer);
    if (outcome !== Outcome.ok || packet.ipVersion === 4) return outcome;
    // In IPv6 more extension headers may stand behind the fragment header; another one of its kind may not.
    const extended = readExtensions(packet.data, layer);
    return extended === Outcome.fragment ? Outcome.malformed : extended;
  }
}
