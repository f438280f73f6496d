import { ACK, FIN, PSH, RST, SYN } from '../../worker/packet/packet.ts';
import { addressBytes } from './address.ts';
import { type Content, toBytes } from './bytes.ts';
import type { TimedFrame } from './frame.ts';
import { ipv4, ipv6 } from './ip.ts';
import { ethernet } from './link.ts';
import { mssOption, tcp, timestampOption } from './tcp.ts';

export interface ConversationOptions {
  /** IPv4 or IPv6 address, both ends the same; default 10.0.0.1 and 10.0.0.2. */
  clientAddress?: string;
  serverAddress?: string;
  /** Default 40000 and 80. */
  clientPort?: number;
  serverPort?: number;
  /** Sequence number of each end's SYN; default 1000 and 5000. */
  clientSeq?: number;
  serverSeq?: number;
  /** Most payload bytes a packet; default 1460. */
  mss?: number;
  /** Time of the first packet, µs since the epoch; default the first second of 2024. */
  time?: number;
  /** Time between one packet and the next, µs; default 100. */
  step?: number;
  /** TCP timestamps on every packet (RFC 7323); default off. */
  timestamps?: boolean;
  /**
   * Each `send` is followed by a bare acknowledgement of the other end; default off: the next data
   * acknowledge.
   */
  acknowledge?: boolean;
  /** Wraps an IP packet into the capture's link layer; default `ethernet`. */
  link?: (packet: Uint8Array, fromClient: boolean) => Uint8Array;
}

/** Fields of one packet that an end can set against its own state. */
export interface SegmentFields {
  payload?: Content;
  seq?: number;
  ack?: number;
  flags?: number;
  window?: number;
  urgent?: number;
  options?: Uint8Array;
}

/** 2024-01-01T00:00:00Z in µs. */
const DEFAULT_TIME = 1_704_067_200_000_000;

/**
 * A TCP connection told packet by packet:
 *
 *     const talk = new Conversation();
 *     talk.handshake();
 *     talk.client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
 *     talk.server.send('HTTP/1.1 204 No Content\r\n\r\n');
 *     talk.close();
 *     const file = pcapFile(talk.packets);
 *
 * `packets` is a plain array: reorder, drop or repeat its elements to make the capture that a test needs.
 */
export class Conversation {
  readonly packets: TimedFrame[] = [];
  readonly client: End;
  readonly server: End;
  /** Time of the next packet, µs. */
  time: number;
  readonly step: number;

  constructor(options: ConversationOptions = {}) {
    this.time = options.time ?? DEFAULT_TIME;
    this.step = options.step ?? 100;
    const client = addressBytes(options.clientAddress ?? '10.0.0.1');
    const server = addressBytes(options.serverAddress ?? '10.0.0.2');
    const clientPort = options.clientPort ?? 40_000;
    const serverPort = options.serverPort ?? 80;
    this.client = new End(
      this,
      options,
      true,
      client,
      server,
      clientPort,
      serverPort,
      options.clientSeq ?? 1000,
    );
    this.server = new End(
      this,
      options,
      false,
      server,
      client,
      serverPort,
      clientPort,
      options.serverSeq ?? 5000,
    );
    this.client.peer = this.server;
    this.server.peer = this.client;
  }

  /** SYN, SYN-ACK, ACK. */
  handshake(): this {
    this.client.syn();
    this.server.syn();
    this.client.acknowledge();
    return this;
  }

  /** Both ends say FIN, `first` first, and the last one is acknowledged. */
  close(first: 'client' | 'server' = 'client'): this {
    const [one, other] = first === 'client' ? [this.client, this.server] : [this.server, this.client];
    one.finish();
    other.finish();
    one.acknowledge();
    return this;
  }

  /** Lets `µs` pass before the next packet. */
  wait(microseconds: number): this {
    this.time += microseconds;
    return this;
  }
}

/** One end of a conversation: what it sends goes to the end of the conversation's packets. */
export class End {
  /** Sequence number of the next byte this end sends (not reduced modulo 2^32). */
  seq: number;
  /** IPv4 identification of the next packet. */
  ipId: number;
  window = 0xffff;
  /** Set by the conversation. */
  peer!: End;
  readonly #conversation: Conversation;
  readonly #options: ConversationOptions;
  readonly #fromClient: boolean;
  readonly #src: Uint8Array;
  readonly #dst: Uint8Array;
  readonly #srcPort: number;
  readonly #dstPort: number;
  /** Whether the SYN has come: only then is there something to acknowledge. */
  #started = false;

