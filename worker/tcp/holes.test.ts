import { expect, test } from 'vitest';
import { ACK, FIN, Wire } from '../../test/tcp/wire.ts';

const MIB = 1024 * 1024;

test('a hole that the peer acknowledged is given up as soon as the capture had its chance to bring it', () => {
  const wire = new Wire({ disorderPackets: 3 })
    .handshake()
    .send({ seq: 1001, ack: 5001, data: 'abc' })
    .send({ seq: 1007, ack: 5001, data: 'ghi' })
    .send({ from: 1, seq: 5001, ack: 1010 });
  expect(wire.stream(0)).toBe('abc');
  wire.send({ seq: 1010, ack: 5001, data: 'jkl' }).send({ from: 1, seq: 5001, ack: 1013 });
  expect(wire.stream(0)).toBe('abc');
  wire.send({ seq: 1013, ack: 5001, data: 'mno' });
  expect(wire.stream(0)).toBe('abc[3]ghijklmno');
  expect(wire.table.counters).toMatchObject({ holesByAck: 1, lostBytes: 3, heldBytes: 0 });
});

test('on a quiet connection the chance ends after a short time', () => {
  const wire = new Wire()
    .handshake()
    .send({ seq: 1004, ack: 5001, data: 'def' })
    .send({ from: 1, seq: 5001, ack: 1007, at: 10_000 });
  wire.table.advance(1_700_000_000_000_000 + 100_000);
  expect(wire.stream(0)).toBe('');
  wire.table.advance(1_700_000_000_000_000 + 300_000);
  expect(wire.stream(0)).toBe('[3]def');
});

test('an acknowledgement captured before its data makes no gap, however long before', () => {
  const wire = new Wire()
    .handshake()
    .send({ from: 1, seq: 5001, ack: 1004, at: 10_000 })
    .send({ seq: 1001, ack: 5001, data: 'abc', at: 5_000_000 });
  expect(wire.told).toEqual(['0:abc']);
});

test('a lost request is said before the answer to it, and the answer waits no longer than that takes', () => {
  const wire = new Wire({ disorderPackets: 2 })
    .handshake()
    .send({ from: 1, seq: 5001, ack: 1011, data: 'answer', at: 10_000 })
    .send({ seq: 1011, ack: 5007, at: 10_100 })
    .send({ from: 1, seq: 5007, ack: 1011, data: ' more', at: 10_200 });
  expect(wire.told).toEqual(['0:[10]', '1:answer', '1: more']);
  expect(wire.heard[0]).toMatchObject({ at: 10_000, acked: -1 });
  expect(wire.heard[1]).toMatchObject({ at: 10_000, acked: 10 });
});

test('a hole that was not acknowledged does not hold the other direction back', () => {
  const wire = new Wire()
    .handshake()
    .send({ seq: 1011, ack: 5001, data: 'later' })
    .send({ from: 1, seq: 5001, ack: 1001, data: 'hello' });
  expect(wire.told).toEqual(['1:hello']);
});

test('data lost with nothing after it is told by the acknowledgement alone', () => {
  const wire = new Wire()
    .handshake()
    .send({ seq: 1001, ack: 5001, data: 'abc' })
    .send({ from: 1, seq: 5001, ack: 1504 })
    .finish();
  expect(wire.told).toEqual(['0:abc', '0:[500]', 'close:finished']);
});

test('the acknowledgement of a FIN that was not captured is no lost byte', () => {
  const wire = new Wire()
    .handshake()
    .send({ seq: 1001, ack: 5001, data: 'abc' })
    .send({ from: 1, seq: 5001, ack: 1005 })
    .finish();
  expect(wire.told).toEqual(['0:abc', 'close:finished']);
});

test('a hole that never fills is given up after its time without progress', () => {
  const wire = new Wire({ holeTime: 3_000_000 }).handshake();
  wire.send({ seq: 1004, ack: 5001, data: 'def', at: 1_000_000 });
  for (let at = 1_500_000; at <= 4_000_000; at += 500_000) wire.send({ from: 1, seq: 5001, ack: 1001, at });
  expect(wire.stream(0)).toBe('');
  wire.send({ from: 1, seq: 5001, ack: 1001, at: 4_100_000 });
  expect(wire.stream(0)).toBe('[3]def');
  expect(wire.table.counters.holesByTime).toBe(1);
});

test('one connection that never fills its hole: memory stays within its bound and bytes are not lost with it', () => {
  const limit = 64 * 1024;
  const wire = new Wire({ maxHeldPerSide: limit, holeTime: 1e12 }).handshake();
  const data = 'x'.repeat(1000);
  let peak = 0;
  for (let i = 0; i < 1000; i++) {
    wire.send({ seq: 1001 + 10 + i * 1000, ack: 5001, data, at: 10_000 + i });
    peak = Math.max(peak, wire.table.counters.heldBytes);
  }
  expect(peak).toBeLessThanOrEqual(limit);
  expect(wire.table.counters).toMatchObject({ holesByBytes: 1, lostBytes: 10, heldBytes: 0 });
  expect(wire.connections[0]!.sides[0].stats.bytes).toBe(1_000_000);
});

