/** v4.channel.k8s.io: several streams on one WebSocket, the first byte of a message says which. */

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';

/** What the server of 1.26 knows; v5 came later. Without an offer it behaves as with v4. */
const KNOWN = ['v4.channel.k8s.io', 'v4.base64.channel.k8s.io', 'channel.k8s.io', 'base64.channel.k8s.io'];

/** A server frame holds at most this much of a stream, and the channel byte. */
const FRAME_BYTES = 32 * 1024;

const NORMAL = 1000;

/** The subprotocol to answer with; undefined: none of the offered is known, and the answer is 403. */
export function chooseProtocol(offered: string | undefined): string | undefined {
  if (offered === undefined) return '';
  const wishes = offered.split(',').map((wish) => wish.trim());
  return wishes.find((wish) => KNOWN.includes(wish));
}

export class Channels {
  readonly #socket: WebSocket;
  readonly #base64: boolean;
  /** Only version 4 tells how a command ended. */
  readonly tellsStatus: boolean;
  #muted = false;

  constructor(socket: WebSocket, protocol: string) {
    this.#socket = socket;
    this.#base64 = protocol.includes('base64');
    this.tellsStatus = protocol === '' || protocol.startsWith('v4');
  }

  /** Hears of the bytes of each channel; what came before is not repeated. */
  onData(listener: (channel: number, bytes: Buffer) => void): void {
    this.#socket.on('message', (data) => {
      const message = data as Buffer;
      if (message.length === 0) return;
      if (!this.#base64) listener(message[0]!, message.subarray(1));
      else listener(message[0]! - 0x30, Buffer.from(message.subarray(1).toString('latin1'), 'base64'));
    });
  }

  onClose(listener: () => void): void {
    this.#socket.on('close', listener);
    this.#socket.on('error', listener);
  }

  /** Sends bytes of a channel in frames; an empty buffer is an empty message. `sent` follows the last. */
  send(channel: number, bytes: Buffer, sent?: () => void): void {
    if (this.#muted || this.#socket.readyState !== WebSocket.OPEN) {
      sent?.();
      return;
    }
    let at = 0;
    do {
      const part = bytes.subarray(at, at + FRAME_BYTES);
      at += FRAME_BYTES;
      this.#socket.send(this.#frame(channel, part), at >= bytes.length ? sent : undefined);
    } while (at < bytes.length);
  }

  close(): void {
    if (!this.#muted) this.#socket.close(NORMAL);
  }

  /** The connection breaks. */
  reset(): void {
    this.#socket.terminate();
  }

  /** Nothing comes any more, and nobody says so. */
  mute(): void {
    this.#muted = true;
  }

  #frame(channel: number, bytes: Buffer): Buffer | string {
    return this.#base64
      ? String(channel) + bytes.toString('base64')
      : Buffer.concat([Buffer.from([channel]), bytes]);
  }
}

/** Completes the handshake with the protocol chosen. */
export function acceptChannels(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  protocol: string,
  ready: (channels: Channels) => void,
): void {
  const server = new WebSocketServer({ noServer: true, handleProtocols: () => protocol || false });
  // Without an offer the real server answers with an empty subprotocol.
  if (protocol === '') server.on('headers', (headers) => headers.push('Sec-WebSocket-Protocol: '));
  server.handleUpgrade(request, socket, head, (webSocket) => ready(new Channels(webSocket, protocol)));
}
