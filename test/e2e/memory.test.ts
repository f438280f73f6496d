/** The memory of a worker's pipeline has a bound, whatever the traffic. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { beforeEach, expect, test } from 'vitest';
import { SYN } from '../../worker/packet/packet.ts';
import { MemoryTraffic } from './memory-traffic.ts';

const MIB = 1 << 20;
const MAX_GROWTH = 256 * MIB;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

let traffic: MemoryTraffic;
let before: number;

beforeEach(() => {
  collectGarbage();
  before = process.memoryUsage.rss();
  traffic = new MemoryTraffic();
});

/** Ends the traffic; the memory it took at any time must be within the bound. */
function finish(): Record<string, number> {
  const counters = traffic.finish();
  const growth = traffic.peak - before;
  expect(growth).toBeLessThan(MAX_GROWTH);
  return counters;
}

test('100,000 idle keep-alive connections with an exchange each', () => {
  for (let n = 0; n < 100_000; n++) {
    const talk = traffic.open(traffic.talk(n));
    traffic.send(talk, 0, 'GET /a HTTP/1.1\r\nHost: shop\r\n\r\n');
    traffic.send(talk, 1, 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello');
  }
  expect(traffic.pipeline.counters()).toMatchObject({ open: 100_000, exchanges: 100_000 });
  finish();
});

test('a flood of a million SYNs', () => {
  for (let n = 0; n < 1_000_000; n++) traffic.packet(traffic.talk(n), 0, SYN);
  expect(finish()).toMatchObject({ connections: 0, unanswered: 1_000_000 });
});

test('a connection that never fills its hole', () => {
  const talk = traffic.open(traffic.talk(1));
  traffic.send(talk, 0, 'POST / HTTP/1.1\r\nContent-Length: 999999999\r\n\r\n');
  talk.ends[0].seq += 100;
  const part = Buffer.alloc(1460, 'x');
  // Nobody acknowledges, no time goes by: only the limits of memory end the waiting.
  traffic.step = 0;
  for (let n = 0; n < 200_000; n++) traffic.send(talk, 0, part);
  const counters = finish();
  expect(counters['holesByBytes']).toBeGreaterThan(0);
});

test('5,000 connections that never fill their holes', () => {
  const part = Buffer.alloc(1460, 'x');
  traffic.step = 1;
  for (let n = 0; n < 5000; n++) {
    const talk = traffic.open(traffic.talk(n));
    traffic.send(talk, 0, 'POST / HTTP/1.1\r\nContent-Length: 999999999\r\n\r\n');
    talk.ends[0].seq += 100;
    for (let i = 0; i < 40; i++) traffic.send(talk, 0, part);
  }
  expect(finish()['holesByTotal']).toBeGreaterThan(0);
});

test('answers that are bombs: 10 MB of zeros in each', () => {
  const bomb = gzipSync(Buffer.alloc(10_000_000));
  const head = `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n\r\n`;
  const talk = traffic.open(traffic.talk(1));
  for (let n = 0; n < 1000; n++) {
    traffic.send(talk, 0, 'GET /bomb HTTP/1.1\r\n\r\n');
    traffic.send(talk, 1, head);
    traffic.send(talk, 1, bomb);
  }
  expect(finish()).toMatchObject({ exchanges: 1000, unansweredRequests: 0 });
});

test('a body of 1 GB', () => {
  const part = Buffer.alloc(50_000, '{"password":"x"},');
  const size = 20_000 * part.length;
  const talk = traffic.open(traffic.talk(1));
  traffic.send(talk, 0, 'GET /large HTTP/1.1\r\n\r\n');
  traffic.send(talk, 1, `HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
  for (let sent = 0; sent < size; sent += part.length) traffic.send(talk, 1, part);
  traffic.close(talk);
  expect(finish()).toMatchObject({ exchanges: 1, unansweredRequests: 0, truncatedBodies: 1 });
});

test('50,000 requests pipelined and never answered', () => {
  const talk = traffic.open(traffic.talk(1));
  for (let n = 0; n < 50_000; n++) traffic.send(talk, 0, `GET /${n} HTTP/1.1\r\nHost: shop\r\n\r\n`);
  const counters = finish();
  expect(counters).toMatchObject({ exchanges: 50_000, unansweredRequests: 50_000 });
  expect(counters['outstandingLimitHits']).toBeGreaterThan(49_000);
});

test('20,000 connections with 100 requests each that are never answered', () => {
  const requests = 'GET / HTTP/1.1\r\nHost: shop\r\n\r\n'.repeat(100);
  for (let n = 0; n < 20_000; n++) traffic.send(traffic.open(traffic.talk(n)), 0, requests);
  expect(finish()).toMatchObject({ exchanges: 2_000_000, unansweredRequests: 2_000_000 });
});

test('2,000 connections with heads of many short lines that never end', () => {
  const lines = `GET / HTTP/1.1\r\n${'a:\n'.repeat(20_000)}`;
  for (let n = 0; n < 2000; n++) traffic.send(traffic.open(traffic.talk(n)), 0, lines);
  finish();
});

test('a header that never ends', () => {
  const talk = traffic.open(traffic.talk(1));
  traffic.send(talk, 0, 'GET / HTTP/1.1\r\nX-Endless: ');
  const part = Buffer.alloc(50_000, 'x');
  for (let n = 0; n < 5000; n++) traffic.send(talk, 0, part);
  expect(finish()).toMatchObject({ truncatedHeads: 1 });
});

test('header lines without end', () => {
  const talk = traffic.open(traffic.talk(1));
  traffic.send(talk, 0, 'GET / HTTP/1.1\r\n');
  const part = Buffer.from('X-Line: x\r\n'.repeat(4000), 'latin1');
  for (let n = 0; n < 5000; n++) traffic.send(talk, 0, part);
  expect(finish()).toMatchObject({ truncatedHeads: 1 });
});

test('a chunk extension that never ends', () => {
  const talk = traffic.open(traffic.talk(1));
  traffic.send(talk, 0, 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5;ext=');
  const part = Buffer.alloc(50_000, 'x');
  for (let n = 0; n < 5000; n++) traffic.send(talk, 0, part);
  expect(finish()).toMatchObject({ exchanges: 1 });
});

test('interim answers without end', () => {
  const talk = traffic.open(traffic.talk(1));
  traffic.send(talk, 0, 'GET / HTTP/1.1\r\n\r\n');
  const part = Buffer.from('HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(1000), 'latin1');
  for (let n = 0; n < 1000; n++) traffic.send(talk, 1, part);
  expect(finish()).toMatchObject({ exchanges: 1 });
});

test('300,000 connections of one exchange each', () => {
  for (let n = 0; n < 300_000; n++) {
    const talk = traffic.open(traffic.talk(n));
    traffic.send(talk, 0, 'GET /a HTTP/1.1\r\nHost: shop\r\n\r\n');
    traffic.send(talk, 1, 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello');
    traffic.close(talk);
  }
  expect(finish()).toMatchObject({ exchanges: 300_000 });
});
