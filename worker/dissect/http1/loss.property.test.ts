import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ConversationPacket, packetsOf, type Turn, turn } from '../../../test/dissect/conversation.ts';
import { Drive, type RecordedExchange, type RecordedMessage } from '../../../test/dissect/drive.ts';

const RUNS = 1500;

/** Delivers the packets as TCP does when those at `lost` were not captured: a hole is told before what follows it. */
function deliver(packets: readonly ConversationPacket[], lost: ReadonlySet<number>): Drive {
  const drive = new Drive();
  const missing = [0, 0];
  for (const [i, { direction, data, acked }] of packets.entries()) {
    if (lost.has(i)) {
      missing[direction] += data.length;
      continue;
    }
    // What this packet acknowledges and was not captured will not come: TCP says so first.
    for (const side of [1 - direction, direction] as (0 | 1)[]) {
      if (missing[side] > 0) drive.gap(side, missing[side]);
      missing[side] = 0;
    }
    drive.send(direction, data, acked);
  }
  return drive.close();
}

const numberOf = (message: RecordedMessage | undefined): string | undefined =>
  message?.headers.find(([name]) => name === 'X-Number')?.[1];

/** Pairs whose numbers differ. Messages that lost their number to a hole do not count. */
function wrongPairs(exchanges: readonly RecordedExchange[]): string[] {
  return exchanges.flatMap(({ request, response }) => {
    if (request === undefined || response === undefined) return [];
    const asked = request.target.slice(1);
    const answered = numberOf(response);
    return answered === undefined || asked === answered ? [] : [`${asked} with ${answered}`];
  });
}

const cuts = fc.array(fc.nat(1000), { minLength: 5, maxLength: 40 });
const losses = fc.array(fc.nat(200), { maxLength: 12 });

test('without loss every request has its answer, whatever the segments are', () => {
  const turns = fc.array(turn(fc.integer({ min: 1, max: 4 })), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(turns, cuts, (turns, cuts) => {
      const { exchanges, counters } = deliver(packetsOf(turns, cuts), new Set());
      expect(exchanges.map(({ request }) => request?.target)).toEqual(turns.map((_, i) => `/${i}`));
      expect(exchanges.map(({ response }) => numberOf(response))).toEqual(turns.map((_, i) => `${i}`));
      expect(exchanges.flatMap(({ request, response }) => [request!.flags, response!.flags]).flat()).toEqual(
        turns.filter(({ answer, method }) => answer === 'chunked' && method !== 'HEAD').map(() => 'chunked'),
      );
      expect(counters.skippedBytes).toBe(0);
    }),
    { numRuns: 500 },
  );
});

/**
 * Where the head of a request and the end of the answer before it are both lost, a request line that begins a
 * segment of its body cannot be told from a request.
 */
const withoutQuotedRequests = (turns: Turn[]): Turn[] =>
  turns.map((turn) => ({ ...turn, bait: turn.bait && turn.method !== 'POST' }));

test.each([
  ['packets', losses, withoutQuotedRequests],
  ['one packet', fc.array(fc.nat(400), { minLength: 1, maxLength: 1 }), (turns: Turn[]) => turns],
])('%s lost anywhere: no pair is ever wrong, and exchanges that are whole stay whole', (_, losses, adapt) => {
  const turns = fc.array(turn(fc.constant(1)), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(turns, cuts, losses, (turns, cuts, losses) => {
      const packets = packetsOf(adapt(turns), cuts);
      const lost = new Set(losses.map((loss) => loss % (packets.length * 2)));
      const { exchanges } = deliver(packets, lost);
      expect(wrongPairs(exchanges)).toEqual([]);
      const broken = new Set([...lost].map((i) => packets[i]?.exchange));
      const whole = turns.flatMap((_, i) => (broken.has(i) ? [] : [`/${i}`]));
      const paired = exchanges.flatMap(({ request, response }) =>
        request && response ? request.target : [],
      );
      expect(whole.filter((target) => !paired.includes(target))).toEqual([]);
    }),
    { numRuns: RUNS },
  );
});

test('packets captured only in part: no pair is ever wrong, and requests and answers whose beginnings are there have each other', () => {
  const turns = fc.array(turn(fc.constant(1)), { minLength: 1, maxLength: 12 });
  const snap = fc.integer({ min: 8, max: 90 });
  fc.assert(
    fc.property(turns, cuts, snap, (turns, cuts, snap) => {
      const packets = packetsOf(withoutQuotedRequests(turns), cuts);
      const drive = new Drive();
      /** Of each direction: where in its stream each exchange begins. */
      const starts: number[][] = [[], []];
      const ends = [0, 0];
      for (const { direction, data, acked, exchange } of packets) {
        starts[direction][exchange] ??= ends[direction];
        ends[direction] += data.length;
        drive.cut(direction, data, Math.min(snap, data.length), acked);
      }
      const { exchanges } = drive.close();
      const numberAt = (direction: number, offset: number) =>
        starts[direction].findLastIndex((start) => start <= offset);
      const pairs = exchanges.flatMap(({ request, response }) =>
        request && response ? [[numberAt(0, request.stream[0]), numberAt(1, response.stream[0])]] : [],
      );
      expect(pairs.filter(([asked, answered]) => asked !== answered)).toEqual([]);
      // `HTTP/1.1 200 `, which is more than `POST /1`.
      if (snap >= 13 && turns.every(({ answer }) => answer !== 'interim'))
        expect(pairs).toHaveLength(turns.length);
    }),
    { numRuns: RUNS },
  );
});

/** Without what nobody sends to a client that pipelines, and what then cannot be told apart. */
const plain = (turns: Turn[]): Turn[] =>
  turns.map((turn) => ({ ...turn, bait: false, answer: turn.answer === 'interim' ? 'length' : turn.answer }));

test('packets lost anywhere after a client was seen to pipeline: no pair is ever wrong', () => {
  const turns = fc.array(turn(fc.integer({ min: 1, max: 6 })), { minLength: 2, maxLength: 14 });
  fc.assert(
    fc.property(turns, cuts, losses, (turns, cuts, losses) => {
      const packets = packetsOf(plain(turns), cuts, 2);
      const seen = packets.findIndex(({ direction }) => direction === 1);
      const lost = new Set(losses.map((loss) => seen + (loss % (packets.length * 2))));
      expect(wrongPairs(deliver(packets, lost).exchanges)).toEqual([]);
    }),
    { numRuns: RUNS },
  );
});

test('one answer of several pipelined ones lost: all the others have their requests', () => {
  const turns = fc.array(turn(fc.constant(20)), { minLength: 3, maxLength: 12 });
  fc.assert(
    fc.property(turns, cuts, fc.nat(10), (turns, cuts, victim) => {
      const packets = packetsOf(plain(turns), cuts, turns.length);
      const missing = 1 + (victim % (turns.length - 2));
      const lost = packets.flatMap(({ direction, exchange }, i) =>
        direction === 1 && exchange === missing ? i : [],
      );
      const { exchanges } = deliver(packets, new Set(lost));
      expect(wrongPairs(exchanges)).toEqual([]);
      const paired = exchanges.flatMap(({ request, response }) =>
        request && response ? request.target : [],
      );
      expect(paired.sort()).toEqual(turns.flatMap((_, i) => (i === missing ? [] : `/${i}`)).sort());
    }),
    { numRuns: 300 },
  );
});
