/**
 * How long TCP takes a packet: `npx tsx test/tcp/timing.ts`. CPU nanoseconds, the best of several rounds, since a shared
 * machine only ever makes it slower.
 */
import { ACK, FIN, Packet, PSH, SYN } from '../../worker/packet/packet.ts';
import type { TcpLimits } from '../../worker/tcp/limits.ts';
import type { Direction, StreamListener } from '../../worker/tcp/stream.ts';
import { TcpTable } from '../../worker/tcp/tcp-table.ts';

const ROUNDS = 7;
const REQUEST = 300;
const RESPONSE = 900;

/** Sends exchanges of four packets on many connections in turn. */
class Load {
  packets = 0;
  bytes = 0;
  private readonly table: TcpTable;
  private readonly packet = new Packet();
  private readonly copies: number;
  private nextId = 0;

  constructor(copies: number, limits: Partial<TcpLimits>) {
    const listener: StreamListener = {
      data: (_direction, _data, start, end) => {
        this.bytes += end - start;
      },
      gap() {},
      end() {},
      close() {},
    };
    this.copies = copies;
    this.table = new TcpTable(limits, () => listener);
    this.packet.data = new Uint8Array(4096);
    this.packet.ipVersion = 4;
    this.packet.src2 = 0xffff;
    this.packet.dst2 = 0xffff;
    this.packet.window = 1000;
    this.packet.payloadStart = 54;
    this.packet.time = 1.7e15;
  }

  exchange(client: number, request: number, response: number): void {
    this.send(client, 0, ACK | PSH, request, response, REQUEST);
    this.send(client, 1, ACK, response, request + REQUEST, 0);
    this.send(client, 1, ACK | PSH, response, request + REQUEST, RESPONSE);
    this.send(client, 0, ACK, request + REQUEST, response + RESPONSE, 0);
  }

  open(client: number): void {
    this.send(client, 0, SYN, 999, 0, 0);
    this.send(client, 1, SYN | ACK, 4999, 1000, 0);
    this.send(client, 0, ACK, 1000, 5000, 0);
  }

  close(client: number): void {
    this.send(client, 0, FIN | ACK, 1000 + REQUEST, 5000 + RESPONSE, 0);
    this.send(client, 1, FIN | ACK, 5000 + RESPONSE, 1001 + REQUEST, 0);
    this.send(client, 0, ACK, 1001 + REQUEST, 5001 + RESPONSE, 0);
  }

  private send(
    client: number,
    from: Direction,
    flags: number,
    seq: number,
    ack: number,
    length: number,
  ): void {
    const { packet } = this;
    const clientPort = 10_000 + (client & 0x3fff);
    packet.src3 = from === 0 ? 0x0a000000 + (client >> 14) : 0x0a800001;
    packet.dst3 = from === 0 ? 0x0a800001 : 0x0a000000 + (client >> 14);
    packet.srcPort = from === 0 ? clientPort : 80;
    packet.dstPort = from === 0 ? 80 : clientPort;
    packet.flags = flags;
    packet.seq = seq | 0;
    packet.ack = ack | 0;
    packet.payloadEnd = packet.payloadStart + length;
    packet.payloadLength = length;
    packet.ipId = this.nextId++ & 0xffff;
    packet.time += 1.5;
    for (let copy = 0; copy < this.copies; copy++) this.table.packet(packet);
    this.packets += this.copies;
  }
}

function report(name: string, run: () => Load): void {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.cpuUsage();
    const load = run();
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, ((user + system) * 1000) / load.packets);
  }
  console.log(`${name.padEnd(44)} ${best.toFixed(0).padStart(5)} ns a packet`);
}

function keepAlive(
  connections: number,
  exchanges: number,
  copies = 1,
  limits: Partial<TcpLimits> = {},
): Load {
  const load = new Load(copies, limits);
  for (let client = 0; client < connections; client++) load.open(client);
  for (let i = 0; i < exchanges; i++) {
    for (let client = 0; client < connections; client++) {
      load.exchange(client, 1000 + i * REQUEST, 5000 + i * RESPONSE);
    }
  }
  return load;
}

function short(connections: number): Load {
  const load = new Load(1, {});
  for (let client = 0; client < connections; client++) {
    load.open(client);
    load.exchange(client, 1000, 5000);
    load.close(client);
  }
  return load;
}

report('100 connections, in order', () => keepAlive(100, 1000));
report('100 connections, delivered bytes not kept', () => keepAlive(100, 1000, 1, { recentBytes: 0 }));
report('10,000 connections, in order', () => keepAlive(10_000, 10));
report('100 connections, every packet 4 times', () => keepAlive(100, 250, 4));
report('short connections, 10 packets each', () => short(20_000));
