/** The hub behind TLS: who gets in by which name, what becomes of those who speak otherwise, and files that change. */
import { once } from 'node:events';
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import https, { type RequestOptions } from 'node:https';
import net from 'node:net';
import { join } from 'node:path';
import tls from 'node:tls';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { Authority, type KeyPem } from '../certificates.ts';
import { Bench, TOKEN } from './tls-support.ts';

const NAMES = ['remora-hub', 'remora-hub.remora', 'remora-hub.remora.svc', 'localhost'];
const BEARER = { authorization: `Bearer ${TOKEN}` };

let authority: Authority;
let pair: KeyPem;
beforeAll(async () => {
  authority = await Authority.create();
  pair = await authority.issue({ names: NAMES });
});
let bench: Bench;
beforeEach(() => {
  bench = new Bench();
  bench.writePair(pair);
});
afterEach(() => bench.close());

async function get(
  port: number,
  path: string,
  options: RequestOptions = {},
): Promise<{ status: number; headers: IncomingMessage['headers']; text: string }> {
  const request = https.get({
    ...{ host: '127.0.0.1', port, path, ca: authority.pem, servername: 'remora-hub', agent: false },
    ...options,
  });
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  const text = Buffer.concat(await answer.toArray()).toString();
  return { status: answer.statusCode!, headers: answer.headers, text };
}

describe('who reaches it', () => {
  test('a browser on plain http://localhost, whose bytes the command line wraps in TLS', async () => {
    const hub = await bench.hub();
    const port = await bench.forward(hub.port, authority.pem);
    const origin = `http://localhost:${port}`;
    const login = await fetch(`http://127.0.0.1:${port}/?token=${TOKEN}`, {
      redirect: 'manual',
      headers: { host: `localhost:${port}` },
    });
    expect(login.status).toBe(303);
    expect(login.headers.get('location')).toBe('/');
    const cookie = login.headers.get('set-cookie')!;
    // A browser that was told http does not keep a Secure cookie (Safari not even for localhost).
    expect(cookie).not.toMatch(/secure/i);
    expect(login.headers.get('strict-transport-security')).toBeNull();
    const headers = { cookie: cookie.split(';')[0], host: `127.0.0.1:${port}` };
    expect((await fetch(`http://127.0.0.1:${port}/api/v1/health`, { headers })).status).toBe(200);

    const live = new WebSocket(`ws://127.0.0.1:${port}/api/v1/live`, {
      headers: { ...headers, origin: `http://127.0.0.1:${port}` },
    });
    await once(live, 'open');
    live.terminate();
    const elsewhere = new WebSocket(`ws://127.0.0.1:${port}/api/v1/live`, {
      headers: { ...headers, origin },
    });
    const [error] = await once(elsewhere, 'error');
    expect(String(error)).toContain('403');
  });

  test('by the names of its certificate, and by no other', async () => {
    const hub = await bench.hub();
    const names = {
      ...{ 'localhost:8899': 200, '127.0.0.1:8899': 200, 'remora-hub:8898': 200 },
      ...{ 'remora-hub.remora.svc:8898': 200, 'evil.example:8899': 421, '10.9.8.7:8898': 421 },
    };
    const answers = Object.keys(names).map(async (host) => {
      const { status } = await get(hub.port, '/api/v1/health', { headers: { ...BEARER, host } });
      return [host, status];
    });
    expect(Object.fromEntries(await Promise.all(answers))).toEqual(names);
  });

  test('on all addresses by any number; its cookie is Secure where it was not this machine', async () => {
    const hub = await bench.hub(['--listen', '0.0.0.0:0']);
    const login = await get(hub.port, `/?token=${TOKEN}`, {
      headers: { host: 'remora-hub.remora.svc:8898' },
    });
    expect(login.headers['set-cookie']?.[0]).toMatch(/; Secure$/);
    const answer = await get(hub.port, '/api/v1/health', { headers: { ...BEARER, host: '10.9.8.7:8898' } });
    expect(answer.status).toBe(200);
  });

  test('probes by anybody, and they tell nothing', async () => {
    const hub = await bench.hub();
    expect(hub.url).toBe(`https://127.0.0.1:${hub.port}`);
    // As a kubelet asks: by the address of the pod, without looking at the certificate.
    const probe = { headers: { host: '10.244.1.7:8898' }, rejectUnauthorized: false };
    expect(await get(hub.port, '/healthz', probe)).toMatchObject({ status: 200, text: 'ok\n' });
    expect(await get(hub.port, '/readyz', probe)).toMatchObject({ status: 200, text: 'ready\n' });
    for (const path of ['/healthz?x', '/healthz/', '/metrics', '/api/v1/health', '/'])
      expect((await get(hub.port, path, { headers: { host: 'localhost' } })).status).toBe(401);
  });
});

