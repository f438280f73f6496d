import { expect, test } from 'vitest';
import { ACK, FIN, RST, SYN, Wire } from '../../test/tcp/wire.ts';

const EPOCH = 1_700_000_000_000_000;

test('SYN and SYN-ACK captured in the wrong order', () => {
  const wire = new Wire()
    .send({ from: 1, flags: SYN | ACK, seq: 5000, ack: 1001 })
    .send({ flags: SYN, seq: 1000 })
    .send({ seq: 1001, ack: 5001, data: 'GET' })
    .send({ from: 1, seq: 5001, ack: 1004, data: 'OK' });
  expect(wire.told).toEqual(['0:GET', '1:OK']);
  expect(wire.connections[0]).toMatchObject({
    handshake: true,
    clientPort: 40000,
    serverPort: 80,
    roundTrip: Number.NaN,
  });
  expect(wire.connections).toHaveLength(1);
});

test('only the SYN-ACK captured: its sender is the server', () => {
  const wire = new Wire()
    .send({ from: 1, flags: SYN | ACK, seq: 5000, ack: 1001 })
    .send({ from: 1, seq: 5001, ack: 1001, data: 'banner' });
  expect(wire.connections[0]).toMatchObject({ handshake: true, clientPort: 40000, serverPort: 80 });
  expect(wire.told).toEqual(['1:banner']);
});

test('data in the SYN is the beginning of the stream (TCP Fast Open), also if it comes again', () => {
  const wire = new Wire()
    .send({ flags: SYN, seq: 1000, data: 'GET' })
    .send({ from: 1, flags: SYN | ACK, seq: 5000, ack: 1004 })
    .send({ seq: 1001, ack: 5001, data: 'GET /' })
    .send({ from: 1, seq: 5001, ack: 1006, data: 'OK' });
  expect(wire.told).toEqual(['0:GET', '0: /', '1:OK']);
  expect(wire.connections[0]!.sides[0]).toMatchObject({ firstSeq: 1001, offset: 5 });
});

test('data in the SYN, captured after the SYN-ACK that acknowledges it', () => {
  const wire = new Wire()
    .send({ from: 1, flags: SYN | ACK, seq: 5000, ack: 1004 })
    .send({ flags: SYN, seq: 1000, data: 'GET' })
    .send({ from: 1, seq: 5001, ack: 1004, data: 'OK' })
    .finish();
  expect(wire.told).toEqual(['0:GET', '1:OK', 'close:finished']);
});

test('simultaneous open: two SYNs, both ends are in one connection', () => {
  const wire = new Wire()
    .send({ flags: SYN, seq: 1000 })
    .send({ from: 1, flags: SYN, seq: 5000 })
    .send({ flags: SYN | ACK, seq: 1000, ack: 5001 })
    .send({ from: 1, flags: SYN | ACK, seq: 5000, ack: 1001 })
    .send({ seq: 1001, ack: 5001, data: 'a' })
    .send({ from: 1, seq: 5001, ack: 1002, data: 'b' });
  expect(wire.told).toEqual(['0:a', '1:b']);
  expect(wire.connections).toHaveLength(1);
});

test('a SYN sent again is a retransmission and not another connection; the round trip is of the last one', () => {
  const wire = new Wire()
    .send({ flags: SYN, seq: 1000, at: 0 })
    .send({ flags: SYN, seq: 1000, at: 1_000_000 })
    .send({ from: 1, flags: SYN | ACK, seq: 5000, ack: 1001, at: 1_000_400 })
    .send({ seq: 1001, ack: 5001, at: 1_000_500 });
  expect(wire.connections).toHaveLength(1);
  expect(wire.connections[0]).toMatchObject({ roundTrip: 500, startTime: EPOCH });
  expect(wire.connections[0]!.sides[0].stats).toMatchObject({ retransmissions: 1, packets: 3 });
});

test('sequence numbers wrap; offsets go on past 4 GiB', () => {
  const wire = new Wire({ maxWindow: 2 ** 29 }).handshake(0xfffffff0, 0x7ffffff0);
  let offset = 0;
  for (let i = 0; i < 20; i++) {
    wire.send({ seq: 0xfffffff1 + offset, ack: 0x7ffffff1, data: 'x'.repeat(20) });
    offset += 20;
    const lost = 2 ** 28;
    wire.send({ seq: 0xfffffff1 + offset + lost, ack: 0x7ffffff1, data: 'y' });
    wire.send({ from: 1, seq: 0x7ffffff1, ack: 0xfffffff1 + offset + lost + 1 });
    offset += lost + 1;
  }
  wire.finish();
  expect(offset).toBeGreaterThan(2 ** 32);
  expect(wire.connections[0]!.sides[0].offset).toBe(offset);
  expect(wire.connections[0]!.sides[0].stats).toMatchObject({ bytes: 20 * 21, lostBytes: 20 * 2 ** 28 });
});

