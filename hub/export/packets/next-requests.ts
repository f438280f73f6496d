/** Where a connection's packets are read: of which exchanges, until when (µs), and whether others follow that nobody wants. */
interface Place {
  until: number;
  isBeyond: boolean;
}

/** Lengths of the IP headers that recorded packets have, and the place of TCP's own length. */
const IPV4_HEADER = 20;
const IPV6_HEADER = 40;
const DATA_OFFSET = 12;
const LEAST_METHOD = 3;
const MOST_METHOD = 20;
const SPACE = 0x20;

/**
 * Tells where the next request of a connection begins, which nobody wants: what is asked of workers reaches a little behind the end of each
 * exchange, as far as its acknowledgements. Packets of one connection come in the order of time.
 */
export class NextRequests {
  /** When exchanges end, µs, by connection and the packet that begins them. */
  readonly #ends = new Map<string, number>();
  readonly #places = new Map<string, Place>();

  /** An exchange is wanted. Times in µs. */
  want(connection: string, begin: number, end: number): void {
    const key = `${connection} ${begin}`;
    this.#ends.set(key, Math.max(end, this.#ends.get(key) ?? 0));
  }

  /** Whether a packet (from its IP header on) is of an exchange that nobody wants. */
  isBeyond(connection: string, time: number, packet: Uint8Array): boolean {
    const end = this.#ends.get(`${connection} ${Math.floor(time)}`);
    let place = this.#places.get(connection);
    if (place === undefined) {
      place = { until: 0, isBeyond: false };
      this.#places.set(connection, place);
    }
    if (end !== undefined) {
      place.until = Math.max(place.until, end);
      place.isBeyond = false;
    } else if (time > place.until && !place.isBeyond) {
      place.isBeyond = beginsRequest(packet);
    }
    return place.isBeyond;
  }
}

/** Whether TCP's payload begins with a method and a space (RFC 9112 §3). */
function beginsRequest(packet: Uint8Array): boolean {
  const tcp = packet[0]! >> 4 === 4 ? IPV4_HEADER : IPV6_HEADER;
  const start = tcp + (packet[tcp + DATA_OFFSET]! >> 4) * 4;
  const most = Math.min(packet.length, start + MOST_METHOD);
  let at = start;
  while (at < most && packet[at]! >= 0x41 && packet[at]! <= 0x5a) at++;
  return at - start >= LEAST_METHOD && packet[at] === SPACE;
}
