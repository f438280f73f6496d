import type { Packet } from '../packet/packet.ts';
import { Side } from './side.ts';
import type { ConnectionInfo, Direction, EndReason, StreamListener } from './stream.ts';

/** Where a connection stands, as its table sees it. */
export const State = {
  /** SYNs or bare ACKs so far; no listener knows of it. */
  halfOpen: 0,
  open: 1,
  /** A RST was seen, or both FINs: it ends soon, unless a RST proves false. */
  closing: 2,
  /** The listener was told; remembered for late copies. */
  closed: 3,
} as const;
export type State = (typeof State)[keyof typeof State];

/** A TCP connection: its addresses, its two sides, and how far its life has come. */
export class Connection implements ConnectionInfo {
  readonly id: number;
  readonly ipVersion: number;
  readonly client0: number;
  readonly client1: number;
  readonly client2: number;
  readonly client3: number;
  readonly server0: number;
  readonly server1: number;
  readonly server2: number;
  readonly server3: number;
  readonly clientPort: number;
  readonly serverPort: number;
  /** Its place in the table, and the hash of its addresses there. */
  readonly slot: number;
  readonly hash: number;
  readonly startTime: number;
  /** The same by the clock of the timers. */
  readonly startClock: number;
  readonly sides: readonly [Side, Side] = [new Side(), new Side()];

  state: State = State.halfOpen;
  listener: StreamListener | undefined = undefined;
  handshake = false;
  roundTrip = Number.NaN;
  closedBy: Direction | -1 = -1;
  closedHow: EndReason | 'open' = 'open';
  time = Number.NaN;
  peerAcked = -1;
  isCutShort = false;
  recordMark = -1;

  /** Time of the client's last SYN, µs; and whether the ACK that ends the handshake is what comes next. */
  synTime = Number.NaN;
  awaitsAck = false;
  /** Who sent the RST that was believed, and the end of what that side had sent then; -1: nobody. */
  resetBy: Direction | -1 = -1;
  resetSeq = 0;
  /** A SYN with another sequence number came on an open connection: it counts once it is answered. */
  rivalBy: Direction | -1 = -1;
  rivalSeq = 0;
  rivalTime = 0.5;
  /** The first payload of a side that was found in the middle waits for one more packet, which may come before it in the stream. */
  starting: Direction | -1 = -1;

  /** `packet` comes from the client if `fromClient`, else it goes to it. */
  constructor(id: number, slot: number, hash: number, packet: Packet, fromClient: boolean, clock: number) {
    this.startClock = clock;
    this.id = id;
    this.slot = slot;
    this.hash = hash;
    this.ipVersion = packet.ipVersion;
    this.startTime = packet.time;
    this.client0 = fromClient ? packet.src0 : packet.dst0;
    this.client1 = fromClient ? packet.src1 : packet.dst1;
    this.client2 = fromClient ? packet.src2 : packet.dst2;
    this.client3 = fromClient ? packet.src3 : packet.dst3;
    this.clientPort = fromClient ? packet.srcPort : packet.dstPort;
    this.server0 = fromClient ? packet.dst0 : packet.src0;
    this.server1 = fromClient ? packet.dst1 : packet.src1;
    this.server2 = fromClient ? packet.dst2 : packet.src2;
    this.server3 = fromClient ? packet.dst3 : packet.src3;
    this.serverPort = fromClient ? packet.dstPort : packet.srcPort;
  }

  /** Packets of both sides, copies not counted. */
  get packets(): number {
    return this.sides[0].stats.packets + this.sides[1].stats.packets;
  }

  isFromClient(packet: Packet): boolean {
    return (
      this.clientPort === packet.srcPort &&
      this.serverPort === packet.dstPort &&
      this.client3 === packet.src3 &&
      this.server3 === packet.dst3 &&
      this.client0 === packet.src0 &&
      this.client1 === packet.src1 &&
      this.client2 === packet.src2 &&
      this.server0 === packet.dst0 &&
      this.server1 === packet.dst1 &&
      this.server2 === packet.dst2
    );
  }

  isFromServer(packet: Packet): boolean {
    return (
      this.serverPort === packet.srcPort &&
      this.clientPort === packet.dstPort &&
      this.server3 === packet.src3 &&
      this.client3 === packet.dst3 &&
      this.server0 === packet.src0 &&
      this.server1 === packet.src1 &&
      this.server2 === packet.src2 &&
      this.client0 === packet.dst0 &&
      this.client1 === packet.dst1 &&
      this.client2 === packet.dst2
    );
  }
}

export function opposite(direction: Direction): Direction {
  return direction === 0 ? 1 : 0;
}
