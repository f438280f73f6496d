/** Who gets in and who does not: over real sockets, as a page elsewhere, a script or a worker would try it. */
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BEARER, startHub, type TestHub, TOKEN, upgrade, WORKER_TOKEN } from './hub-api-support.ts';

let hub: TestHub;
beforeAll(async () => {
  const uiDir = mkdtempSync(join(tmpdir(), 'remora-page-'));
  writeFileSync(join(uiDir, 'index.html'), '<!doctype html><title>the page</title>');
  hub = await startHub({ uiDir, allowedHosts: ['hub.remora.svc'] });
});
afterAll(() => hub.close());

/** Logs in as a browser does and returns its Cookie header. */
async function loggedIn(headers: Record<string, string> = {}): Promise<string> {
  const { status, headers: answer } = await hub.get(`/?token=${TOKEN}`, headers);
  expect(status).toBe(303);
  return answer['set-cookie']![0].split(';')[0];
}

describe('without credentials', () => {
  test.each(['/api/v1/flows', '/api/v1/health', '/metrics', '/api/v1/openapi.json', '/api/v1/nothing'])(
    '%s is refused as JSON and says nothing else',
    async (path) => {
      const answer = await hub.get(path, { accept: 'text/html,*/*' });
      expect(answer.status).toBe(401);
      expect(answer.json.code).toBe('AUTH_REQUIRED');
      expect(answer.json.remedy).toContain('remora view');
    },
  );

  test('the page is refused with a page that says how to get in', async () => {
    const answer = await hub.get('/', { accept: 'text/html' });
    expect(answer.status).toBe(401);
    expect(answer.headers['content-type']).toContain('text/html');
    expect(answer.text).toContain('remora view');
    expect(answer.text).not.toContain('the page');
  });

  test.each(['/assets/index.js', '/index.html', '//index.html', '/%2e%2e/package.json'])(
    'file %s is refused',
    async (path) => {
      expect((await hub.get(path, {})).status).toBe(401);
    },
  );
});

