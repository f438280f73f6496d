/**
 * The web server of the live bench, started by `fork`: answers each request with one of a few JSON bodies. It says
 * `{ port }` when it listens, and `{ served }` when it is asked for it.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ShopMessages } from '../traffic/shop-messages.ts';

const BODIES = 256;

const messages = new ShopMessages(3);
const bodies = Array.from({ length: BODIES }, (_, n) => messages.body(300 + (n * 1200) / BODIES));
let served = 0;

const server = createServer((_request, response) => {
  const body = bodies[served++ % BODIES];
  response.writeHead(200, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': body.length,
  });
  response.end(body);
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on('message', () => process.send?.({ served }));
