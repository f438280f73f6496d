import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ACK, FIN, SYN, Wire } from '../../test/tcp/wire.ts';

/** A stream of this many bytes in which every place can be told from its neighbours. */
function streamOf(length: number, salt: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = ((i * 167 + (i >> 8) * 31 + salt) & 0x7f) | 0x20;
  return bytes;
}

interface Piece {
  from: number;
  to: number;
}

/** What a listener should be told of `length` bytes when only `pieces` were captured. */
function expected(bytes: Uint8Array, pieces: Piece[]): string {
  const seen = new Uint8Array(bytes.length);
  for (const { from, to } of pieces) seen.fill(1, from, to);
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    let end = at;
    while (end < bytes.length && seen[end] === seen[at]) end++;
    text += seen[at] === 1 ? Buffer.from(bytes.subarray(at, end)).toString('latin1') : `[${end - at}]`;
    at = end;
  }
  return text;
}

/** Gaps that follow each other are one hole. */
function joinGaps(text: string): string {
  let joined = text;
  for (;;) {
    const next = joined.replace(/\[(\d+)\]\[(\d+)\]/, (_, a, b) => `[${Number(a) + Number(b)}]`);
    if (next === joined) return joined;
    joined = next;
  }
}

const isn = fc.oneof(
  fc.integer(),
  fc.integer({ min: -3000, max: 3000 }),
  fc.constant(0x7fffff00 | 0),
  fc.constant(-1),
);

/** The stream cut into pieces that follow each other, some sent again with other borders. */
function segmentsOf(length: number): fc.Arbitrary<Piece[]> {
  const cuts = fc.array(fc.integer({ min: 1, max: length - 1 }), { maxLength: 12 });
  const extra = fc.array(
    fc.tuple(fc.integer({ min: 0, max: length - 1 }), fc.integer({ min: 1, max: length })),
    { maxLength: 6 },
  );
  return fc.tuple(cuts, extra).map(([at, again]) => {
    const borders = [...new Set([0, ...at, length])].sort((a, b) => a - b);
    const pieces = borders.slice(1).map((to, i) => ({ from: borders[i]!, to }));
    return [...pieces, ...again.map(([from, n]) => ({ from, to: Math.min(length, from + n) }))];
  });
}

const stream = fc.integer({ min: 2, max: 4000 }).chain((length) =>
  fc.record({
    length: fc.constant(length),
    pieces: segmentsOf(length).chain((pieces) =>
      fc.record({
        /** All that was sent, in the order of the capture. */
        order: fc.shuffledSubarray(pieces, { minLength: pieces.length }),
        /** How many copies there are of each, at once. */
        copies: fc.array(fc.integer({ min: 0, max: 3 }), {
          minLength: pieces.length,
          maxLength: pieces.length,
        }),
        lost: fc.array(fc.boolean(), { minLength: pieces.length, maxLength: pieces.length }),
      }),
    ),
  }),
);

test('any order, overlap and number of copies: the exact bytes', () => {
  fc.assert(
    fc.property(isn, isn, stream, (clientIsn, serverIsn, { length, pieces }) => {
      const bytes = streamOf(length, 7);
      const wire = new Wire().handshake(clientIsn, serverIsn);
      pieces.order.forEach((piece, i) => {
        for (let copy = 0; copy <= pieces.copies[i]!; copy++) {
          wire.send({
            seq: clientIsn + 1 + piece.from,
            ack: serverIsn + 1,
            data: bytes.subarray(piece.from, piece.to),
            ipId: 1000 + i,
            at: 10_000 + i * 100 + copy,
          });
        }
      });
      wire.send({ seq: clientIsn + 1 + length, ack: serverIsn + 1, flags: FIN | ACK }).finish();
      expect(wire.stream(0)).toBe(`${Buffer.from(bytes).toString('latin1')}$`);
      const { stats } = wire.connections[0]!.sides[0];
      expect(stats.bytes).toBe(length);
      expect(stats.conflictBytes).toBe(0);
      expect(stats.duplicates).toBe(pieces.copies.reduce((sum, n) => sum + n, 0));
      expect(wire.table.counters.heldBytes).toBe(0);
    }),
    { numRuns: 300 },
  );
});

test('loss: exactly the bytes never captured are gaps, whatever the order', () => {
  fc.assert(
    fc.property(isn, stream, fc.nat(20), (clientIsn, { length, pieces }, finAt) => {
      const bytes = streamOf(length, 3);
      const kept = pieces.order.filter((_, i) => !pieces.lost[i]);
      const wire = new Wire().handshake(clientIsn, 5000);
      const fin = { seq: clientIsn + 1 + length, ack: 5001, flags: FIN | ACK };
      kept.forEach(({ from, to }, i) => {
        if (i === finAt) wire.send(fin);
        wire.send({ seq: clientIsn + 1 + from, ack: 5001, data: bytes.subarray(from, to) });
      });
      if (finAt >= kept.length) wire.send(fin);
      wire.finish();
      expect(joinGaps(wire.stream(0))).toBe(`${expected(bytes, kept)}$`);
      const { stats } = wire.connections[0]!.sides[0];
      expect(stats.bytes + stats.lostBytes).toBe(length);
    }),
    { numRuns: 300 },
  );
});

