/** What customers see: pages, login, and the ways to the services behind it. */

import { createHmac } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Chance } from './chance.ts';
import { type Answered, type Caller, type Place, type Routes, sendJson } from './service.ts';

export interface FrontNeighbours {
  catalogue: Place;
  cart: Place;
  orders: Place;
}

const PASSWORD = 'demo-password';
const CSV_LINES = 6000;
const HOME = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>The Chandlery</title></head>
<body><h1>The Chandlery</h1><p>Ropes, lamps and charts for small ships.</p>
<form method="post" action="/login"><input name="username"><input name="password" type="password"></form></body></html>`;

export function frontRoutes(caller: Caller, neighbours: FrontNeighbours, chance: Chance): Routes {
  const { catalogue, cart, orders } = neighbours;
  return {
    'GET /': (_asked, response) => {
      response.writeHead(200, {
        'content-type': 'text/html; charset=utf-8',
        'content-length': Buffer.byteLength(HOME),
        'set-cookie': [`session=demo-session-${chance.between(1e6, 9e6)}; HttpOnly`, 'theme=dark'],
      });
      response.end(HOME);
    },

    'POST /login': ({ body }, response) => {
      const form = new URLSearchParams(body.toString());
      if (form.get('password') !== PASSWORD)
        return sendJson(response, 401, { error: 'wrong user name or password' });
      const token = demoJwt(form.get('username') ?? '');
      sendJson(
        response,
        200,
        { token, expiresIn: 3600 },
        { 'set-cookie': `token=${token}; HttpOnly; SameSite=Lax` },
      );
    },

    // A form with a file, as browsers send it.
    'POST /profile': (_asked, response) => {
      response.writeHead(303, { location: '/', 'content-length': 0 }).end();
    },

    'GET /products': async ({ url, headers, trace }, response) => {
      const coding = String(headers['accept-encoding'] ?? 'identity');
      pass(
        response,
        await caller.call(catalogue, `/products${url.search}`, {
          trace,
          headers: { 'accept-encoding': coding },
        }),
      );
    },

    'GET /products/:id': async ({ url, headers, trace }, response) => {
      const etag = headers['if-none-match'];
      const validator = etag === undefined ? {} : { 'if-none-match': etag };
      pass(response, await caller.call(catalogue, url.pathname, { trace, headers: validator }));
    },

    'GET /images/:id': async ({ url, trace }, response) => {
      pass(response, await caller.call(catalogue, url.pathname, { trace }));
    },

    'GET /search': async ({ url, trace }, response) => {
      pass(response, await caller.call(catalogue, `/search${url.search}`, { trace }));
    },

    'GET /export.csv': (_asked, response) => {
      response.writeHead(200, { 'content-type': 'text/csv' });
      for (let line = 0; line < CSV_LINES; line++)
        response.write(`${line},brass lamp ${line},${line % 97}.95,in stock\r\n`);
      response.end();
    },

    'GET /carts/:id': async ({ url, trace }, response) => {
      pass(response, await caller.call(cart, url.pathname, { trace }));
    },

    'POST /carts/:id/items': async ({ url, body, trace }, response) => {
      const headers = { 'content-type': 'application/json' };
      pass(response, await caller.call(cart, url.pathname, { method: 'POST', headers, body, trace }));
    },

    'POST /orders': async ({ body, headers, trace }, response) => {
      if (headers.authorization === undefined) return sendJson(response, 403, { error: 'log in first' });
      const passed = { 'content-type': 'application/json', authorization: headers.authorization };
      pass(response, await caller.call(orders, '/orders', { method: 'POST', headers: passed, body, trace }));
    },

    'GET /orders/:id/receipt': async ({ url, trace }, response) => {
      pass(response, await caller.call(orders, url.pathname, { trace, once: true }));
    },
  };
}

const PASSED_ON = ['content-type', 'content-encoding', 'etag', 'location', 'retry-after', 'vary'];

function pass(response: ServerResponse, answer: Answered): void {
  for (const name of PASSED_ON) {
    const value = answer.headers[name];
    if (value !== undefined) response.setHeader(name, value);
  }
  response.statusCode = answer.status;
  response.end(answer.body);
}

/** A JWT of nobody: it shows that such values are redacted wherever they stand. */
function demoJwt(user: string): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: user, shop: 'demo' })}`;
  return `${signed}.${createHmac('sha256', 'demo').update(signed).digest('base64url')}`;
}
