import type { FetchedPacket, Origin } from './in-order.ts';

/** Two workers see a packet within this, µs: its way through the network, and what their clocks differ. */
const WINDOW = 2e6;
const MAX_REMEMBERED = 50_000;

/** Behind the ports, which may be translated. */
const TCP_SEQUENCE = 4;
const TCP_CHECKSUM = 16;
/** Enough of a segment: its header with all options, and some payload. */
const COMPARED = 92;

interface Seen {
  readonly origin: Origin;
  readonly time: number;
}

/**
 * Finds packets that another worker has seen too. Address translation may be between the two, so that the TCP segment is compared, its
 * ports and checksum apart. What one worker gives twice was sent twice.
 */
export class Copies {
  /** Oldest first. */
  readonly #seen = new Map<string, Seen>();

  isCopy({ origin, packet }: FetchedPacket): boolean {
    const { data, wireLength, time } = packet;
    const start = data[0] >> 4 === 4 ? 20 : 40;
    const tcp = Buffer.from(data.buffer, data.byteOffset + start, Math.min(data.length - start, COMPARED));
    const key = `${wireLength - start} ${tcp.toString('latin1', TCP_SEQUENCE, TCP_CHECKSUM)}${tcp.toString('latin1', TCP_CHECKSUM + 2)}`;
    const first = this.#seen.get(key);
    if (first !== undefined && time - first.time < WINDOW) return first.origin !== origin;
    this.#seen.delete(key);
    this.#seen.set(key, { origin, time });
    this.#forget(time - WINDOW);
    return false;
  }

  #forget(before: number): void {
    for (const [key, { time }] of this.#seen) {
      if (time >= before && this.#seen.size <= MAX_REMEMBERED) return;
      this.#seen.delete(key);
    }
  }
}