test('differing overlaps: of every byte the first copy stands, and differences are counted', () => {
  fc.assert(
    fc.property(
      isn,
      stream,
      fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 20 }),
      (clientIsn, { length, pieces }, salts) => {
        const wire = new Wire({ recentSegmentBytes: 4096 }).handshake(clientIsn, 5000);
        const first = new Uint8Array(length);
        let conflicts = 0;
        pieces.order.forEach(({ from, to }, i) => {
          const bytes = streamOf(length, salts[i % salts.length]!);
          for (let at = from; at < to; at++) {
            if (first[at] === 0) first[at] = bytes[at]!;
            else if (first[at] !== bytes[at] && !(to - from === 1 && isProbe(pieces.order, i))) conflicts++;
          }
          wire.send({ seq: clientIsn + 1 + from, ack: 5001, data: bytes.subarray(from, to) });
        });
        wire.finish();
        expect(wire.stream(0)).toBe(Buffer.from(first).toString('latin1'));
        expect(wire.table.counters.conflictUnchecked).toBe(0);
        expect(wire.connections[0]!.sides[0].stats.conflictBytes).toBe(conflicts);
      },
    ),
    { numRuns: 300 },
  );
});

/** A single byte just before the end of what was sent is taken for a keep-alive probe, whose byte means nothing. */
function isProbe(order: Piece[], index: number): boolean {
  const high = Math.max(...order.slice(0, index).map((piece) => piece.to));
  return order[index]!.to === high;
}

test('two sides at once, packets swapped with their neighbours: both streams whole, and no answer before its request', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 300 })), {
        minLength: 1,
        maxLength: 20,
      }),
      fc.array(fc.boolean(), { minLength: 100, maxLength: 100 }),
      isn,
      isn,
      (exchanges, swaps, clientIsn, serverIsn) => {
        const sent: (() => void)[] = [];
        const wire = new Wire();
        let client = clientIsn + 1;
        let server = serverIsn + 1;
        let time = 0;
        const put = (from: 0 | 1, flags: number, data?: Uint8Array) => {
          const segment = {
            from,
            flags,
            seq: from === 0 ? client : server,
            ack: from === 0 ? server : client,
            at: ++time,
          };
          sent.push(() => wire.send(data === undefined ? segment : { ...segment, data }));
        };
        wire.handshake(clientIsn, serverIsn);
        exchanges.forEach(([request, response], i) => {
          put(0, ACK, streamOf(request, i));
          client += request;
          put(1, ACK);
          put(1, ACK, streamOf(response, i + 64));
          server += response;
          put(0, ACK);
        });
        for (let i = 0; i + 1 < sent.length; i++) {
          if (!swaps[i]) continue;
          [sent[i], sent[i + 1]] = [sent[i + 1]!, sent[i]!];
          i++;
        }
        for (const send of sent) send();
        wire.finish();
        const order = wire.heard.map((item) => ('direction' in item ? item.direction : -1));
        expect(wire.heard.filter((item) => 'gap' in item)).toEqual([]);
        expect(order).toEqual([...exchanges.flatMap(() => [0, 1]), -1]);
      },
    ),
    { numRuns: 200 },
  );
});

test('the capture begins anywhere: from the first packet on nothing is missing and nothing is invented', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 2, maxLength: 30 }),
      fc.array(fc.boolean(), { minLength: 60, maxLength: 60 }),
      isn,
      (lengths, swaps, start) => {
        const total = lengths.reduce((a, b) => a + b, 0);
        const bytes = streamOf(total, 11);
        const sent: Piece[] = [];
        for (const length of lengths) {
          const from = sent.at(-1)?.to ?? 0;
          sent.push({ from, to: from + length });
        }
        for (let i = 0; i + 1 < sent.length; i++) {
          if (!swaps[i]) continue;
          [sent[i], sent[i + 1]] = [sent[i + 1]!, sent[i]!];
          i++;
        }
        const wire = new Wire();
        for (const { from, to } of sent)
          wire.send({ seq: start + from, ack: 77, data: bytes.subarray(from, to) });
        wire.finish();
        expect(wire.stream(0)).toBe(Buffer.from(bytes).toString('latin1'));
        expect(wire.connections[0]).toMatchObject({ handshake: false });
        expect(wire.connections[0]!.sides[0].firstSeq).toBe(start | 0);
      },
    ),
    { numRuns: 200 },
  );
});

test('SYN flags in place: a stream is the same with and without its handshake captured', () => {
  fc.assert(
    fc.property(
      isn,
      isn,
      fc.boolean(),
      fc.boolean(),
      fc.boolean(),
      (clientIsn, serverIsn, syn, synAck, ack) => {
        const wire = new Wire();
        if (syn) wire.send({ flags: SYN, seq: clientIsn });
        if (synAck) wire.send({ from: 1, flags: SYN | ACK, seq: serverIsn, ack: clientIsn + 1 });
        if (ack) wire.send({ seq: clientIsn + 1, ack: serverIsn + 1 });
        wire.send({ seq: clientIsn + 1, ack: serverIsn + 1, data: 'request' });
        wire.send({ from: 1, seq: serverIsn + 1, ack: clientIsn + 8, data: 'answer' });
        wire.finish();
        expect(wire.told).toEqual(['0:request', '1:answer', 'close:finished']);
        expect(wire.connections[0]).toMatchObject({ clientPort: 40000, handshake: syn || synAck });
      },
    ),
  );
});
