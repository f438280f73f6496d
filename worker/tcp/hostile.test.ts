import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ACK, FIN, RST, SYN, Wire } from '../../test/tcp/wire.ts';
import { Packet } from '../packet/packet.ts';
import type { ConnectionInfo, Direction, StreamListener } from './stream.ts';
import { TcpTable } from './tcp-table.ts';

/** Checks at every call what a listener may rely on. */
class Judge implements StreamListener {
  open = 0;
  private readonly offsets = [0, 0];
  private readonly ended = [false, false];
  private closed = false;
  private readonly connection: ConnectionInfo;
  private readonly maxGap: number;
  private readonly done: () => void;

  constructor(connection: ConnectionInfo, maxGap: number, done: () => void) {
    this.connection = connection;
    this.maxGap = maxGap;
    this.done = done;
  }

  data(direction: Direction, data: Uint8Array, start: number, end: number): void {
    this.check(direction);
    if (!(start >= 0 && start < end && end <= data.length)) throw new Error(`data [${start}, ${end})`);
    this.offsets[direction]! += end - start;
  }

  gap(direction: Direction, length: number): void {
    this.check(direction);
    if (!(length > 0 && length <= this.maxGap)) throw new Error(`gap of ${length}`);
    this.offsets[direction]! += length;
  }

  end(direction: Direction): void {
    if (this.closed || this.ended[direction]) throw new Error('ended twice');
    this.ended[direction] = true;
  }

  close(): void {
    if (this.closed) throw new Error('closed twice');
    this.closed = true;
    this.done();
  }

  private check(direction: Direction): void {
    if (this.closed || this.ended[direction]) throw new Error('bytes after the end');
    if (this.connection.sides[direction].offset !== this.offsets[direction])
      throw new Error('offset is wrong');
    const { peerAcked } = this.connection;
    if (!(peerAcked >= -1 && peerAcked <= this.connection.sides[direction === 0 ? 1 : 0].offset + 2 ** 31)) {
      throw new Error(`peerAcked ${peerAcked}`);
    }
  }
}

const near = fc.integer({ min: -20, max: 60 });
const anySeq = fc.oneof({ weight: 6, arbitrary: near }, { weight: 1, arbitrary: fc.integer() });
const anyPacket = fc.record({
  reversed: fc.boolean(),
  host: fc.integer({ min: 0, max: 2 }),
  port: fc.oneof(fc.integer({ min: 79, max: 81 }), fc.integer({ min: 0, max: 65535 })),
  flags: fc.oneof(
    fc.constantFrom(ACK, ACK, ACK, SYN, SYN | ACK, FIN | ACK, RST, RST | ACK),
    fc.integer({ min: 0, max: 255 }),
  ),
  seq: anySeq,
  ack: anySeq,
  length: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 70_000 })),
  captured: fc.integer({ min: 0, max: 60 }),
  step: fc.oneof(
    fc.integer({ min: 0, max: 1000 }),
    fc.integer({ min: -1_000_000, max: 20_000_000 }),
    fc.double(),
  ),
  ipId: fc.integer({ min: -1, max: 3 }),
  window: fc.constantFrom(0, 1000),
});

test('arbitrary packets: nothing is thrown, the listener contract holds, memory is bounded, all is let go', () => {
  const maxWindow = 10_000;
  fc.assert(
    fc.property(fc.array(anyPacket, { minLength: 1, maxLength: 120 }), (packets) => {
      let open = 0;
      const table = new TcpTable(
        {
          maxHeldPerSide: 4096,
          maxHeldTotal: 8192,
          maxWindow,
          maxConnections: 4,
          maxHalfOpen: 2,
          recentBytes: 1000,
        },
        (connection) => {
          open++;
          return new Judge(connection, 2 * maxWindow + 70_000, () => {
            open--;
          });
        },
      );
      const packet = new Packet();
      packet.data = new Uint8Array(100);
      packet.time = 1.7e15;
      packet.ipVersion = 4;
      for (const { reversed, host, port, step, length, captured, ...rest } of packets) {
        Object.assign(packet, rest);
        packet.src3 = reversed ? 9 : host;
        packet.dst3 = reversed ? host : 9;
        packet.srcPort = reversed ? 80 : port;
        packet.dstPort = reversed ? port : 80;
        packet.time += step;
        packet.payloadLength = length;
        packet.payloadStart = 20;
        packet.payloadEnd = 20 + Math.min(captured, length);
        table.packet(packet);
        expect(table.counters.heldBytes).toBeLessThanOrEqual(8192 + 4096);
        expect(table.counters.open + table.counters.halfOpen).toBeLessThanOrEqual(4);
      }
      table.finish();
      expect(open).toBe(0);
      expect(table.counters).toMatchObject({ heldBytes: 0, open: 0, halfOpen: 0 });
    }),
    { numRuns: 500 },
  );
});

test('a connection with itself is followed without harm', () => {
  const self = { client: 5, server: 5, clientPort: 80, serverPort: 80 };
  const wire = new Wire()
    .send({ flags: SYN, seq: 1 }, self)
    .send({ flags: SYN | ACK, seq: 1, ack: 2 }, self)
    .send({ seq: 2, ack: 2, data: 'echo' }, self)
    .send({ seq: 6, ack: 6 }, self)
    .finish();
  expect(wire.stream(0)).toBe('echo');
});

