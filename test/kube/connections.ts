/** The server's TCP connections, so that they can be reset: a TLS socket cannot be, the one below it can. */

import type { Socket } from 'node:net';

export class Connections {
  readonly #open = new Set<Socket>();

  add(socket: Socket): void {
    this.#open.add(socket);
    socket.on('close', () => this.#open.delete(socket));
    socket.on('error', () => socket.destroy());
  }

  /** Sends RST on the connection of a socket, TLS or not. */
  reset(socket: { remotePort?: number | undefined } | null): void {
    for (const one of this.#open) if (one.remotePort === socket?.remotePort) one.resetAndDestroy();
  }

  resetAll(): void {
    for (const one of this.#open) one.resetAndDestroy();
  }
}