describe('who speaks otherwise', () => {
  test('plain HTTP, nonsense and old TLS end at once, and others do not notice', async () => {
    const hub = await bench.hub();
    for (const words of ['GET / HTTP/1.1\r\nHost: localhost\r\n\r\n', '\0'.repeat(500), 'SSH-2.0-x\r\n']) {
      const socket = net.connect(hub.port, '127.0.0.1');
      socket.on('error', () => {});
      socket.write(words);
      await once(socket, 'close');
    }
    const old = tls.connect({
      ...{ host: '127.0.0.1', port: hub.port, servername: 'remora-hub', ca: authority.pem },
      ...{ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
    });
    const [error] = await once(old, 'error');
    expect(error.code).toMatch(/PROTOCOL_VERSION|ECONNRESET|UNSUPPORTED_PROTOCOL/);
    expect((await get(hub.port, '/healthz')).status).toBe(200);
    expect(hub.log()).not.toMatch(/"level":[56]0/);
  });

  test('who connects and says nothing is cut off', async () => {
    const hub = await bench.hub();
    const begin = performance.now();
    const silent = net.connect(hub.port, '127.0.0.1');
    const half = net.connect(hub.port, '127.0.0.1');
    for (const socket of [silent, half]) socket.on('error', () => {});
    // The beginning of a ClientHello.
    half.write(Buffer.from([0x16, 3, 1, 2, 0, 1, 0]));
    await Promise.all([once(silent.resume(), 'close'), once(half.resume(), 'close')]);
    expect(performance.now() - begin).toBeLessThan(15_000);
  });
});

describe('files that change', () => {
  /** What the hub shows to those who connect. */
  const shown = async (port: number): Promise<string> => {
    const socket = tls.connect({
      host: '127.0.0.1',
      port,
      servername: 'remora-hub',
      rejectUnauthorized: false,
    });
    await once(socket, 'secureConnect');
    const { fingerprint256 } = socket.getPeerX509Certificate()!;
    socket.destroy();
    return fingerprint256;
  };

  test('as Kubernetes replaces them: new connections see the new certificate, old ones go on', async () => {
    // A Secret's files are links to a folder that is a link, which is replaced as a whole.
    const put = (name: string, { cert, key }: KeyPem) => {
      const folder = join(bench.dir, name);
      mkdirSync(folder);
      writeFileSync(join(folder, 'tls.crt'), cert);
      writeFileSync(join(folder, 'tls.key'), key);
      symlinkSync(name, join(bench.dir, '..data_tmp'));
      renameSync(join(bench.dir, '..data_tmp'), join(bench.dir, '..data'));
    };
    put('..2026_01', pair);
    const secret = (file: string) => join(bench.dir, '..data', file);
    const hub = await bench.hub(['--tls-cert', secret('tls.crt'), '--tls-key', secret('tls.key')]);
    const before = await shown(hub.port);
    const live = new WebSocket(`wss://127.0.0.1:${hub.port}/api/v1/live`, {
      ...{ headers: { ...BEARER, host: 'remora-hub' }, ca: authority.pem, servername: 'remora-hub' },
    });
    await once(live, 'open');

    const next = await Authority.create('The next authority');
    put('..2026_02', await next.issue({ names: NAMES }));
    await vi.waitUntil(async () => (await shown(hub.port)) !== before, { timeout: 15_000, interval: 200 });
    expect((await get(hub.port, '/healthz', { ca: next.pem })).status).toBe(200);
    await expect(get(hub.port, '/healthz')).rejects.toThrow(/certificate|signature/i);
    live.ping();
    await once(live, 'pong');
    live.terminate();
    expect(hub.log()).toContain('The certificate was replaced.');
  });

  test('what cannot be used is told of once, and the old is kept until the new is whole', async () => {
    const hub = await bench.hub();
    const before = await shown(hub.port);
    const next = await authority.issue({ names: NAMES });
    bench.file('tls.crt', next.cert);
    await vi.waitUntil(() => hub.log().includes('TLS_KEY_MISMATCH'), { timeout: 15_000, interval: 100 });
    expect(await shown(hub.port)).toBe(before);
    bench.file('tls.key', next.key);
    await vi.waitUntil(async () => (await shown(hub.port)) !== before, { timeout: 15_000, interval: 200 });
    expect(hub.log().split('TLS_KEY_MISMATCH')).toHaveLength(2);
  });
});

describe('files that are wrong at the start', () => {
  const ENCRYPTED = '-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIBAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n';

  test.each<[string, () => Promise<Partial<KeyPem>>, string]>([
    ['no PEM', async () => ({ cert: 'hello' }), 'TLS_CERTIFICATE_INVALID'],
    [
      'an expired certificate',
      () => authority.issue({ names: NAMES, from: -2, to: -1 }),
      'TLS_CERTIFICATE_EXPIRED',
    ],
    ['one of tomorrow', () => authority.issue({ names: NAMES, from: 24, to: 48 }), 'TLS_CERTIFICATE_EXPIRED'],
    ['an encrypted key', async () => ({ key: ENCRYPTED }), 'TLS_KEY_INVALID'],
    ["another certificate's key", async () => ({ key: (await authority.issue()).key }), 'TLS_KEY_MISMATCH'],
  ])('%s', async (_, spoil, code) => {
    bench.writePair({ ...pair, ...(await spoil()) });
    const hub = bench.run('hub', [
      ...['--data-dir', bench.file('data'), '--listen', '127.0.0.1:0'],
      ...['--tls-cert', bench.file('tls.crt'), '--tls-key', bench.file('tls.key')],
    ]);
    expect(await hub.exit).toBe(1);
    expect(JSON.parse(hub.log())).toMatchObject({ level: 60, code, remedy: expect.any(String) });
    expect(hub.log()).not.toContain('PRIVATE KEY');
  });

  test.each([
    [['--tls-cert', '/no/such/file', '--tls-key', '/no/such/file'], 'TLS_FILE_UNREADABLE'],
    [['--tls-cert', '/no/such/file'], 'USAGE'],
  ])('%j is told as %s', async (args, code) => {
    const hub = bench.run('hub', ['--data-dir', bench.file('data'), '--listen', '127.0.0.1:0', ...args]);
    expect(await hub.exit).toBe(1);
    expect(JSON.parse(hub.log())).toMatchObject({ code });
  });
});

test('told to end while it starts, it ends', async () => {
  const hub = bench.run('hub', ['--data-dir', bench.file('data'), '--listen', '127.0.0.1:0']);
  await new Promise((resolve) => setTimeout(resolve, 250));
  hub.child.kill('SIGTERM');
  await hub.exit;
  expect(hub.log()).not.toMatch(/"level":[56]0/);
});
