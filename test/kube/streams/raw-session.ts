/** One WebSocket on a bare socket: the handshake and every frame, as they are on the wire (RFC 6455). */

import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';

export interface Frame {
  opcode: number;
  payload: Buffer;
}

export class RawSession {
  readonly statusLine: string;
  readonly headers: Record<string, string>;
  readonly frames: Frame[] = [];
  readonly #socket: Socket;
  #pending: Buffer;

  private constructor(socket: Socket, head: string, rest: Buffer) {
    const [statusLine = '', ...lines] = head.split('\r\n');
    this.statusLine = statusLine;
    this.headers = Object.fromEntries(lines.map(splitHeader));
    this.#socket = socket;
    this.#pending = rest;
    this.#read();
    socket.on('data', (bytes: Buffer) => {
      this.#pending = Buffer.concat([this.#pending, bytes]);
      this.#read();
    });
  }

  static async open(socket: Socket, line: string, headers: Record<string, string>): Promise<RawSession> {
    const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`${line}\r\n${head.join('')}\r\n`);
    let got = Buffer.alloc(0);
    return await new Promise((resolve, reject) => {
      const take = (bytes: Buffer) => {
        got = Buffer.concat([got, bytes]);
        const end = got.indexOf('\r\n\r\n');
        if (end < 0) return;
        socket.off('data', take);
        resolve(new RawSession(socket, got.subarray(0, end).toString(), got.subarray(end + 4)));
      };
      socket.on('data', take);
      socket.on('error', reject);
    });
  }

  /** What came after the head of an answer that is no WebSocket. */
  get rest(): string {
    return this.#pending.toString();
  }

  send(opcode: number, payload: Buffer): void {
    const mask = randomBytes(4);
    const length =
      payload.length < 126
        ? [0x80 | payload.length]
        : [0x80 | 126, payload.length >> 8, payload.length & 0xff];
    const masked = payload.map((byte, index) => byte ^ mask[index & 3]!);
    this.#socket.write(Buffer.concat([Buffer.from([0x80 | opcode, ...length]), mask, masked]));
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(): void {
    while (this.statusLine.includes(' 101 ') && this.#pending.length >= 2) {
      const short = this.#pending[1]! & 0x7f;
      const start = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (this.#pending.length < start) return;
      const length =
        short < 126
          ? short
          : short === 126
            ? this.#pending.readUInt16BE(2)
            : Number(this.#pending.readBigUInt64BE(2));
      if (this.#pending.length < start + length) return;
      this.frames.push({
        opcode: this.#pending[0]! & 0x0f,
        payload: this.#pending.subarray(start, start + length),
      });
      this.#pending = this.#pending.subarray(start + length);
    }
  }
}

function splitHeader(line: string): [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}