  constructor(
    conversation: Conversation,
    options: ConversationOptions,
    fromClient: boolean,
    src: Uint8Array,
    dst: Uint8Array,
    srcPort: number,
    dstPort: number,
    seq: number,
  ) {
    this.#conversation = conversation;
    this.#options = options;
    this.#fromClient = fromClient;
    this.#src = src;
    this.#dst = dst;
    this.#srcPort = srcPort;
    this.#dstPort = dstPort;
    this.seq = seq;
    this.ipId = fromClient ? 1 : 0x8001;
  }

  /** SYN, or SYN-ACK where the other end's SYN has been sent. */
  syn(payload: Content = ''): TimedFrame {
    const flags = this.peer.#started ? SYN | ACK : SYN;
    this.#started = true;
    const packet = this.segment({ flags, payload, options: mssOption(this.#options.mss ?? 1460) });
    this.seq += 1 + toBytes(payload).length;
    return packet;
  }

  /**
   * Sends data, cut at the maximum segment size; the last packet bears PSH. Returns the packets that hold
   * them.
   */
  send(content: Content): TimedFrame[] {
    const data = toBytes(content);
    const mss = this.#options.mss ?? 1460;
    const sent: TimedFrame[] = [];
    for (let at = 0; at < data.length; at += mss) {
      const end = Math.min(at + mss, data.length);
      const flags = end === data.length ? ACK | PSH : ACK;
      sent.push(this.segment({ flags, payload: data.subarray(at, end) }));
      this.seq += end - at;
    }
    if (this.#options.acknowledge) this.peer.acknowledge();
    return sent;
  }

  /** Sends data that the capture does not see: only the sequence number moves. */
  sendUnseen(content: Content | number): void {
    this.seq += typeof content === 'number' ? content : toBytes(content).length;
  }

  /** A bare acknowledgement of all that the other end has sent. */
  acknowledge(): TimedFrame {
    return this.segment({});
  }

  /** FIN, with the last data where given. */
  finish(content: Content = ''): TimedFrame {
    const payload = toBytes(content);
    const packet = this.segment({ flags: ACK | FIN, payload });
    this.seq += payload.length + 1;
    return packet;
  }

  reset(): TimedFrame {
    return this.segment({ flags: ACK | RST, window: 0 });
  }

  /** Any packet of this end; what is not given is as the state has it. The state does not move. */
  segment(fields: SegmentFields): TimedFrame {
    const conversation = this.#conversation;
    const flags = fields.flags ?? ACK;
    const time = conversation.time;
    const segment = tcp({
      srcPort: this.#srcPort,
      dstPort: this.#dstPort,
      seq: fields.seq ?? this.seq,
      ack: fields.ack ?? (flags & ACK ? this.peer.seq : 0),
      flags,
      window: fields.window ?? this.window,
      urgent: fields.urgent ?? 0,
      options: this.#optionBytes(fields.options, time),
      payload: fields.payload ?? '',
    });
    const addresses = { src: this.#src, dst: this.#dst };
    const packet =
      this.#src.length === 4
        ? ipv4({ ...addresses, id: this.ipId, dontFragment: true, payload: segment })
        : ipv6({ ...addresses, payload: segment });
    this.ipId = (this.ipId + 1) & 0xffff;
    const link = this.#options.link;
    const frame = link === undefined ? ethernet({ payload: packet }) : link(packet, this.#fromClient);
    const timed: TimedFrame = { time, frame };
    conversation.packets.push(timed);
    conversation.time += conversation.step;
    return timed;
  }

  #optionBytes(given: Uint8Array | undefined, time: number): Uint8Array {
    if (!this.#options.timestamps) return given ?? NO_BYTES;
    // Milliseconds since the start of the conversation, as Linux counts, but from 1: 0 means none.
    const now = Math.floor((time - (this.#options.time ?? DEFAULT_TIME)) / 1000) + 1;
    const stamps = timestampOption(now, this.peer.#started ? now : 0);
    return given === undefined ? stamps : Uint8Array.of(...given, ...stamps);
  }
}

const NO_BYTES = new Uint8Array(0);
