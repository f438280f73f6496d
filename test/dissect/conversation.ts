import fc from 'fast-check';
import type { Direction } from '../../worker/tcp/stream.ts';

/**
 * Random conversations over one connection, as packets in the order of their times, each with what its sender
 * had acknowledged. Requests and answers carry the same number, so a wrong pair shows. Bodies speak of HTTP.
 */

export interface ConversationPacket {
  direction: Direction;
  data: Buffer;
  /** Bytes of the other direction acknowledged. */
  acked: number;
  /** The number of the exchange it belongs to. */
  exchange: number;
}

export interface Turn {
  method: 'GET' | 'HEAD' | 'POST';
  requestBody: number;
  answer: 'length' | 'chunked' | 'empty' | 'interim' | 'notModified';
  answerBody: number;
  bait: boolean;
  /** Requests under way at most, before this one is sent. 1: the client does not pipeline. */
  window: number;
}

export const turn = (window: fc.Arbitrary<number>): fc.Arbitrary<Turn> =>
  fc.record({
    method: fc.constantFrom('GET', 'GET', 'GET', 'HEAD', 'POST'),
    requestBody: fc.integer({ min: 0, max: 90 }),
    answer: fc.constantFrom('length', 'length', 'chunked', 'empty', 'interim', 'notModified'),
    answerBody: fc.integer({ min: 0, max: 200 }),
    bait: fc.boolean(),
    window,
  });

/** Text that looks like messages, at the beginning and inside. */
const BAIT = Buffer.from(
  'HTTP/1.1 200 OK\r\nX-Number: 999\r\nContent-Length: 0\r\n\r\n' +
    'GET /999 HTTP/1.1\r\nX-Number: 999\r\n\r\nHTTP/1.1 404 Not Found\r\nX-Number: 998\r\nContent-Length: 2\r\n\r\nno',
);

function body(length: number, bait: boolean): Buffer {
  const bytes = Buffer.alloc(length, '{"value": 12}\r\n');
  if (bait) BAIT.copy(bytes);
  return bytes;
}

function requestBytes({ method, requestBody, bait }: Turn, number: number): Buffer {
  const content = body(method === 'POST' ? requestBody : 0, bait);
  const length = method === 'POST' ? `Content-Length: ${content.length}\r\n` : '';
  const head = `${method} /${number} HTTP/1.1\r\nHost: a\r\nX-Number: ${number}\r\n${length}\r\n`;
  return Buffer.concat([Buffer.from(head), content]);
}

function answerBytes(turn: Turn, number: number): Buffer {
  const fields = `X-Number: ${number}\r\n`;
  if (turn.answer === 'empty') return Buffer.from(`HTTP/1.1 204 No Content\r\n${fields}\r\n`);
  if (turn.answer === 'notModified')
    return Buffer.from(`HTTP/1.1 304 Not Modified\r\n${fields}Content-Length: 9\r\n\r\n`);
  const content = body(turn.answerBody, turn.bait);
  const none = Buffer.alloc(0);
  if (turn.answer === 'chunked') {
    const chunk =
      content.length === 0 ? none : Buffer.concat([hex(content.length), content, Buffer.from('\r\n')]);
    const head = Buffer.from(`HTTP/1.1 200 OK\r\n${fields}Transfer-Encoding: chunked\r\n\r\n`);
    return Buffer.concat(turn.method === 'HEAD' ? [head] : [head, chunk, Buffer.from('0\r\n\r\n')]);
  }
  const interim = turn.answer === 'interim' ? 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n' : '';
  const head = Buffer.from(`${interim}HTTP/1.1 200 OK\r\n${fields}Content-Length: ${content.length}\r\n\r\n`);
  return Buffer.concat([head, turn.method === 'HEAD' ? none : content]);
}

const hex = (size: number): Buffer => Buffer.from(`${size.toString(16)}\r\n`);

/**
 * The packets of the conversation. `cuts` decides, in turn, how long segments are and who speaks next; the first
 * `together` requests are sent before the first answer.
 */
export function packetsOf(
  turns: readonly Turn[],
  cuts: readonly number[],
  together = 1,
): ConversationPacket[] {
  const packets: ConversationPacket[] = [];
  const sent = [0, 0];
  let next = 0;
  const draw = (range: number): number => cuts[next++ % cuts.length] % range;
  const send = (direction: Direction, data: Buffer, exchange: number) => {
    for (let at = 0; at < data.length; ) {
      const part = data.subarray(at, at + 20 + draw(100));
      packets.push({ direction, data: part, acked: sent[1 - direction], exchange });
      sent[direction] += part.length;
      at += part.length;
    }
  };
  let asked = 0;
  let answered = 0;
  while (asked < Math.min(together, turns.length)) send(0, requestBytes(turns[asked], asked), asked++);
  while (answered < turns.length) {
    const mayAsk = asked < turns.length && asked - answered < turns[asked].window;
    if (mayAsk && (asked === answered || draw(2) === 0)) {
      send(0, requestBytes(turns[asked], asked), asked);
      asked++;
    } else {
      send(1, answerBytes(turns[answered], answered), answered);
      answered++;
    }
  }
  return packets;
}
