import type { ConnectionInfo } from '../tcp/stream.ts';

/** Names of servers that were told; what was told longest ago is told again sooner. */
export const MAX_TOLD_NAMES = 4096;
/** A hub that has begun anew wants to know them too, µs. */
const TELL_AGAIN = 600_000_000;

/** Which servers asked for by TLS were told lately, so that each is told now and then and not at each connection. */
export class KnownNames {
  readonly #toldAt = new Map<string, number>();

  /** Whether it is time to tell that the connection's server is asked for by this name; then it counts as told. */
  isNews(connection: ConnectionInfo, swapped: boolean, name: string): boolean {
    const { client0, client1, client2, client3, server0, server1, server2, server3 } = connection;
    const address = swapped
      ? `${client0},${client1},${client2},${client3}`
      : `${server0},${server1},${server2},${server3}`;
    const key = `${address} ${name}`;
    const toldAt = this.#toldAt.get(key);
    if (toldAt !== undefined && connection.time - toldAt < TELL_AGAIN) return false;
    this.#toldAt.delete(key);
    this.#toldAt.set(key, connection.time);
    if (this.#toldAt.size > MAX_TOLD_NAMES) {
      const [oldest] = this.#toldAt.keys();
      this.#toldAt.delete(oldest!);
    }
    return true;
  }
}
