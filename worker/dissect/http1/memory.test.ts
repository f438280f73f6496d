/** What happens to HTTP when the memory that all messages may take together runs short. */
import { expect, test } from 'vitest';
import { Drive } from '../../../test/dissect/drive.ts';

test('requests do not wait any longer for their answers, and the pairs after them do not shift', () => {
  const drive = new Drive({ limits: { maxBuffered: 16_384 } });
  for (let i = 0; i < 12; i++) drive.client(`GET /${i} HTTP/1.1\r\n\r\n`);
  const shown = drive.exchanges.length;
  expect(shown).toBeGreaterThan(0);
  for (let i = 0; i < 12; i++) drive.server(`HTTP/1.1 200 ${i}\r\nContent-Length: 0\r\n\r\n`);
  drive.close();
  const pairs = drive.exchanges.filter((exchange) => exchange.request && exchange.response);
  for (const { request, response } of pairs) expect(`/${response!.reason}`).toBe(request!.target);
  expect(pairs).toHaveLength(12 - shown);
  expect(drive.exchanges).toHaveLength(12 + shown);
  expect(drive.counters.outstandingLimitHits).toBe(shown);
});

test('when there is none at all, messages are passed over, and read again later', () => {
  const drive = new Drive({ limits: { maxBuffered: 2000 } });
  const answer = (status: number) => `HTTP/1.1 ${status} OK\r\nContent-Length: 0\r\n\r\n`;
  drive.client('POST /1 HTTP/1.1\r\nContent-Length: 5\r\n\r\n').server(answer(200)).server(answer(200));
  expect(drive.counters.bufferLimitHits).toBeGreaterThan(0);
  drive.client('hello').client('GET /2 HTTP/1.1\r\n\r\n').close();
  expect(drive.exchanges.map(({ request }) => request?.target)).toEqual(['/1', '/2']);
});

test('heads of many short lines count with what their lines take', () => {
  const drive = new Drive({ limits: { maxBuffered: 100_000 } });
  drive.client(`GET / HTTP/1.1\r\n${'a:\n'.repeat(10_000)}`);
  expect(drive.counters.bufferLimitHits).toBe(1);
  drive.close();
  expect(drive.exchanges[0]!.request!.flags).toContain('headTruncated');
});