test('a SYN flood costs the half-open table and evicts nobody else', () => {
  const wire = new Wire({ maxConnections: 1000, maxHalfOpen: 100 }).handshake();
  wire.send({ seq: 1001, ack: 5001, data: 'be' });
  for (let i = 0; i < 20_000; i++) {
    wire.send({ flags: SYN, seq: i * 7 }, { client: 0x0b000000 + i, clientPort: (i * 31) & 0xffff });
    expect(wire.table.counters.halfOpen).toBeLessThanOrEqual(100);
  }
  wire.send({ seq: 1003, ack: 5001, data: 'fore' }).finish();
  expect(wire.told).toEqual(['0:be', '0:fore', 'close:finished']);
  expect(wire.table.counters).toMatchObject({
    evictedHalfOpen: 19_900,
    evictedConnections: 0,
    unanswered: 20_000,
  });
});

test('a flood of bare ACKs is bounded in the same way', () => {
  const wire = new Wire({ maxHalfOpen: 10 });
  for (let i = 0; i < 1000; i++) wire.send({ seq: i, ack: i }, { client: i });
  wire.finish();
  expect(wire.connections).toEqual([]);
  expect(wire.table.counters.evictedHalfOpen).toBe(990);
});

test('half-open connections are forgotten after their time, open ones after theirs', () => {
  const wire = new Wire({ halfOpenTime: 30e6, idleTime: 600e6 });
  wire.handshake().send({ flags: SYN, seq: 7 }, { clientPort: 7 });
  const epoch = 1_700_000_000_000_000;
  wire.table.advance(epoch + 29e6);
  expect(wire.table.counters).toMatchObject({ open: 1, halfOpen: 1 });
  wire.table.advance(epoch + 31e6);
  expect(wire.table.counters).toMatchObject({ open: 1, halfOpen: 0, unanswered: 1 });
  wire.send({ seq: 1001, ack: 5001, at: 300e6 });
  wire.table.advance(epoch + 700e6);
  expect(wire.table.counters.open).toBe(1);
  wire.table.advance(epoch + 902e6);
  expect(wire.told).toEqual(['close:idle']);
  expect(wire.table.counters).toMatchObject({ open: 0, idleConnections: 1 });
});

test('a full table lets the least recently used go', () => {
  const wire = new Wire({ maxConnections: 3 });
  for (const clientPort of [1, 2, 3]) wire.handshake(1000, 5000, { clientPort });
  wire.send({ seq: 1001, ack: 5001, data: 'x', at: 2_000_000 }, { clientPort: 1 });
  wire.handshake(1000, 5000, { clientPort: 4 });
  expect(wire.heard.filter((item) => 'close' in item)).toEqual([{ connection: 2, close: 'evicted' }]);
  expect(wire.table.counters).toMatchObject({ evictedConnections: 1, open: 3 });
});

test('one wild timestamp expires nothing, and a second capture with older times still has working timers', () => {
  const wire = new Wire().handshake();
  wire.send({ seq: 1001, ack: 5001, data: 'a', at: 9e15 });
  wire.send({ seq: 1002, ack: 5001, data: 'b', at: 20_000 });
  expect(wire.told).toEqual(['0:a', '0:b']);
  wire.send({ seq: 1010, ack: 5001, data: 'later', at: -1e12 });
  for (let i = 1; i < 8; i++) wire.send({ from: 1, seq: 5001, ack: 1003, at: -1e12 + i * 500_000 });
  expect(wire.told).toEqual(['0:a', '0:b', '0:[7]', '0:later']);
});

test('100,000 idle connections: all are followed, in bounded memory', () => {
  const listener: StreamListener = { data() {}, gap() {}, end() {}, close() {} };
  let connections = 0;
  const table = new TcpTable({}, () => {
    connections++;
    return listener;
  });
  const packet = new Packet();
  packet.data = new Uint8Array(100);
  packet.payloadStart = 20;
  packet.ipVersion = 4;
  const send = (client: number, from: Direction, flags: number, seq: number, ack: number, length: number) => {
    packet.time = 1.7e15 + connections;
    packet.src3 = from === 0 ? client >> 8 : 9;
    packet.dst3 = from === 0 ? 9 : client >> 8;
    packet.srcPort = from === 0 ? 1000 + (client & 255) : 80;
    packet.dstPort = from === 0 ? 80 : 1000 + (client & 255);
    packet.flags = flags;
    packet.seq = seq;
    packet.ack = ack;
    packet.ipId = 0;
    packet.payloadLength = length;
    packet.payloadEnd = 20 + length;
    table.packet(packet);
  };
  const heap = () => {
    (globalThis as { gc?: () => void }).gc?.();
    return process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
  };
  const before = heap();
  for (let i = 0; i < 100_000; i++) {
    send(i, 0, SYN, 1, 0, 0);
    send(i, 1, SYN | ACK, 1, 2, 0);
    send(i, 0, ACK, 2, 2, 10);
  }
  expect(connections).toBe(100_000);
  expect(table.counters).toMatchObject({ open: 100_000, evictedConnections: 0, duplicates: 0 });
  expect((heap() - before) / 100_000).toBeLessThan(2500);
  for (let i = 0; i < 100_000; i += 997) send(i, 0, ACK, 12, 2, 10);
  expect(connections).toBe(100_000);
  expect(table.counters.implausible).toBe(0);
});