test('many connections with holes: the total is bounded, and the oldest hole pays', () => {
  const wire = new Wire({ maxHeldTotal: 10 * 1024, holeTime: 1e12 });
  for (let i = 0; i < 50; i++) {
    wire.handshake(1000, 5000, { clientPort: 1000 + i });
    wire.send({ seq: 1011, ack: 5001, data: 'y'.repeat(1024) }, { clientPort: 1000 + i });
    expect(wire.table.counters.heldBytes).toBeLessThanOrEqual(10 * 1024);
  }
  expect(wire.table.counters.holesByTotal).toBe(40);
  expect(wire.stream(0, 1)).toBe(`[10]${'y'.repeat(1024)}`);
  expect(wire.stream(0, 50)).toBe('');
});

test('one-byte segments behind a hole cost what they take, so they are bounded too', () => {
  const wire = new Wire({ maxHeldPerSide: MIB }).handshake();
  for (let i = 0; i < 20_000; i++) wire.send({ seq: 1003 + 2 * i, ack: 5001, data: 'z', at: 10_000 + i });
  expect(wire.table.counters.heldBytes).toBeLessThanOrEqual(MIB);
  expect(wire.table.counters.holesByBytes).toBe(20_000 - MIB / 256);
  expect(wire.connections[0]!.sides[0].stats).toMatchObject({ bytes: 20_000 - MIB / 256, keepAlives: 0 });
});

test('limits smaller than a segment still deliver everything', () => {
  const wire = new Wire({ maxHeldPerSide: 0, maxHeldTotal: 0 })
    .handshake()
    .send({ seq: 1004, ack: 5001, data: 'def' })
    .send({ from: 1, seq: 5001, ack: 1100, data: 'early' })
    .finish();
  expect(wire.stream(0)).toBe('[3]def[93]');
  expect(wire.stream(1)).toBe('early');
});

test('what the snapshot length cut off is a gap of known size, at once', () => {
  const wire = new Wire()
    .handshake()
    .send({ seq: 1001, ack: 5001, data: 'abcdefgh', captured: 3 })
    .send({ seq: 1009, ack: 5001, data: 'ijkl', captured: 0 })
    .send({ seq: 1013, ack: 5001, data: 'mn' });
  expect(wire.told).toEqual(['0:abc', '0:[5]', '0:[4]', '0:mn']);
  expect(wire.table.counters.truncatedBytes).toBe(9);
});

test('a cut segment that waits is completed by one that was captured whole', () => {
  const wire = new Wire()
    .handshake()
    .send({ seq: 1004, ack: 5001, data: 'defgh', captured: 2 })
    .send({ seq: 1009, ack: 5001, data: 'ijk', captured: 0 })
    .send({ seq: 1004, ack: 5001, data: 'defghij' })
    .send({ seq: 1001, ack: 5001, data: 'abc' })
    .send({ seq: 1011, ack: 5001, data: 'kl' });
  expect(wire.stream(0)).toBe('abcdefghijkl');
});

test('at the end of the capture what is held is delivered, in the order of the capture, with the FIN behind a hole', () => {
  const wire = new Wire()
    .handshake()
    .send({ seq: 1004, ack: 5001, data: 'def' })
    .send({ from: 1, seq: 5003, ack: 1001, data: 'cd' })
    .send({ seq: 1010, ack: 5001, flags: FIN | ACK, data: 'jkl' })
    .finish();
  expect(wire.told).toEqual(['0:[3]', '0:def', '1:[2]', '1:cd', '0:[3]', '0:jkl', '0:$', 'close:finished']);
  expect(wire.table.counters).toMatchObject({ holesByEnd: 3, heldBytes: 0 });
});

test('bytes after a FIN are ignored; of two FINs the earlier counts', () => {
  const wire = new Wire()
    .handshake()
    .send({ seq: 1004, ack: 5001, data: 'defXXX' })
    .send({ seq: 1009, ack: 5001, flags: FIN | ACK })
    .send({ seq: 1007, ack: 5001, flags: FIN | ACK })
    .send({ seq: 1001, ack: 5001, data: 'abc' })
    .send({ seq: 1007, ack: 5001, data: 'YYY' })
    .finish();
  expect(wire.stream(0)).toContain('abcdef');
  expect(wire.stream(0)).not.toContain('YYY');
  expect(wire.told.filter((item) => item === '0:$')).toHaveLength(1);
  expect(wire.table.counters.bytesAfterFin).toBe(3);
});