test('keep-alive probes with and without a byte, zero windows and window probes leave the stream alone', () => {
  const wire = new Wire()
    .handshake()
    .send({ seq: 1001, ack: 5001, data: 'abc' })
    .send({ from: 1, seq: 5001, ack: 1004, window: 0 })
    .send({ seq: 1003, ack: 5001 })
    .send({ seq: 1003, ack: 5001, data: '\0' })
    .send({ from: 1, seq: 5001, ack: 1004, window: 0 })
    .send({ seq: 1004, ack: 5001, data: 'd' })
    .send({ from: 1, seq: 5001, ack: 1004, window: 0 })
    .send({ from: 1, seq: 5001, ack: 1005 })
    .send({ seq: 1004, ack: 5001, data: 'def' })
    .finish();
  expect(wire.stream(0)).toBe('abcdef');
  const [client, server] = wire.connections[0]!.sides;
  expect(client.stats).toMatchObject({ keepAlives: 2, conflictBytes: 0, retransmissions: 1 });
  expect(server.stats).toMatchObject({ zeroWindows: 3, keepAlives: 0 });
});

test('half-close: one end has finished, the other goes on', () => {
  const wire = new Wire()
    .handshake()
    .send({ seq: 1001, ack: 5001, flags: FIN | ACK, data: 'req' })
    .send({ from: 1, seq: 5001, ack: 1005, data: 'one' })
    .send({ from: 1, seq: 5004, ack: 1005, data: 'two' });
  expect(wire.told).toEqual(['0:req', '0:$', '1:one', '1:two']);
  wire.send({ from: 1, seq: 5007, ack: 1005, flags: FIN | ACK }).send({ seq: 1005, ack: 5008 });
  expect(wire.told.slice(4)).toEqual(['1:$', 'close:fin']);
});

test('both FINs but no last ACK: closed after the linger time', () => {
  const wire = new Wire({ lingerTime: 2_000_000 })
    .handshake()
    .send({ seq: 1001, ack: 5001, flags: FIN | ACK })
    .send({ from: 1, seq: 5001, ack: 1002, flags: FIN | ACK });
  expect(wire.told).toEqual(['0:$', '1:$']);
  wire.table.advance(EPOCH + 4_000_000);
  expect(wire.told.at(-1)).toBe('close:fin');
});

test('a RST ends both directions once its sender stays silent; data on its way still counts', () => {
  const wire = new Wire()
    .handshake()
    .send({ seq: 1001, ack: 5001, data: 'req' })
    .send({ seq: 1004, ack: 5001, flags: RST })
    .send({ from: 1, seq: 5001, ack: 1004, data: 'late' });
  expect(wire.told).toEqual(['0:req', '1:late']);
  wire.table.advance(EPOCH + 10_000_000);
  expect(wire.told.slice(2)).toEqual(['0:!', '1:!', 'close:rst']);
  expect(wire.connections[0]).toMatchObject({ closedBy: 0, closedHow: 'rst' });
  expect(wire.table.counters.open).toBe(0);
});

test('a RST outside the window is ignored', () => {
  const wire = new Wire().handshake().send({ from: 1, seq: 5001, ack: 1001, data: 'abc' });
  for (const seq of [5001 + 1_000_000, 5001 - 100, 4000, 5004 - 0x80000000]) {
    wire.send({ from: 1, seq, flags: RST });
  }
  wire.send({ from: 1, seq: 5004, ack: 1001, data: 'def' }).finish();
  expect(wire.told).toEqual(['1:abc', '1:def', 'close:finished']);
  expect(wire.connections[0]).toMatchObject({ closedBy: -1, closedHow: 'open' });
  expect(wire.table.counters.resetsIgnored).toBe(4);
});

test('a forged RST inside the window is taken back when its sender goes on', () => {
  const wire = new Wire()
    .handshake()
    .send({ seq: 1001, ack: 5001, data: 'abc' })
    .send({ seq: 1004, ack: 5001, flags: RST })
    .send({ seq: 1004, ack: 5001, data: 'def' });
  wire.table.advance(EPOCH + 60_000_000);
  expect(wire.told).toEqual(['0:abc', '0:def']);
  expect(wire.connections[0]).toMatchObject({ closedBy: -1, closedHow: 'open' });
});

