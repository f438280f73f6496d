import { expect, test } from 'vitest';
import { NextRequests } from './next-requests.ts';

/** IPv4 or IPv6 and TCP, and a payload. */
function packet(payload = '', { version = 4, options = 0 } = {}): Uint8Array {
  const tcp = version === 4 ? 20 : 40;
  const head = Buffer.alloc(tcp + 20 + options);
  head[0] = version << 4;
  head[tcp + 12] = (5 + options / 4) << 4;
  return Buffer.concat([head, Buffer.from(payload)]);
}
const GET = packet('GET /next HTTP/1.1\r\n');
const ANSWER = packet('HTTP/1.1 200 OK\r\n');

/** One exchange is wanted, from 1000 to 2000. */
function wanted(): (time: number, packet: Uint8Array, connection?: string) => boolean {
  const next = new NextRequests();
  next.want('a-1', 1000, 2000);
  return (time, packet, connection = 'a-1') => next.isBeyond(connection, time, packet);
}

test('with the next request on a connection ends what is wanted of it, and begins again where the next is wanted', () => {
  const isBeyond = wanted();
  const seen = [
    isBeyond(1000.5, GET),
    isBeyond(2000, ANSWER),
    isBeyond(2010, packet()),
    isBeyond(2020, GET),
    isBeyond(2030, packet()),
    isBeyond(2040, ANSWER),
    isBeyond(2040, packet(), 'a-2'),
  ];
  expect(seen).toEqual([false, false, false, true, true, true, false]);
  const next = new NextRequests();
  next.want('a-1', 1000, 2000);
  next.want('a-1', 3000, 4000);
  expect([1000, 2500, 3000, 3500].map((time) => next.isBeyond('a-1', time, GET))).toEqual([
    false,
    true,
    false,
    false,
  ]);
});

test('a request that is sent before the answer to the wanted one has ended does not end it', () => {
  const isBeyond = wanted();
  expect([isBeyond(1000, GET), isBeyond(1500, GET), isBeyond(1999, ANSWER)]).toEqual([false, false, false]);
});

test.each([
  ['IPv6', packet('GET / ', { version: 6 }), true],
  ['TCP with options', packet('DELETE / ', { options: 12 }), true],
  ['the rest of a body', packet('get / HTTP'), false],
  ['a word and no more', packet('GET'), false],
  ['very long letters', packet(`${'A'.repeat(50)} `), false],
  ['a packet that is cut off', packet().subarray(0, 24), false],
])('what begins a request: %s', (_, bytes, begins) => {
  const isBeyond = wanted();
  isBeyond(1000, GET);
  expect(isBeyond(2500, bytes)).toBe(begins);
});
