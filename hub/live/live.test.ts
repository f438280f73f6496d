/** Over real sockets: what subscribers get, and what slow ones cost. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { LiveFrame, LiveRequest, ServiceMap } from '../../flow/api.ts';
import { errorAnswer } from '../api/error-answer.ts';
import { connection, exchange } from '../api/testing/arrival.ts';
import { LIVE_LIMITS } from './limits.ts';
import { Live } from './live.ts';

/** A subscriber that keeps what it gets. */
class Client {
  readonly socket: WebSocket;
  readonly frames: LiveFrame[] = [];

  constructor(port: number) {
    this.socket = new WebSocket(`ws://127.0.0.1:${port}`);
    this.socket.on('message', (data) => this.frames.push(JSON.parse(data.toString())));
    this.socket.on('error', () => {});
  }

  async send(...requests: (LiveRequest | object | string)[]): Promise<void> {
    if (this.socket.readyState !== WebSocket.OPEN) await once(this.socket, 'open');
    for (const request of requests) {
      this.socket.send(typeof request === 'string' ? request : JSON.stringify(request));
    }
    // The hub answers a ping after what came before it.
    this.socket.ping();
    await once(this.socket, 'pong');
  }

  async frame(n = 0): Promise<LiveFrame> {
    await expect.poll(() => this.frames.length, { timeout: 4000, interval: 5 }).toBeGreaterThan(n);
    return this.frames[n];
  }
}

let live: Live;
let port: number;
let maps: number[];
let failMap: boolean;
let clients: Client[];
const server = { close: async () => {} };

beforeEach(async () => {
  maps = [];
  failMap = false;
  clients = [];
  live = new Live({
    map: async (window): Promise<ServiceMap> => {
      maps.push(window);
      if (failMap) throw new Error('no map');
      return { from: 'a', to: 'b', level: 'workload', seconds: 1, nodes: [], edges: [] };
    },
    errorFrame: (error) => ({ type: 'error', error: errorAnswer(error).body }),
  });
  const http = createServer();
  const sockets = new WebSocketServer({ server: http, maxPayload: LIVE_LIMITS.liveMessageBytes });
  sockets.on('connection', (socket) => live.accept(socket));
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  port = (http.address() as AddressInfo).port;
  server.close = async () => {
    for (const socket of sockets.clients) socket.terminate();
    http.close();
    await once(http, 'close');
  };
});
afterEach(async () => {
  for (const { socket } of clients) socket.terminate();
  live.close();
  await server.close();
});

function client(): Client {
  const made = new Client(port);
  clients.push(made);
  return made;
}

const FLOWS = { type: 'subscribe', stream: 'flows' } as const;
const NEXT = { type: 'next' } as const;
const publish = (...numbers: number[]) => live.publish(numbers.map((n) => exchange({ n })));
function pathsOf(frame: LiveFrame): string[] {
  if (frame.type !== 'flows') throw new Error(JSON.stringify(frame));
  return frame.rows.map(({ path }) => path);
}
const collectGarbage: () => void = (() => {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc');
})();