test('a 4-tuple in TIME_WAIT is taken by a new SYN; late copies of the old one change nothing', () => {
  const wire = new Wire()
    .handshake()
    .send({ seq: 1001, ack: 5001, data: 'one', ipId: 9, at: 10_000 })
    .send({ seq: 1004, ack: 5001, flags: FIN | ACK })
    .send({ from: 1, seq: 5001, ack: 1005, flags: FIN | ACK })
    .send({ seq: 1005, ack: 5002 })
    .send({ seq: 1001, ack: 5001, data: 'one', ipId: 9, at: 14_500 })
    .handshake(70_000, 90_000)
    .send({ seq: 70_001, ack: 90_001, data: 'two' })
    .finish();
  expect(wire.told).toEqual(['0:one', '0:$', '1:$', 'close:fin', '0:two', 'close:finished']);
  expect(wire.connections.map(({ id }) => id)).toEqual([1, 2]);
  expect(wire.table.counters.reused).toBe(0);
});

test('a 4-tuple is taken over without an end seen: once the new SYN is answered', () => {
  const wire = new Wire()
    .handshake()
    .send({ seq: 1001, ack: 5001, data: 'one' })
    .send({ flags: SYN, seq: 70_000, at: 100_000 })
    .send({ from: 1, flags: SYN | ACK, seq: 90_000, ack: 70_001, at: 100_300 })
    .send({ seq: 70_001, ack: 90_001, data: 'two', at: 100_500 })
    .finish();
  expect(wire.told).toEqual(['0:one', 'close:reused', '0:two', 'close:finished']);
  expect(wire.connections[1]).toMatchObject({ handshake: true, roundTrip: 500, clientPort: 40000 });
  expect(wire.table.counters.reused).toBe(1);
});

test('the same, answered by the server that now is the client', () => {
  const wire = new Wire()
    .handshake()
    .send({ from: 1, flags: SYN, seq: 70_000 })
    .send({ flags: SYN | ACK, seq: 90_000, ack: 70_001 })
    .send({ from: 1, seq: 70_001, ack: 90_001, data: 'two' })
    .finish();
  expect(wire.told).toEqual(['close:reused', '0:two', 'close:finished']);
  expect(wire.connections[1]).toMatchObject({ clientPort: 80, serverPort: 40000 });
});

test('the same, with the SYN-ACK lost', () => {
  const wire = new Wire()
    .handshake()
    .send({ flags: SYN, seq: 70_000 })
    .send({ seq: 70_001, ack: 90_001, data: 'two' })
    .finish();
  expect(wire.told).toEqual(['close:reused', '0:two', 'close:finished']);
});

test('a forged SYN in the middle of a connection breaks nothing', () => {
  const wire = new Wire()
    .handshake()
    .send({ seq: 1001, ack: 5001, data: 'abc' })
    .send({ flags: SYN, seq: 123_456_789 })
    .send({ seq: 1004, ack: 5001, data: 'def' })
    .send({ from: 1, seq: 5001, ack: 1007, data: 'ok' })
    .finish();
  expect(wire.told).toEqual(['0:abc', '0:def', '1:ok', 'close:finished']);
});

test('a new connection whose SYN was not captured is told by data that goes on far outside the window', () => {
  const wire = new Wire()
    .handshake()
    .send({ seq: 1001, ack: 5001, data: 'old' })
    .send({ seq: 900_000_000, ack: 700_000_000, data: 'lost' })
    .send({ seq: 900_000_004, ack: 700_000_000, data: 'new' })
    .send({ from: 1, seq: 700_000_000, ack: 900_000_007, data: 'answer' })
    .finish();
  expect(wire.told).toEqual(['0:old', 'close:reused', '0:new', '1:answer', 'close:finished']);
  expect(wire.table.counters).toMatchObject({ implausible: 2, resynchronised: 1, lostBytes: 0 });
});

test('a single segment far outside the window is ignored and makes no gap', () => {
  const wire = new Wire()
    .handshake()
    .send({ seq: 1001 + 0x7fff0000, ack: 5001, data: 'wild' })
    .send({ seq: 1001, ack: 5001 + 0x70000000, data: 'abc' })
    .send({ from: 1, seq: 5001, ack: 1004, data: 'x' })
    .finish();
  expect(wire.told).toEqual(['0:abc', '1:x', 'close:finished']);
  expect(wire.table.counters).toMatchObject({ implausible: 2, lostBytes: 0 });
});

test('a capture that begins with a bare ACK knows the next byte of both ends', () => {
  const wire = new Wire()
    .send({ seq: 1001, ack: 5001 })
    .send({ from: 1, seq: 5004, ack: 1001, data: 'def' })
    .send({ from: 1, seq: 5001, ack: 1001, data: 'abc' })
    .send({ seq: 1001, ack: 5007, data: 'next' });
  expect(wire.told).toEqual(['1:abc', '1:def', '0:next']);
  expect(wire.connections[0]).toMatchObject({ handshake: false, roundTrip: Number.NaN });
  expect(wire.connections[0]!.sides[1].firstSeq).toBe(5001);
});

