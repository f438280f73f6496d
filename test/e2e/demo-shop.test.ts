/** The demo shop answers as real services do, and lives no longer than its parent. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Answered, Caller, type CallOptions } from '../../cli/demo/service.ts';
import { openShop, type ServiceName, type Shop } from '../../cli/demo/shop.ts';

let shop: Shop;
const customer = new Caller('127.0.77.200');
beforeAll(async () => {
  shop = await openShop(7, 0);
});
afterAll(async () => {
  customer.close();
  await shop.close();
});

const ask = (service: ServiceName, path: string, options?: CallOptions): Promise<Answered> =>
  customer.call(shop.places[service], path, options);
const json = ({ body }: Answered) => JSON.parse(body.toString());
const post = (body: string, type = 'application/json'): CallOptions => ({
  method: 'POST',
  headers: { 'content-type': type },
  body,
});

test('every service has an address of its own', () => {
  const places = Object.values(shop.places);
  expect(new Set(places.map(({ address }) => address)).size).toBe(places.length);
});

test('products come plain, in gzip and in brotli, all the same', async () => {
  const plain = await ask('front', '/products?page=1');
  const packed = async (coding: string) =>
    await ask('front', '/products?page=1', { headers: { 'accept-encoding': coding } });
  const [gzip, brotli] = [await packed('gzip'), await packed('gzip, br')];
  expect(plain.body.length).toBeGreaterThan(20_000);
  expect([gzip.headers['content-encoding'], brotli.headers['content-encoding']]).toEqual(['gzip', 'br']);
  expect(gunzipSync(gzip.body)).toEqual(plain.body);
  expect(brotliDecompressSync(brotli.body)).toEqual(plain.body);
});

test('there are errors of both kinds, redirects and validators', async () => {
  expect((await ask('front', '/products/99999')).status).toBe(404);
  expect((await ask('front', '/products?page=99')).status).toBe(400);
  expect(
    (await ask('front', '/login', post('password=wrong', 'application/x-www-form-urlencoded'))).status,
  ).toBe(401);
  expect((await ask('front', '/profile', post('--x--', 'multipart/form-data; boundary=x'))).status).toBe(303);
  const { headers } = await ask('front', '/products/3');
  expect((await ask('front', '/products/3', { headers: { 'if-none-match': headers.etag! } })).status).toBe(
    304,
  );
  // Broken JSON reaches the cart, which cannot answer: the shop lives on.
  expect((await ask('front', '/carts/c1/items', post('{'))).status).toBe(502);
});

test('a search is sent in chunks, an export is large, an image is a PNG', async () => {
  const search = await ask('catalogue', '/search?q=tidal');
  expect(search.headers['transfer-encoding']).toBe('chunked');
  expect(search.body.toString().trim().split('\n').length).toBeGreaterThan(1);
  expect((await ask('front', '/export.csv')).body.length).toBeGreaterThan(100_000);
  expect((await ask('front', '/images/4.png')).body.subarray(1, 4).toString()).toBe('PNG');
});

test('a purchase goes through all services, and the receipt is XML', async () => {
  const password = 'username=marina&password=demo-password';
  const { token } = json(await ask('front', '/login', post(password, 'application/x-www-form-urlencoded')));
  expect((await ask('front', '/carts/c9/items', post('{"product":3,"quantity":2}'))).status).toBe(201);
  const order = (cvv: string) => {
    const purchase = {
      cart: 'c9',
      customer: { firstname: 'A', lastname: 'B' },
      card: { cardNumber: '4111111111111111', cvv },
    };
    const options = post(JSON.stringify(purchase));
    return ask('front', '/orders', {
      ...options,
      headers: { ...options.headers, authorization: `Bearer ${token}` },
    });
  };
  expect((await ask('front', '/orders', post('{}'))).status).toBe(403);
  // Payments fail at times: as in any shop, one tries again.
  const answers = [];
  for (let tries = 0; tries < 10 && answers.at(-1)?.status !== 201; tries++) answers.push(await order('123'));
  const last = answers.at(-1)!;
  expect(last.status).toBe(201);
  const receipt = await ask('front', String(last.headers.location));
  expect(receipt.headers['content-type']).toBe('application/xml');
  expect(receipt.body.toString()).toContain('<cardNumber>4111111111111111</cardNumber>');
});

test('where another program has the port, the shop takes the next', async () => {
  const second = await openShop(8, 0);
  expect(second.places.front.port).not.toBe(shop.places.front.port);
  expect((await customer.call(second.places.front, '/')).status).toBe(200);
  await second.close();
});

test('the program opens the shop, and ends with its parent', async () => {
  const program = spawn(
    process.execPath,
    [fileURLToPath(new URL('../../dist/cli/demo/main.js', import.meta.url))],
    {
      env: { ...process.env, REMORA_PARENT_STDIN: '1' },
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  const [line] = (await once(program.stdout, 'data')) as [Buffer];
  const { event, url } = JSON.parse(line.toString());
  expect(event).toBe('open');
  expect((await fetch(url)).status).toBe(200);

  const exited = once(program, 'exit');
  const closedAt = performance.now();
  program.stdin.end();
  await exited;
  expect(performance.now() - closedAt).toBeLessThan(5000);
  await expect(fetch(url)).rejects.toThrow();
});

test('its port is free again when it has closed', async () => {
  const other = await openShop(9, 1);
  const { address, port } = other.places.orders;
  await other.close();
  const server = createServer().listen(port, address);
  await once(server, 'listening');
  server.close();
});
