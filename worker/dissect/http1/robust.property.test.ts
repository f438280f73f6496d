import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packetsOf, turn } from '../../../test/dissect/conversation.ts';
import { Drive, type RecordedExchange } from '../../../test/dissect/drive.ts';

/** Pieces of messages, right and wrong, that mutations and mixtures are made of. */
const PIECES = [
  'GET /a HTTP/1.1\r\n',
  'POST /b HTTP/1.0\r\n',
  'HTTP/1.1 200 OK\r\n',
  'HTTP/1.1 100 Continue\r\n\r\n',
  'HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n\r\n',
  'CONNECT h:1 HTTP/1.1\r\n\r\n',
  'Host: h\r\n',
  'Content-Length: 5\r\n',
  'Content-Length: 99999999999999999999\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Connection: close\r\n',
  ' folded\r\n',
  'no colon\r\n',
  ': empty\r\n',
  '\r\n',
  '\n',
  '\r',
  '5\r\nhello\r\n',
  '0\r\n\r\n',
  'ffffffffffffffff\r\n',
  '5;a="b\r\n',
  '\x00\x7f\xff',
];
const anything = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...PIECES).map((piece) => Buffer.from(piece, 'latin1')) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)) },
);
const step = fc.record({
  direction: fc.constantFrom<0 | 1>(0, 0, 1),
  bytes: fc.array(anything, { minLength: 1, maxLength: 6 }).map((pieces) => Buffer.concat(pieces)),
});

/** What must be the same however the bytes were cut: all but the times. */
const essence = (exchanges: readonly RecordedExchange[]) =>
  exchanges.map(({ request, response, interim, swapped }) => ({
    request: request && { ...request, times: [] },
    response: response && { ...response, times: [] },
    interim,
    swapped,
  }));

test('the same bytes in other segments give the same exchanges', () => {
  const turns = fc.array(turn(fc.constant(1)), { minLength: 1, maxLength: 5 });
  const cuts = fc.array(fc.nat(1000), { minLength: 3, maxLength: 20 });
  fc.assert(
    fc.property(turns, cuts, fc.integer({ min: 1, max: 40 }), (turns, cuts, segment) => {
      const read = (size: number) => {
        const drive = new Drive({ segment: size, limits: { maxHead: 120, maxKeptBody: 50 } });
        for (const { direction, data, acked } of packetsOf(turns, cuts)) drive.send(direction, data, acked);
        return essence(drive.close().exchanges);
      };
      expect(read(segment)).toEqual(read(0));
    }),
    { numRuns: 400 },
  );
});

test('malformed requests in other segments give the same exchanges', () => {
  const head = fc.array(fc.constantFrom(...PIECES.slice(6, 14)), { maxLength: 6 });
  fc.assert(
    fc.property(head, fc.integer({ min: 1, max: 12 }), (fields, segment) => {
      const bytes = `POST /x HTTP/1.1\r\n${fields.join('')}\r\n5\r\nhello\r\n0\r\n\r\n`;
      const read = (size: number) =>
        new Drive({ segment: size })
          .client(bytes)
          .close()
          .exchanges.map(({ request }) => {
            const { headers, trailers, body, problem } = request!;
            return { headers, trailers, body, problem };
          })[0];
      expect(read(segment)).toEqual(read(0));
    }),
    { numRuns: 400 },
  );
});

test('no bytes and no holes make it throw, and every byte is accounted for', () => {
  const steps = fc.array(
    fc.oneof(
      { weight: 6, arbitrary: step },
      fc.record({ direction: fc.constantFrom<0 | 1>(0, 1), gap: fc.nat(300) }),
    ),
    { maxLength: 25 },
  );
  fc.assert(
    fc.property(steps, fc.boolean(), fc.integer({ min: 0, max: 30 }), (steps, handshake, segment) => {
      const limits = { maxHead: 200, maxKeptBody: 20, maxOutstanding: 4, maxHeldAnswers: 2 };
      const drive = new Drive({ handshake, segment, limits });
      for (const one of steps) {
        if ('gap' in one) drive.gap(one.direction, one.gap + 1);
        else drive.send(one.direction, one.bytes);
      }
      drive.close('finished');
      for (const message of drive.exchanges.flatMap(({ request, response }) =>
        [request ?? [], response ?? []].flat(),
      )) {
        expect(message.stream[0]).toBeLessThanOrEqual(message.stream[1]);
        expect(message.body.length).toBeLessThanOrEqual(Math.min(20, message.bodySize));
        expect(message.flags.includes('malformed')).toBe(message.problem !== '');
      }
      expect(drive.exchanges.length).toBe(drive.counters.exchanges);
    }),
    { numRuns: 3000 },
  );
});

test('mutated conversations do not make it throw', () => {
  const turns = fc.array(turn(fc.integer({ min: 1, max: 3 })), { minLength: 1, maxLength: 6 });
  const cuts = fc.array(fc.nat(1000), { minLength: 3, maxLength: 20 });
  const flips = fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { maxLength: 6 });
  fc.assert(
    fc.property(turns, cuts, flips, (turns, cuts, flips) => {
      const drive = new Drive();
      let at = 0;
      for (const { direction, data, acked } of packetsOf(turns, cuts)) {
        const bytes = Buffer.from(data);
        for (const [place, octet] of flips)
          if (place >= at && place < at + bytes.length) bytes[place - at] = octet;
        at += bytes.length;
        drive.send(direction, bytes, acked);
      }
      drive.close();
      expect(drive.exchanges.length).toBe(drive.counters.exchanges);
      if (flips.length === 0) expect(drive.exchanges.length).toBe(turns.length);
    }),
    { numRuns: 1500 },
  );
});

test('a line that never ends, a byte at a time, takes time in proportion to its length', () => {
  const drive = new Drive({ segment: 1 });
  const begun = performance.now();
  drive.client(`GET / HTTP/1.1\r\nX: ${'a'.repeat(150_000)}`).close();
  expect(performance.now() - begun).toBeLessThan(5000);
  expect(drive.exchanges[0].request?.flags).toEqual(['headTruncated', 'cut']);
});
