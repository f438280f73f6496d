import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { WebSocketServer } from 'ws';
import { Authority, type IssueOptions, type KeyPem } from '../../test/certificates.ts';
import { readCredentials } from './credentials.ts';
import { Uplink } from './uplink.ts';

let ours: Authority;
let others: Authority;
beforeAll(async () => {
  ours = await Authority.create();
  // Of the same name: the key is what tells them apart.
  others = await Authority.create();
});

let dir: string;
let caFile: string;
let tokenFile: string;
let closers: (() => unknown)[];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'remora-tls-'));
  caFile = join(dir, 'ca.crt');
  tokenFile = join(dir, 'worker-token');
  writeFileSync(caFile, ours.pem);
  writeFileSync(tokenFile, 'the-right-token\n');
  closers = [];
});
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const close of closers.reverse()) await close();
  rmSync(dir, { recursive: true, force: true });
});

/** A hub that welcomes who has the right token. Returns its port. */
async function startHub(pair: KeyPem, options: https.ServerOptions = {}, port = 0): Promise<number> {
  const server = https.createServer({ ...pair, ...options });
  const sockets = new WebSocketServer({
    server,
    verifyClient: ({ req }, next) => next(req.headers.authorization === 'Bearer the-right-token', 401),
  });
  sockets.on('connection', (socket) => {
    socket.on('message', (data, isBinary) => {
      if (!isBinary && JSON.parse(String(data)).type === 'hello')
        socket.send(JSON.stringify({ type: 'welcome', lastBatch: 0 }));
    });
  });
  return listen(server, port, () => {
    for (const socket of sockets.clients) socket.terminate();
    server.closeAllConnections();
  });
}

async function listen(server: net.Server, port = 0, beforeClose = () => {}): Promise<number> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    beforeClose();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** What a worker tells of its connection to wss://localhost:PORT, newest last. */
function connect(port: number, files: { caFile?: string; tokenFile?: string } = {}): (string | undefined)[] {
  const told: (string | undefined)[] = [];
  const uplink = new Uplink({
    url: `wss://localhost:${port}/worker`,
    credentials: () => readCredentials({ token: '', caFile, tokenFile, ...files }),
    worker: { version: '1', node: 'n1', mode: 'live', sources: ['any'], limits: {} },
    status: () => ({ counters: {} }),
    onChange: (problem) => {
      told.push(problem?.code);
      // Whoever reads it in a log knows what to do.
      if (problem !== undefined) expect(problem.message).toMatch(/\.$/);
    },
    log: { info: () => {}, warn: () => {} },
  });
  closers.push(() => uplink.close(0));
  return told;
}

const settled = (told: unknown[], count = 1) =>
  vi.waitUntil(() => told.length >= count, { timeout: 10_000, interval: 5 });

test('a hub that our authority vouches for is trusted', async () => {
  const told = connect(await startHub(await ours.issue()));
  await settled(told);
  expect(told).toEqual([undefined]);
});

test.each<[string, () => Authority, IssueOptions, string]>([
  ['signed by another authority', () => others, {}, 'HUB_UNTRUSTED'],
  ['expired', () => ours, { from: -2, to: -1 }, 'HUB_CERTIFICATE_EXPIRED'],
  ['not valid yet', () => ours, { from: 1, to: 2 }, 'HUB_CERTIFICATE_EXPIRED'],
  ['for another host', () => ours, { names: ['remora-hub.other.svc'] }, 'HUB_NAME_MISMATCH'],
])('a certificate that is %s is refused, and told of once', async (_, authority, options, code) => {
  const told = connect(await startHub(await authority().issue(options)));
  await settled(told);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(told).toEqual([code]);
});

test('the environment cannot make it trust everybody', async () => {
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
  const told = connect(await startHub(await others.issue()));
  await settled(told);
  expect(told).toEqual(['HUB_UNTRUSTED']);
});

test('TLS before 1.2 is not spoken', async () => {
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
  const told = connect(await startHub(await ours.issue(), old));
  await settled(told);
  expect(told).toEqual(['HUB_NOT_TLS']);
});

test('what does not speak TLS is told as such', async () => {
  const plain = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
  });
  const told = connect(await listen(plain));
  await settled(told);
  expect(told).toEqual(['HUB_NOT_TLS']);
});

test('nobody there, then the hub', async () => {
  const pair = await ours.issue();
  const port = await startHub(pair);
  await closers.pop()?.();
  const told = connect(port);
  await settled(told);
  expect(told).toEqual(['HUB_UNREACHABLE']);
  await startHub(pair, {}, port);
  await settled(told, 2);
  expect(told).toEqual(['HUB_UNREACHABLE', undefined]);
});

test('a name that is not known', async () => {
  const told: (string | undefined)[] = [];
  const uplink = new Uplink({
    url: 'wss://hub.invalid:8898/worker',
    credentials: () => ({ token: 'x' }),
    worker: { version: '1', node: 'n1', mode: 'live', sources: ['any'], limits: {} },
    status: () => ({ counters: {} }),
    onChange: (problem) => told.push(problem?.code),
    log: { info: () => {}, warn: () => {} },
  });
  closers.push(() => uplink.close(0));
  await settled(told);
  expect(told).toEqual(['HUB_NOT_FOUND']);
});

test.each<[string, () => void, string]>([
  ['no authority', () => rmSync(caFile), 'CA_UNREADABLE'],
  ['an authority that is none', () => writeFileSync(caFile, 'hello'), 'CA_UNREADABLE'],
  [
    'an authority cut short',
    () => writeFileSync(caFile, '-----BEGIN CERTIFICATE-----\nAAAA\n'),
    'CA_UNREADABLE',
  ],
  ['no token', () => rmSync(tokenFile), 'TOKEN_UNREADABLE'],
  ['an empty token', () => writeFileSync(tokenFile, '\n'), 'TOKEN_UNREADABLE'],
  ['a token of two lines', () => writeFileSync(tokenFile, 'a\r\nX-Evil: b\n'), 'TOKEN_UNREADABLE'],
  ['another token', () => writeFileSync(tokenFile, 'the-old-token'), 'UNAUTHORIZED'],
  ['another authority', () => writeFileSync(caFile, others.pem), 'HUB_UNTRUSTED'],
])('with %s it waits for the right one, and takes it up', async (_, spoil, code) => {
  const port = await startHub(await ours.issue());
  spoil();
  const told = connect(port);
  await settled(told);
  expect(told).toEqual([code]);
  writeFileSync(caFile, ours.pem);
  writeFileSync(tokenFile, 'the-right-token');
  await settled(told, 2);
  expect(told).toEqual([code, undefined]);
});