function memoryInUse(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('flows', () => {
  test('one frame, then none until it is asked for', async () => {
    const page = client();
    await page.send(FLOWS);
    publish(1, 2);
    expect(pathsOf(await page.frame(0))).toEqual(['/1', '/2']);
    publish(3);
    await pause(LIVE_LIMITS.liveFrameMs * 3);
    expect(page.frames).toHaveLength(1);
    await page.send(NEXT);
    expect(pathsOf(await page.frame(1))).toEqual(['/3']);
  });

  test('`next` said many times is credit for one frame', async () => {
    const page = client();
    await page.send(FLOWS, NEXT, NEXT, NEXT);
    publish(1);
    await page.frame(0);
    publish(2);
    await pause(LIVE_LIMITS.liveFrameMs * 3);
    expect(page.frames).toHaveLength(1);
  });

  test('frames come at most at their pace however fast it is asked', async () => {
    const page = client();
    await page.send(FLOWS);
    page.socket.on('message', () => page.socket.send(JSON.stringify(NEXT)));
    const begin = performance.now();
    for (let n = 0; n < 60; n++) {
      publish(n);
      await pause(10);
    }
    expect(page.frames.length).toBeGreaterThan(2);
    const most = (performance.now() - begin) / LIVE_LIMITS.liveFrameMs + 2;
    expect(page.frames.length).toBeLessThanOrEqual(most);
  });

  test('filtered, whole, and without the ends of connections', async () => {
    const script = client();
    await script.send({ ...FLOWS, filter: 'path == "/2"', full: true });
    live.publish([connection(1), exchange({ n: 1 }), exchange({ n: 2 })]);
    const frame = await script.frame();
    expect(frame).toMatchObject({ type: 'full', skipped: 0, flows: [{ request: { path: '/2' } }] });
  });

  test('a new subscription takes the place of the old one', async () => {
    const page = client();
    await page.send({ ...FLOWS, filter: 'path == "/1"' }, { ...FLOWS, filter: 'path == "/2"' });
    publish(1, 2);
    expect(pathsOf(await page.frame())).toEqual(['/2']);
  });

  test('who has not subscribed gets nothing', async () => {
    const page = client();
    await page.send(NEXT);
    publish(1);
    await pause(LIVE_LIMITS.liveFrameMs * 2);
    expect(page.frames).toEqual([]);
  });
});

describe('a client that stops reading', () => {
  test('gets the newest and the count of the rest when it reads again, and cost no more than the bound', async () => {
    const slow = client();
    await slow.send(FLOWS);
    publish(0);
    await slow.frame(0);
    slow.socket.pause();
    slow.socket.send(JSON.stringify(NEXT));

    const total = 60_000;
    const before = memoryInUse();
    for (let n = 1; n <= total; n += 500) {
      publish(...Array.from({ length: 500 }, (_, i) => n + i));
      if (n % 5000 === 1) await pause(LIVE_LIMITS.liveFrameMs);
    }
    // All 60,000 would be more than 40 MB; the newest 2,000 are 2 MB.
    expect(memoryInUse() - before).toBeLessThan(10e6);
    expect(live.counters['liveRowsSent']).toBeLessThanOrEqual(1 + LIVE_LIMITS.liveFrameRows);

    slow.socket.on('message', () => slow.socket.send(JSON.stringify(NEXT)));
    slow.socket.resume();
    await expect.poll(() => slow.frames.flatMap(pathsOf).at(-1), { timeout: 5000 }).toBe(`/${total}`);
    let received = 0;
    let skipped = 0;
    for (const frame of slow.frames) {
      if (frame.type !== 'flows') throw new Error(frame.type);
      received += frame.rows.length;
      skipped += frame.skipped;
    }
    expect(received + skipped).toBe(total + 1);
    expect(received).toBeLessThanOrEqual(1 + LIVE_LIMITS.liveFrameRows + LIVE_LIMITS.liveFeedFlows);
    expect(skipped).toBe(live.counters['liveRowsSkipped']);
  });

  test('does not slow the others', async () => {
    const slow = client();
    const quick = client();
    await slow.send(FLOWS);
    await quick.send(FLOWS);
    slow.socket.pause();
    quick.socket.on('message', () => quick.socket.send(JSON.stringify(NEXT)));
    for (let n = 0; n < 50; n++) {
      publish(n);
      await pause(10);
    }
    await expect.poll(() => quick.frames.flatMap(pathsOf).length).toBe(50);
  });
});

test('filters do not hold up the flood: what they had no time for counts as skipped', async () => {
  const page = client();
  await page.send({ ...FLOWS, filter: 'response.body.contains("nowhere") || path == "/none"' });
  const flood = Array.from({ length: 20_000 }, (_, n) => exchange({ n, body: 'x'.repeat(500) }));
  // The best of some tries: what else the machine does is no cost of the filter.
  const tries = Array.from({ length: 3 }, () => {
    const begin = performance.now();
    live.publish(flood);
    return performance.now() - begin;
  });
  expect(Math.min(...tries)).toBeLessThan(LIVE_LIMITS.liveFilterMs * 10);
  const unexamined = live.counters['liveUnexamined'];
  expect(unexamined).toBeGreaterThan(0);
  expect(await page.frame()).toEqual({ type: 'flows', rows: [], skipped: unexamined });
});

describe('the map', () => {
  const MAP = { type: 'subscribe', stream: 'map', window: 60 } as const;

  test('comes at once, then once a second while asked for', async () => {
    const page = client();
    const begin = performance.now();
    await page.send(MAP);
    expect(await page.frame(0)).toMatchObject({ type: 'map', map: { from: 'a', level: 'workload' } });
    await page.send(NEXT);
    await page.frame(1);
    expect(performance.now() - begin).toBeGreaterThan(LIVE_LIMITS.liveMapMs * 0.7);
  });

  test('is made once for all who look at the same stretch of time', async () => {
    const pages = [client(), client(), client()];
    await Promise.all(pages.map((page) => page.send(MAP)));
    await Promise.all(pages.map((page) => page.frame()));
    expect(maps).toEqual([60]);
  });

  test('that cannot be made is an error to who asked, who may ask again', async () => {
    failMap = true;
    const page = client();
    await page.send(MAP);
    expect(await page.frame(0)).toMatchObject({ type: 'error', error: { code: 'INTERNAL' } });
    failMap = false;
    await page.send(NEXT);
    expect(await page.frame(1)).toMatchObject({ type: 'map' });
  });
});

describe('what is not of the protocol', () => {
  test.each(['', '{', 'null', '{"type":"subscribe","stream":"x"}'])(
    '%j is answered with an error',
    async (text) => {
      const page = client();
      await page.send(text);
      expect(await page.frame()).toMatchObject({ type: 'error', error: { code: 'LIVE_MESSAGE_INVALID' } });
      await page.send(FLOWS);
      publish(1);
      expect(pathsOf(await page.frame(1))).toEqual(['/1']);
    },
  );

  test('a wrong filter is told with its place', async () => {
    const page = client();
    await page.send({ ...FLOWS, filter: 'method = "GET"' });
    const frame = await page.frame();
    expect(frame).toMatchObject({ type: 'error', error: { position: { start: expect.any(Number) } } });
  });

  test('a binary message too', async () => {
    const page = client();
    await once(page.socket, 'open');
    page.socket.send(Buffer.from(JSON.stringify(FLOWS)));
    expect(await page.frame()).toMatchObject({ type: 'error' });
  });

  test('a message too large ends the connection and nothing else', async () => {
    const other = client();
    await other.send(FLOWS);
    const page = client();
    await once(page.socket, 'open');
    page.socket.send('x'.repeat(LIVE_LIMITS.liveMessageBytes + 1));
    const [code] = await once(page.socket, 'close');
    expect(code).toBe(1009);
    await expect.poll(() => live.subscribers).toBe(1);
    publish(1);
    expect(pathsOf(await other.frame())).toEqual(['/1']);
  });
});

test('there is room for so many and no more', async () => {
  for (let n = 0; n < LIVE_LIMITS.liveSubscribers; n++) live.checkRoom();
  const many = Array.from({ length: LIVE_LIMITS.liveSubscribers }, () => client());
  await Promise.all(many.map(({ socket }) => once(socket, 'open')));
  await expect.poll(() => live.subscribers).toBe(LIVE_LIMITS.liveSubscribers);
  expect(() => live.checkRoom()).toThrow(expect.objectContaining({ code: 'LIVE_BUSY' }));
  many[0].socket.close();
  await expect.poll(() => live.subscribers).toBe(LIVE_LIMITS.liveSubscribers - 1);
  live.checkRoom();
});

test('closing says goodbye, and nobody comes in after it', async () => {
  const page = client();
  await page.send(FLOWS);
  live.close();
  const [code] = await once(page.socket, 'close');
  expect(code).toBe(1001);
  expect(() => live.checkRoom()).toThrow(expect.objectContaining({ code: 'HUB_CLOSING' }));
});
