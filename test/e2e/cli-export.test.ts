/** `remora export`, through the real program: of a real hub, and of one that behaves badly. */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exchange } from '../../hub/api/testing/arrival.ts';
import { openSandbox, type Sandbox } from './cli-support.ts';
import { startHub, type TestHub, TOKEN } from './hub-api-support.ts';

let sandbox: Sandbox;
let hub: TestHub;
let url: string;
const environment = { REMORA_TOKEN: TOKEN };

beforeAll(async () => {
  sandbox = openSandbox();
  hub = await startHub();
  url = `http://127.0.0.1:${hub.port}`;
  const arrivals = Array.from({ length: 60 }, (_, n) => exchange({ n, status: n % 10 === 0 ? 500 : 200 }));
  await hub.store.commit({ arrivals, sessions: [] });
});
afterAll(async () => {
  await sandbox.close();
  await hub.close();
});

const run = (...args: string[]) => sandbox.run(['export', '--url', url, ...args], { environment });
const pathOf = (name: string) => join(sandbox.root, name);
const lines = (text: string) => text.trimEnd().split('\n');

describe('of a hub', () => {
  test('into files, by their endings, and into pipes', async () => {
    const [har, csv, ndjson] = await Promise.all([
      run('-w', 'out.har'),
      run('-w', 'out.csv', '-f', 'status_code == 500'),
      run('--format', 'ndjson', '-f', 'status_code == 500', '-w', '-'),
    ]);
    expect(har).toMatchObject({ status: 0, stdout: '', stderr: expect.stringMatching(/✓ out\.har: \d/) });
    expect(JSON.parse(readFileSync(pathOf('out.har'), 'utf8')).log.entries).toHaveLength(60);
    expect(statSync(pathOf('out.har')).mode & 0o777).toBe(0o600);
    expect(csv?.status).toBe(0);
    expect(lines(readFileSync(pathOf('out.csv'), 'utf8'))).toHaveLength(7);
    expect(ndjson).toMatchObject({ status: 0, stderr: '' });
    const flows = lines(ndjson.stdout).map((line) => JSON.parse(line));
    expect(flows).toHaveLength(6);
    const [{ id }] = flows;
    const one = await run('--format', 'ndjson', '--flow', id);
    expect(lines(one.stdout).map((line) => JSON.parse(line).id)).toEqual([id]);
    const none = await run('--format', 'ndjson', '--flow', 'unknown');
    expect(none).toMatchObject({ status: 0, stdout: '', stderr: expect.stringContaining('no flow matched') });
  });

  test('a file that is there stays, unless --force says otherwise', async () => {
    writeFileSync(pathOf('kept.csv'), 'mine');
    const refused = await run('-w', 'kept.csv');
    expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining('is there already') });
    expect(readFileSync(pathOf('kept.csv'), 'utf8')).toBe('mine');
    expect((await run('-w', 'kept.csv', '--force')).status).toBe(0);
    expect(readFileSync(pathOf('kept.csv'), 'utf8')).toMatch(/^id,time/);
  });

  test('a reader that goes is no failure', async () => {
    const prefix = ['bash', '-c', 'set -o pipefail; "$@" | head -c 1 >/dev/null', 'sh'];
    const args = ['export', '--url', url, '--format', 'ndjson'];
    expect(await sandbox.run(args, { environment, prefix })).toMatchObject({ status: 0, stderr: '' });
  });

  test('sent again: to a server of ours, and not to the first one without a word', async () => {
    const paths: string[] = [];
    const server = createServer((request, response) => {
      paths.push(request.url ?? '');
      response.writeHead(paths.length === 1 ? 200 : 500).end();
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const target = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const send = (to: string, ...args: string[]) =>
      sandbox.run(['replay', '--url', url, '--to', to, '-f', 'path in ["/1", "/10"]', ...args], {
        environment,
      });
    const [result, refused, script] = await Promise.all([
      send(target),
      send('http://cart'),
      run('--format', 'curl', '-f', 'path == "/1"'),
    ]);
    server.close();
    expect(result).toMatchObject({ status: 0, stderr: '' });
    expect(result?.stdout).toMatch(/^GET \/1: 200; .*\nGET \/10: 500; .*\n$/);
    expect(paths).toEqual(['/1', '/10']);
    expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining('--yes') });
    expect(script?.stdout).toContain('--url "$TARGET"/1\n');
  });

  test('what the hub refuses is told, with the exit status of wrong usage', async () => {
    expect(await run('-w', 'bad.har', '--from', 'yesterday')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('not a time'),
    });
    expect(existsSync(pathOf('bad.har'))).toBe(false);
    const noToken = await sandbox.run(['export', '--url', url, '-w', 'a.har']);
    expect(noToken).toMatchObject({ status: 2, stderr: expect.stringContaining('REMORA_TOKEN') });
    const nothing = await sandbox.run(['export', '-w', 'a.har']);
    expect(nothing).toMatchObject({ status: 2, stderr: expect.stringContaining('there is no hub to ask') });
  });
});

describe('of a hub that behaves badly', () => {
  let server: Server;
  let bad: string;
  let answer: RequestListener;
  beforeAll(async () => {
    server = createServer((request, response) => answer(request, response));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    bad = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  const left = () => readdirSync(sandbox.root).filter((name) => name.startsWith('bad'));

  test('an older one does not know the format', async () => {
    answer = (_, response) =>
      response.writeHead(404).end('{"code":"ROUTE_NOT_FOUND","message":"no such route"}');
    const result = await sandbox.run(['export', '--url', bad, '-w', 'bad.pcapng'], { environment });
    expect(result).toMatchObject({ status: 1, stderr: expect.stringContaining('does not give pcapng') });
    expect(left()).toEqual([]);
  });

  test('an answer that breaks off leaves no half of a file', async () => {
    answer = (_, response) => {
      response.write('{"log":');
      setTimeout(() => response.destroy(), 50);
    };
    const result = await sandbox.run(['export', '--url', bad, '-w', 'bad.har'], { environment });
    expect(result).toMatchObject({ status: 1, stderr: expect.stringContaining('broke off its answer') });
    expect(left()).toEqual([]);
  });

  test('interrupted: an export leaves nothing, one that follows keeps what is whole', async () => {
    const header = Buffer.alloc(24);
    header.writeUInt32LE(0xa1b2c3d4);
    const packet = Buffer.alloc(20);
    packet.writeUInt32LE(4, 8);
    let sent = 0;
    answer = (request, response) => {
      response.write(Buffer.concat([header, packet, packet.subarray(0, 7)]));
      sent += request.url?.includes('follow=true') ? 1 : 2;
    };
    const follow = sandbox.start(['export', '--url', bad, '-w', 'followed.pcap', '--follow'], {
      environment,
    });
    const plain = sandbox.start(['export', '--url', bad, '-w', 'bad.pcap'], { environment });
    await expect.poll(() => sent, { timeout: 20_000 }).toBe(3);
    const size = (name: string) => {
      const found = readdirSync(sandbox.root).find((one) => one.startsWith(name));
      return found === undefined ? 0 : statSync(pathOf(found)).size;
    };
    await expect.poll(() => [size('followed'), size('bad')], { timeout: 20_000 }).toEqual([51, 51]);
    for (const { child } of [follow, plain]) child.kill('SIGINT');
    expect((await follow.ended).status).toBe(130);
    expect((await plain.ended).status).toBe(130);
    expect(readFileSync(pathOf('followed.pcap'))).toEqual(Buffer.concat([header, packet]));
    expect(left()).toEqual([]);
  });
});
