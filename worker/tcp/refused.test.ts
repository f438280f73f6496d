import { describe, expect, test } from 'vitest';
import { ACK, EPOCH, FIN, RST, SYN, Wire } from '../../test/tcp/wire.ts';

const syn = { flags: SYN, seq: 1000 };
const refusal = { from: 1, flags: RST | ACK, seq: 0, ack: 1001 } as const;

/** What a wire was told to be refused, as client port and time of the answer (µs after the start). */
function refusedOn(wire: Wire): [port: number, at: number][] {
  return wire.refused.map(({ clientPort, time }) => [clientPort, time - EPOCH]);
}

test('a SYN that a RST answers is a refused connection, and no listener hears of it', () => {
  const wire = new Wire().send(syn).send(refusal).finish();
  expect(refusedOn(wire)).toEqual([[40000, 2000]]);
  expect(wire.refused[0]).toMatchObject({
    closedBy: 1,
    closedHow: 'rst',
    startTime: EPOCH + 1000,
    serverPort: 80,
  });
  expect(wire.refused[0]!.sides.map(({ stats }) => [stats.packets, stats.bytes])).toEqual([
    [1, 0],
    [1, 0],
  ]);
  expect(wire.connections).toEqual([]);
  expect(wire.table.counters).toMatchObject({ answeredByReset: 1, unanswered: 0, halfOpen: 0, open: 0 });
});

test('over IPv6, with sequence numbers that wrap, and after a SYN that was sent again', () => {
  const v6 = { ipVersion: 6 } as const;
  const wire = new Wire()
    .send({ flags: SYN, seq: -1 }, v6)
    .send({ flags: SYN, seq: -1, at: 1_001_000 }, v6)
    .send({ ...refusal, ack: 0 }, v6)
    .finish();
  expect(refusedOn(wire)).toEqual([[40000, 1_002_000]]);
});

describe('copies of another interface do not make it two', () => {
  test.each([
    ['each beside its packet', [syn, syn, refusal, refusal]],
    ['behind both', [syn, refusal, syn, refusal]],
  ])('%s', (_, order) => {
    const wire = new Wire();
    for (const [n, one] of order.entries()) wire.send({ ...one, ipId: 'from' in one ? 2 : 1, at: n * 10 });
    expect(refusedOn(wire.finish())).toHaveLength(1);
  });
});

test('who tries again is refused again, from another port or from the same', () => {
  const wire = new Wire();
  for (const [n, clientPort] of [40000, 40001, 40001].entries()) {
    wire
      .send({ ...syn, seq: 1000 * n }, { clientPort })
      .send({ ...refusal, ack: 1000 * n + 1 }, { clientPort });
  }
  expect(refusedOn(wire.finish()).map(([port]) => port)).toEqual([40000, 40001, 40001]);
});

test('a connection that comes about on the same ports after a refusal is whole', () => {
  const wire = new Wire().send(syn).send(refusal).handshake(7000, 9000);
  wire.send({ seq: 7001, ack: 9001, data: 'GET /' }).finish();
  expect(wire.refused).toHaveLength(1);
  expect(wire.told).toEqual(['0:GET /', 'close:finished']);
});

describe('is no refusal:', () => {
  test.each([
    ['a RST without its SYN', [refusal]],
    ['a RST that acknowledges another SYN', [syn, { ...refusal, ack: 5001 }]],
    ['a RST that acknowledges nothing', [syn, { ...refusal, flags: RST }]],
    ['a RST of the client', [syn, { flags: RST, seq: 1001 }]],
    ['a RST of the client that acknowledges', [syn, { flags: RST | ACK, seq: 1001, ack: 1 }]],
    [
      'SYN, SYN-ACK, RST',
      [syn, { from: 1, flags: SYN | ACK, seq: 5000, ack: 1001 }, { ...refusal, seq: 5001 }],
    ],
    ['SYN, SYN-ACK not captured, ACK, RST', [syn, { seq: 1001, ack: 5001 }, { ...refusal, seq: 5001 }]],
    [
      'a request in the SYN',
      [
        { ...syn, data: 'GET /' },
        { ...refusal, ack: 1006 },
      ],
    ],
    [
      'a SYN-ACK without its SYN',
      [
        { from: 1, flags: SYN | ACK, seq: 5000, ack: 1001 },
        { ...refusal, seq: 5001 },
      ],
    ],
    ['something of the server before', [syn, { from: 1, seq: 77, ack: 900 }, refusal]],
    ['a FIN in answer', [syn, { from: 1, flags: FIN | ACK, seq: 0, ack: 1001 }]],
  ] as const)('%s', (_, segments) => {
    const wire = new Wire();
    for (const segment of segments) wire.send(segment);
    wire.finish();
    expect(wire.refused).toEqual([]);
    expect(wire.table.counters.answeredByReset).toBe(0);
  });
});

test('refused connections are let go soon, and first of all when there are too many', () => {
  const wire = new Wire({ maxConnections: 100, lingerTime: 1_000_000 });
  for (let n = 0; n < 1000; n++) {
    const ports = { serverPort: 1 + n };
    wire.send(syn, ports).send(refusal, ports);
  }
  expect(wire.refused).toHaveLength(1000);
  expect(wire.table.counters).toMatchObject({ halfOpen: 0, evictedConnections: 0, evictedHalfOpen: 0 });
});