test('a keep-alive probe first: the next byte is not taken for a second one', () => {
  const wire = new Wire().send({ seq: 1000, ack: 5001 }).send({ seq: 1001, ack: 5001, data: 'GET' }).finish();
  expect(wire.told).toEqual(['0:GET', 'close:finished']);
});

test('bytes in flight when the capture began are not loss; the same hole later is', () => {
  const start = new Wire()
    .send({ seq: 1001, ack: 5001 })
    .send({ from: 1, seq: 6001, ack: 1001, data: 'late' })
    .send({ seq: 1001, ack: 6005 })
    .finish();
  expect(start.told).toEqual(['1:late', 'close:finished']);
  const later = new Wire({ startTime: 0 })
    .send({ seq: 1001, ack: 5001 })
    .send({ from: 1, seq: 6001, ack: 1001, data: 'late' })
    .send({ seq: 1001, ack: 6005 })
    .finish();
  expect(later.told).toEqual(['1:[1000]', '1:late', 'close:finished']);
});

test('a connection of a single packet is delivered at the end of the capture', () => {
  const wire = new Wire().send({ seq: 7, ack: 9, data: 'alone' });
  expect(wire.told).toEqual([]);
  expect(wire.finish().told).toEqual(['0:alone', 'close:finished']);
});

test('urgent data is part of the stream', () => {
  const wire = new Wire().handshake().send({ seq: 1001, ack: 5001, flags: ACK | 32, data: 'a!b' });
  expect(wire.stream(0)).toBe('a!b');
});

test('every packet 2 to 8 times: copies are counted as copies, nothing is delivered twice', () => {
  for (const ipVersion of [4, 6] as const) {
    for (let copies = 1; copies < 8; copies++) {
      const wire = new Wire();
      let packets = 0;
      const send = (segment: Parameters<Wire['send']>[0]) => {
        packets++;
        for (let copy = 0; copy <= copies; copy++) {
          const at = packets * 1000 + copy * 20;
          const ipId = ipVersion === 4 ? packets : -1;
          wire.send({ ...segment, at, ipId, tsVal: packets, tsEcr: 5 }, { ipVersion });
        }
      };
      send({ flags: SYN, seq: 1000 });
      send({ from: 1, flags: SYN | ACK, seq: 5000, ack: 1001 });
      send({ seq: 1001, ack: 5001 });
      send({ seq: 1001, ack: 5001, data: 'request' });
      send({ from: 1, seq: 5001, ack: 1008, data: 'answer' });
      send({ seq: 1008, ack: 5007, flags: FIN | ACK });
      send({ from: 1, seq: 5007, ack: 1009, flags: FIN | ACK });
      expect(wire.told).toEqual(['0:request', '1:answer', '0:$', '1:$']);
      const [client, server] = wire.connections[0]!.sides;
      expect(client.stats).toMatchObject({ packets: 4, duplicates: 4 * copies, retransmissions: 0 });
      expect(server.stats).toMatchObject({ packets: 3, duplicates: 3 * copies, retransmissions: 0 });
      expect(wire.connections).toHaveLength(1);
    }
  }
});

test('a retransmission is no copy: another IP id, another timestamp, or simply later', () => {
  const wire = new Wire().handshake();
  const segment = { seq: 1001, ack: 5001, data: 'abc' };
  wire.send({ ...segment, ipId: 7, at: 10_000 }).send({ ...segment, ipId: 8, at: 10_010 });
  wire.send({ ...segment, ipId: 8, at: 400_000 });
  wire
    .send({ ...segment, ipId: 0, tsVal: 1, at: 500_000 })
    .send({ ...segment, ipId: 0, tsVal: 2, at: 500_010 });
  wire.send({ ...segment, ipId: 0, tsVal: 2, at: 500_020 });
  expect(wire.connections[0]!.sides[0].stats).toMatchObject({
    retransmissions: 4,
    duplicates: 1,
    packets: 7,
  });
});

test('peerAcked says how much of the other direction the sender had', () => {
  const wire = new Wire()
    .handshake()
    .send({ seq: 1001, ack: 5001, data: 'request' })
    .send({ from: 1, seq: 5001, ack: 1008, data: 'answer' })
    .send({ from: 1, seq: 5007, ack: 1008, data: ' more' })
    .send({ seq: 1008, ack: 5007, data: 'second' })
    .send({ from: 1, seq: 5012, flags: 0, data: '!' });
  expect(wire.heard.map((item) => 'acked' in item && item.acked)).toEqual([0, 7, 7, 6, -1]);
});
