import { expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { PACKETS_HEADER, PACKETS_KIND, PacketsLeft, type PacketsMessage } from '../../flow/wire.ts';
import { PacketRequests } from './packet-requests.ts';

/** The worker's end: answers each question with an empty frame. */
function open(left: number, options: { raw?: boolean; session?: string } = {}) {
  const requests = new PacketRequests();
  const asked: PacketsMessage[] = [];
  const socket = {
    readyState: 1,
    OPEN: 1,
    send(text: string) {
      const message = JSON.parse(text) as PacketsMessage;
      asked.push(message);
      if (message.ask === undefined) return;
      const frame = Buffer.alloc(PACKETS_HEADER);
      frame.set([PACKETS_KIND, left]);
      frame.writeUInt32LE(message.request, 4);
      requests.heard(frame);
    },
  };
  return { reader: requests.open(socket as unknown as WebSocket, options), asked };
}

test('a worker says whether there is more, and that it has given a request up', async () => {
  expect(await open(PacketsLeft.more).reader.next(1)).toMatchObject({ hasMore: true, packets: [] });
  expect(await open(PacketsLeft.none).reader.next(1)).toMatchObject({ hasMore: false });
  expect(await open(PacketsLeft.givenUp).reader.next(1)).toBe('given-up');
  expect(await open(PacketsLeft.givenUp).reader.estimate()).toBe('given-up');
});

test('a hub that was started anew does not ask on for what the one before had asked', async () => {
  const [before, after] = [open(PacketsLeft.none), open(PacketsLeft.none)];
  for (const { reader } of [before, after]) await reader.estimate();
  expect(before.asked[0]!.request).not.toBe(after.asked[0]!.request);
});

test('that packets are wanted raw is in every message, and a worker may refuse', async () => {
  const { reader, asked } = open(PacketsLeft.refused, { raw: true });
  reader.want([1, 0, 1]);
  expect([await reader.estimate(), await reader.next(1)]).toEqual(['refused', 'refused']);
  reader.end();
  expect(asked.map(({ raw }) => raw)).toEqual([true, true, true, true]);
  const masked = open(PacketsLeft.none);
  await masked.reader.estimate();
  expect(masked.asked[0]).not.toHaveProperty('raw');
});

test('whose connections are meant is in every message, where it is not the worker itself', async () => {
  const { reader, asked } = open(PacketsLeft.none, { session: 'session-before' });
  reader.want([1, 0, 1]);
  await reader.estimate();
  reader.end();
  expect(asked.map(({ session }) => session)).toEqual(Array.from({ length: 3 }, () => 'session-before'));
  const own = open(PacketsLeft.none);
  await own.reader.estimate();
  expect(own.asked[0]).not.toHaveProperty('session');
});

test('what has ended waits for no answer, and what others ask goes on', async () => {
  const requests = new PacketRequests();
  const asked: PacketsMessage[] = [];
  const socket = {
    ...{ readyState: 1, OPEN: 1 },
    send: (text: string) => void asked.push(JSON.parse(text) as PacketsMessage),
  } as unknown as WebSocket;
  const [one, other] = [requests.open(socket), requests.open(socket)];
  const answers = [one.estimate(), one.next(1)];
  const others = other.estimate();
  await expect.poll(() => asked.length).toBe(1);
  one.end();
  one.end();
  expect(await Promise.all(answers)).toEqual(['away', 'away']);
  await expect.poll(() => asked.length).toBe(3);
  const [question, end, next] = asked;
  expect(end).toEqual({ type: 'packets', request: question!.request, ask: 'end' });
  expect(next).toMatchObject({ ask: 'estimate' });
  const frame = Buffer.alloc(PACKETS_HEADER);
  frame.set([PACKETS_KIND, PacketsLeft.none]);
  frame.writeUInt32LE(question!.request, 4);
  expect(requests.heard(frame)).toBe(false);
  frame.writeUInt32LE(next!.request, 4);
  expect(requests.heard(frame)).toBe(true);
  expect(await others).toMatchObject({ hasMore: false });
});
