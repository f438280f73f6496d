/**
 * A wire between two ends, for tests of TCP reassembly: packets as `decode` leaves them, and a listener that writes down all
 * it is told.
 */
import { ACK, FIN, Packet, RST, SYN } from '../../worker/packet/packet.ts';
import type { TcpLimits } from '../../worker/tcp/limits.ts';
import type { CloseReason, ConnectionInfo, Direction, EndReason } from '../../worker/tcp/stream.ts';
import { TcpTable } from '../../worker/tcp/tcp-table.ts';

/** What a segment may say; what is left out has a quiet default. */
export interface Segment {
  /** 0: from the client (default). */
  from?: Direction;
  flags?: number;
  /** Absolute sequence numbers. */
  seq?: number;
  ack?: number;
  data?: string | Uint8Array;
  window?: number;
  /** µs after the start of the capture; default: 1 ms after the packet before. */
  at?: number;
  /** IPv4 identification; default: another one for each packet. */
  ipId?: number;
  tsVal?: number;
  tsEcr?: number;
  /** How many bytes of `data` the capture has; default: all. */
  captured?: number;
}

/** One call that a listener got. `at` is the connection's `time` in µs after the start, `acked` its `peerAcked`. */
export type Heard =
  | { connection: number; direction: Direction; data: string; at: number; acked: number; offset: number }
  | { connection: number; direction: Direction; gap: number; at: number; acked: number; offset: number }
  | { connection: number; direction: Direction; end: EndReason }
  | { connection: number; close: CloseReason };

export interface Addresses {
  client?: number;
  clientPort?: number;
  server?: number;
  serverPort?: number;
  ipVersion?: 4 | 6;
}

export const EPOCH = 1_700_000_000_000_000;

export class Wire {
  readonly heard: Heard[] = [];
  readonly connections: ConnectionInfo[] = [];
  readonly refused: ConnectionInfo[] = [];
  readonly table: TcpTable;
  private readonly packet = new Packet();
  private time = 0;
  private nextId = 1;

  constructor(limits: Partial<TcpLimits> = {}) {
    this.table = new TcpTable(
      limits,
      (connection) => {
        this.connections.push(connection);
        const { heard } = this;
        const about = (direction: Direction) => ({
          connection: connection.id,
          direction,
          at: connection.time - EPOCH,
          acked: connection.peerAcked,
          offset: connection.sides[direction].offset,
        });
        return {
          data(direction, data, start, end) {
            heard.push({ ...about(direction), data: Buffer.from(data.slice(start, end)).toString('latin1') });
          },
          gap(direction, length) {
            heard.push({ ...about(direction), gap: length });
          },
          end(direction, reason) {
            heard.push({ connection: connection.id, direction, end: reason });
          },
          close(reason) {
            heard.push({ connection: connection.id, close: reason });
          },
        };
      },
      (connection) => this.refused.push(connection),
    );
  }

  /** Puts a segment on the wire. */
  send(segment: Segment, addresses: Addresses = {}): this {
    const bytes =
      typeof segment.data === 'string'
        ? Buffer.from(segment.data, 'latin1')
        : (segment.data ?? new Uint8Array(0));
    const { packet } = this;
    const {
      client = 0x0a000001,
      clientPort = 40000,
      server = 0x0a000002,
      serverPort = 80,
      ipVersion = 4,
    } = addresses;
    this.time = segment.at ?? this.time + 1000;
    packet.time = EPOCH + this.time;
    packet.ipVersion = ipVersion;
    const prefix = ipVersion === 4 ? [0, 0, 0xffff] : [0x20010db8, 0, 0];
    const fromClient = (segment.from ?? 0) === 0;
    [packet.src0, packet.src1, packet.src2] = prefix as [number, number, number];
    [packet.dst0, packet.dst1, packet.dst2] = prefix as [number, number, number];
    packet.src3 = (fromClient ? client : server) | 0;
    packet.dst3 = (fromClient ? server : client) | 0;
    packet.srcPort = fromClient ? clientPort : serverPort;
    packet.dstPort = fromClient ? serverPort : clientPort;
    packet.ipId = segment.ipId ?? (ipVersion === 4 ? this.nextId++ & 0xffff : -1);
    packet.flags = segment.flags ?? ACK;
    packet.seq = (segment.seq ?? 0) | 0;
    packet.ack = (segment.ack ?? 0) | 0;
    packet.window = segment.window ?? 65535;
    packet.tsVal = (segment.tsVal ?? 0) | 0;
    packet.tsEcr = (segment.tsEcr ?? 0) | 0;
    // The payload stands somewhere in a larger buffer, as it does in a capture.
    const captured = Math.min(segment.captured ?? bytes.length, bytes.length);
    packet.data = new Uint8Array(60 + captured);
    packet.data.set(bytes.subarray(0, captured), 54);
    packet.payloadStart = 54;
    packet.payloadEnd = 54 + captured;
    packet.payloadLength = bytes.length;
    this.table.packet(packet);
    packet.data.fill(0xee);
    return this;
  }

  /** SYN, SYN-ACK, ACK with these initial sequence numbers. */
  handshake(clientIsn = 1000, serverIsn = 5000, addresses: Addresses = {}): this {
    return this.send({ flags: SYN, seq: clientIsn }, addresses)
      .send({ from: 1, flags: SYN | ACK, seq: serverIsn, ack: clientIsn + 1 }, addresses)
      .send({ seq: clientIsn + 1, ack: serverIsn + 1 }, addresses);
  }

  finish(): this {
    this.table.finish();
    return this;
  }

  /** The stream of one direction: its bytes, with `[n]` for a gap of n bytes, and `$` for its end by FIN, `!` by RST. */
  stream(direction: Direction, connection = 0): string {
    let text = '';
    for (const item of this.heard) {
      if ((connection !== 0 && item.connection !== connection) || !('direction' in item)) continue;
      if (item.direction !== direction) continue;
      if ('data' in item) text += item.data;
      else if ('gap' in item) text += `[${item.gap}]`;
      else text += item.end === 'fin' ? '$' : '!';
    }
    return text;
  }

  /** Everything in the order in which it was told: `0:GET`, `1:[3]`, `0:$`, `close:fin`. */
  get told(): string[] {
    return this.heard.map((item) => {
      if ('close' in item) return `close:${item.close}`;
      if ('data' in item) return `${item.direction}:${item.data}`;
      if ('gap' in item) return `${item.direction}:[${item.gap}]`;
      return `${item.direction}:${item.end === 'fin' ? '$' : '!'}`;
    });
  }
}

export { ACK, FIN, RST, SYN };