describe('the token in the address', () => {
  test('is exchanged for a cookie, as often as it is opened, and leaves the address', async () => {
    for (let i = 0; i < 2; i++) {
      const answer = await hub.get(`/?token=${TOKEN}`, {});
      expect(answer.status).toBe(303);
      expect(answer.headers.location).toBe('/');
      const cookie = answer.headers['set-cookie']![0];
      expect(cookie).toMatch(/^remora_\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
      expect(cookie).not.toContain(TOKEN);
    }
  });

  test('opens page and API by the cookie', async () => {
    const cookie = await loggedIn();
    expect((await hub.get('/', { cookie })).text).toContain('the page');
    expect((await hub.get('/api/v1/flows', { cookie })).status).toBe(200);
    expect((await hub.get('/api/v1/flows', { cookie: `other=1; ${cookie}; more=2` })).status).toBe(200);
  });

  test('gives nothing to a wrong one', async () => {
    for (const token of ['', 'x', `${TOKEN}x`, TOKEN.slice(0, -1), WORKER_TOKEN, '%00', '%ff']) {
      const answer = await hub.get(`/?token=${token}`, { accept: 'text/html' });
      expect(answer.status).toBe(401);
      expect(answer.headers['set-cookie']).toBeUndefined();
    }
  });

  test('works only on the page: elsewhere it would stay in the address', async () => {
    expect((await hub.get(`/api/v1/flows?token=${TOKEN}`, {})).status).toBe(401);
  });

  test('the cookie is of the port the browser knows, behind a port-forward too', async () => {
    const cookie = await loggedIn({ host: 'localhost:12345' });
    expect(cookie).toMatch(/^remora_12345=/);
    expect((await hub.get('/api/v1/flows', { host: 'localhost:12345', cookie })).status).toBe(200);
    expect((await hub.get('/api/v1/flows', { host: 'localhost:12346', cookie })).status).toBe(401);
  });

  test('is in no log line', async () => {
    await hub.get(`/?token=${TOKEN}`, {});
    await hub.get('/nothing', BEARER);
    expect(hub.log.join('')).not.toContain(TOKEN);
  });
});

describe('the bearer header', () => {
  test('opens the API', async () => {
    expect((await hub.get('/api/v1/flows', { authorization: `bearer  ${TOKEN}` })).status).toBe(200);
  });

  test.each([
    `Bearer ${WORKER_TOKEN}`,
    `Basic ${TOKEN}`,
    TOKEN,
    'Bearer',
    `Bearer ${TOKEN} x`,
    `Bearer ${TOKEN}x`,
  ])('%s does not', async (authorization) => {
    expect((await hub.get('/api/v1/flows', { authorization })).status).toBe(401);
  });

  test('a wrong one is not made up for by a good cookie', async () => {
    const cookie = await loggedIn();
    expect((await hub.get('/api/v1/flows', { cookie, authorization: 'Bearer wrong' })).status).toBe(401);
  });
});

describe('DNS rebinding: the Host must be one of ours', () => {
  test.each(['localhost', 'LOCALHOST:8899', '127.0.0.1:1', '[::1]:9', 'hub.remora.svc:443'])(
    '%s is served',
    async (host) => {
      expect((await hub.get('/api/v1/flows', { ...BEARER, host })).status).toBe(200);
    },
  );

  test.each([
    'evil.example',
    'evil.example:8899',
    'localhost.evil.example',
    'evil.example#localhost',
    'localhost@evil.example',
    'localhost:80:80',
    'localhost:999999',
    '127.0.0.1.evil.example',
    '127.0.0.2',
    '10.0.0.1',
    '[::2]',
    '[::1',
  ])('%j is not', async (host) => {
    const answer = await hub.get('/api/v1/flows', { ...BEARER, host });
    expect(answer.status).toBe(421);
    expect(answer.json.code).toBe('HOST_NOT_ALLOWED');
  });

  test('not even to log in', async () => {
    const answer = await hub.get(`/?token=${TOKEN}`, { host: 'evil.example' });
    expect(answer.status).toBe(421);
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  test('of two Host headers none is chosen', async () => {
    const socket = connect(hub.port, '127.0.0.1');
    socket.end(
      `GET /api/v1/flows HTTP/1.1\r\nHost: evil.example\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\nConnection: close\r\n\r\n`,
    );
    const answer = Buffer.concat(await socket.toArray()).toString();
    expect(answer).toMatch(/^HTTP\/1.1 4\d\d /);
  });

  test('a hub on all addresses is reached by any number, but by no name', async () => {
    const open = await startHub({ host: '0.0.0.0' });
    try {
      for (const host of ['10.1.2.3:8898', '[fd00::1]:8898']) {
        expect((await open.get('/api/v1/flows', { ...BEARER, host })).status).toBe(200);
      }
      expect((await open.get('/api/v1/flows', { ...BEARER, host: 'evil.example' })).status).toBe(421);
    } finally {
      await open.close();
    }
  });
});

describe('pages of other origins', () => {
  const foreign = [
    { origin: 'http://evil.example' },
    { origin: 'null' },
    { origin: '' },
    { origin: 'http://localhost:1' },
    { origin: 'http://localhost' },
    { origin: 'file://' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': '' },
  ];

  test.each(foreign)('%j: refused, though the browser adds the cookie', async (headers) => {
    const cookie = await loggedIn();
    for (const path of ['/', '/api/v1/flows', '/metrics', `/?token=${TOKEN}`]) {
      const answer = await hub.get(path, { cookie, ...headers } as never);
      expect(answer.status).toBe(403);
      expect(answer.headers['set-cookie']).toBeUndefined();
    }
  });

  test('no CORS header is ever given, nor a preflight answered', async () => {
    const origin = `http://127.0.0.1:${hub.port}`;
    const plain = await hub.get('/api/v1/flows', { ...BEARER, origin });
    const preflight = await hub.get(
      '/api/v1/flows',
      { origin: 'http://evil.example', 'access-control-request-method': 'GET' },
      'OPTIONS',
    );
    expect(plain.status).toBe(200);
    expect(preflight.status).toBe(403);
    for (const { headers } of [plain, preflight]) {
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });

  test('our own page is served', async () => {
    const cookie = await loggedIn();
    const origin = `http://127.0.0.1:${hub.port}`;
    const answer = await hub.get('/api/v1/flows', { cookie, origin, 'sec-fetch-site': 'same-origin' });
    expect(answer.status).toBe(200);
  });
});

describe('cross-site WebSocket', () => {
  const own = () => `http://127.0.0.1:${hub.port}`;

  test('the page with cookie and its own Origin gets in', async () => {
    const cookie = await loggedIn();
    expect(await upgrade(hub.open('/api/v1/live', { cookie, origin: own() }))).toEqual({ status: 101 });
  });

  test('a script with the bearer header gets in', async () => {
    expect(await upgrade(hub.open('/api/v1/live', BEARER))).toEqual({ status: 101 });
  });

  test.each(['http://evil.example', 'null', 'http://localhost:1', 'http://127.0.0.1'])(
    'Origin %s does not',
    async (origin) => {
      const cookie = await loggedIn();
      for (const headers of [
        { cookie, origin },
        { ...BEARER, origin },
      ]) {
        expect(await upgrade(hub.open('/api/v1/live', headers))).toEqual({
          status: 403,
          code: 'ORIGIN_NOT_ALLOWED',
        });
      }
    },
  );

  test('a cookie without Origin does not', async () => {
    const cookie = await loggedIn();
    expect((await upgrade(hub.open('/api/v1/live', { cookie }))).status).toBe(403);
  });

  test('a rebound name does not', async () => {
    const headers = { ...BEARER, host: 'evil.example', origin: 'http://evil.example' };
    expect((await upgrade(hub.open('/api/v1/live', headers))).status).toBe(421);
  });

  test('nobody without credentials does', async () => {
    expect((await upgrade(hub.open('/api/v1/live', {}))).status).toBe(401);
    expect((await upgrade(hub.open('/api/v1/live', { origin: own() }))).status).toBe(401);
  });

  test('there is nothing at other paths', async () => {
    expect((await upgrade(hub.open('/api/v1/flows', BEARER))).status).toBe(404);
    expect((await upgrade(hub.open('//worker', BEARER))).status).toBe(404);
  });
});

describe('the workers’ door', () => {
  test('opens to the workers’ token, whatever name the hub is reached by', async () => {
    const headers = { authorization: `Bearer ${WORKER_TOKEN}`, host: 'remora-hub:8898' };
    expect(await upgrade(hub.open('/worker', headers))).toEqual({ status: 101 });
  });

  test('not to the people’s, nor to a cookie', async () => {
    const cookie = await loggedIn();
    expect((await upgrade(hub.open('/worker', BEARER))).status).toBe(401);
    expect((await upgrade(hub.open('/worker', { cookie }))).status).toBe(401);
    expect((await upgrade(hub.open('/worker', {}))).status).toBe(401);
  });

  test('not to a browser', async () => {
    const headers = { authorization: `Bearer ${WORKER_TOKEN}`, origin: `http://127.0.0.1:${hub.port}` };
    expect((await upgrade(hub.open('/worker', headers))).status).toBe(403);
  });

  test('and the workers’ token opens no other', async () => {
    const headers = { authorization: `Bearer ${WORKER_TOKEN}` };
    expect((await upgrade(hub.open('/api/v1/live', headers))).status).toBe(401);
    expect((await hub.get('/api/v1/flows', headers)).status).toBe(401);
  });
});

describe('every answer', () => {
  test.each([
    ['/', BEARER],
    ['/api/v1/flows', BEARER],
    ['/nothing', BEARER],
    ['/api/v1/flows?limit=x', BEARER],
    ['/api/v1/flows', {}],
    ['/', { host: 'evil.example' }],
    ['/%zz', BEARER],
  ])('%s with %j bears the security headers', async (path, headers) => {
    const answer = await hub.get(path, headers);
    const policy = answer.headers['content-security-policy'] as string;
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|\*|http:/);
    expect(answer.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(answer.headers['cache-control']).toBe(
      path === '/' && answer.status === 200 ? 'no-cache' : 'no-store',
    );
  });

  test('what is no HTTP is refused in the same form', async () => {
    const socket = connect(hub.port, '127.0.0.1');
    socket.end('\x16\x03\x01 TLS to a plain port\r\n\r\n');
    const answer = Buffer.concat(await socket.toArray()).toString();
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(answer).toContain('"code":"REQUEST_INVALID"');
  });
});

test('a flood of wrong tokens is slowed and counted, and does not lock out the right one', async () => {
  const flooded = await startHub();
  try {
    const statuses: number[] = [];
    for (let i = 0; i < 40; i++) {
      statuses.push((await flooded.get('/api/v1/flows', { authorization: `Bearer guess-${i}` })).status);
    }
    expect(statuses.slice(0, 20)).toEqual(Array(20).fill(401));
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(10);
    expect((await flooded.get('/api/v1/health')).json.hub.counters.authFailures).toBe(40);
    // An old tab with the cookie of an earlier run is not a guess.
    expect((await flooded.get('/api/v1/flows', { cookie: `remora_${flooded.port}=old` })).status).toBe(401);
  } finally {
    await flooded.close();
  }
});

test('tokens that could be guessed are refused at the start', async () => {
  await expect(startHub({ token: 'short' })).rejects.toMatchObject({ code: 'USAGE' });
  await expect(startHub({ token: WORKER_TOKEN })).rejects.toMatchObject({ code: 'USAGE' });
});

test('a taken port is told as such', async () => {
  await expect(startHub({ port: hub.port })).rejects.toMatchObject({
    code: 'PORT_IN_USE',
    message: expect.stringContaining(String(hub.port)),
  });
});

test('closing does not wait for those who do not listen', async () => {
  const stubborn = await startHub();
  const socket = stubborn.open('/api/v1/live');
  await once(socket, 'open');
  const raw = connect(stubborn.port, '127.0.0.1');
  raw.on('error', () => {});
  await once(raw, 'connect');
  socket.pause();
  const begin = performance.now();
  await stubborn.close();
  expect(performance.now() - begin).toBeLessThan(5000);
  expect(stubborn.store.closed).toBe(true);
  socket.terminate();
});
