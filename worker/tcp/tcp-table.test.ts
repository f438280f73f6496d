import { expect, test } from 'vitest';
import { ACK, FIN, Wire } from '../../test/tcp/wire.ts';

test('a request and its answer come out in order, then the ends, then the close', () => {
  const wire = new Wire()
    .handshake(1000, 5000)
    .send({ seq: 1001, ack: 5001, data: 'GET /' })
    .send({ from: 1, seq: 5001, ack: 1006, data: '200 OK' })
    .send({ seq: 1006, ack: 5007, flags: FIN | ACK })
    .send({ from: 1, seq: 5007, ack: 1007, flags: FIN | ACK })
    .send({ seq: 1007, ack: 5008 });
  expect(wire.told).toEqual(['0:GET /', '1:200 OK', '0:$', '1:$', 'close:fin']);
  const [connection] = wire.connections;
  expect(connection).toMatchObject({
    handshake: true,
    roundTrip: 2000,
    closedBy: 0,
    closedHow: 'fin',
    clientPort: 40000,
    serverPort: 80,
  });
  expect(connection!.sides[0].stats).toMatchObject({
    bytes: 5,
    packets: 5,
    retransmissions: 0,
    lostBytes: 0,
  });
  expect(connection!.sides[1].stats).toMatchObject({ bytes: 6, packets: 3 });
});

test('segments in the wrong order are put right, with the times and acknowledgements of their own packets', () => {
  const wire = new Wire()
    .handshake()
    .send({ seq: 1004, ack: 5001, data: 'def', at: 10_000 })
    .send({ seq: 1007, ack: 5003, data: 'ghi', at: 11_000 })
    .send({ from: 1, seq: 5001, ack: 1001, data: 'xy', at: 12_000 })
    .send({ seq: 1001, ack: 5001, data: 'abc', at: 13_000 });
  expect(wire.stream(0)).toBe('abcdefghi');
  expect(wire.heard.filter((item) => 'direction' in item && item.direction === 0)).toEqual([
    expect.objectContaining({ data: 'abc', at: 13_000, acked: 0, offset: 0 }),
    expect.objectContaining({ data: 'def', at: 10_000, acked: 0, offset: 3 }),
    expect.objectContaining({ data: 'ghi', at: 11_000, acked: 2, offset: 6 }),
  ]);
});

test('a retransmission is counted and delivers nothing', () => {
  const wire = new Wire()
    .handshake()
    .send({ seq: 1001, ack: 5001, data: 'hello' })
    .send({ seq: 1001, ack: 5001, data: 'hello' })
    .finish();
  expect(wire.told).toEqual(['0:hello', 'close:finished']);
  expect(wire.connections[0]!.sides[0].stats).toMatchObject({ bytes: 5, retransmissions: 1, duplicates: 0 });
});

test('overlap: the first copy stands, delivered or held, and differing bytes are counted', () => {
  const wire = new Wire()
    .handshake()
    .send({ seq: 1001, ack: 5001, data: 'abcd' })
    .send({ seq: 1003, ack: 5001, data: 'cXef' })
    .send({ seq: 1011, ack: 5001, data: 'klm' })
    .send({ seq: 1007, ack: 5001, data: 'ghijKLmn' })
    .finish();
  expect(wire.stream(0)).toBe('abcdefghijklmn');
  expect(wire.connections[0]!.sides[0].stats.conflictBytes).toBe(3);
  expect(wire.table.counters.conflictUnchecked).toBe(0);
});
