/** `remora map`, through the real program: capture files of our own making, real ones, and a hub that runs. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasClusterCaptures, readCaptureSets } from '../kubernetes/captures.ts';
import { kubectlObjects } from '../kubernetes/objects.ts';
import { Conversation, pcapFile } from '../packets/index.ts';
import { openSandbox, type Sandbox } from './cli-support.ts';

let sandbox: Sandbox;
beforeAll(() => {
  sandbox = openSandbox();
});
afterAll(() => sandbox.close());

const CLIENT = '10.1.1.5';
const SERVER = '10.1.2.7';

/** A capture of one connection for each `path`, answered with the status. */
function capture(name: string, calls: readonly [path: string, status: number][]): string {
  const packets = calls.flatMap(([path, status], at) => {
    const talk = new Conversation({
      ...{ clientAddress: CLIENT, clientPort: 40_000 + at, serverAddress: SERVER, serverPort: 8080 },
      time: 1_704_067_200_000_000 + at * 10_000,
    }).handshake();
    talk.client.send(`GET ${path} HTTP/1.1\r\nHost: ${SERVER}:8080\r\n\r\n`);
    talk.server.send(`HTTP/1.1 ${status} X\r\nContent-Length: 2\r\n\r\nok`);
    return talk.close().packets;
  });
  const file = join(sandbox.root, name);
  writeFileSync(file, pcapFile(packets));
  return file;
}

describe('of a capture file', () => {
  test('as a table, JSON, DOT and Mermaid', async () => {
    const file = capture('a.pcap', [
      ['/orders/17?token=x', 200],
      ['/orders/18', 500],
    ]);
    const [table, json, dot, mermaid] = await Promise.all(
      ['table', 'json', 'dot', 'mermaid'].map((format) => sandbox.run(['map', '--pcap', file, '-o', format])),
    );
    expect(table?.stdout).toMatch(/FROM +TO +REQUESTS +ERRORS/);
    expect(table?.stdout).toMatch(/10\.1\.1\.5 +10\.1\.2\.7 +2 +50%/);
    expect(JSON.parse(json?.stdout ?? '').edges).toMatchObject([
      { from: CLIENT, to: SERVER, requests: 2, errors: 1, endpoints: [{ path: '/orders/{id}' }] },
    ]);
    expect(dot?.stdout).toMatch(/^digraph remora \{\n[\s\S]*n0 -> n1 \[label="2 requests\\n50% errors/);
    expect(mermaid?.stdout).toMatch(/^flowchart LR\n/);
    expect([table, json, dot, mermaid].map((one) => [one?.status, one?.stderr])).toEqual(
      Array.from({ length: 4 }, () => [0, '']),
    );
  });

  test('a snapshot passes its own diff; a call that is new fails it', async () => {
    const file = capture('b.pcap', [['/orders', 200]]);
    const more = capture('c.pcap', [
      ['/orders', 200],
      ['/admin', 200],
    ]);
    const snapshot = join(sandbox.root, 'map.txt');
    const written = await sandbox.run(['map', '--pcap', file, '--snapshot', snapshot]);
    expect(written).toMatchObject({ status: 0, stdout: '' });
    expect(readFileSync(snapshot, 'utf8')).toContain(`${CLIENT}\t${SERVER}\tGET\t/orders\t0%\n`);
    expect((await sandbox.run(['map', '--pcap', file, '--diff', snapshot])).status).toBe(0);
    const news = await sandbox.run(['map', '--pcap', more, '--diff', snapshot]);
    expect(news.status).toBe(1);
    expect(news.stdout).toBe(`New endpoints:\n  ${CLIENT} → ${SERVER}  GET /admin\n`);
    const json = await sandbox.run(['map', '--pcap', more, '--diff', snapshot, '-o', 'json']);
    expect(JSON.parse(json.stdout).newEndpoints).toMatchObject([{ path: '/admin' }]);
    const filtered = await sandbox.run(['map', '--pcap', more, '--diff', snapshot, '-f', 'path != "/admin"']);
    expect(filtered.status).toBe(0);
  });

  test('wrong usage is told', async () => {
    const file = capture('d.pcap', [['/', 200]]);
    const run = async (...args: string[]) => await sandbox.run(['map', ...args]);
    expect(await run()).toMatchObject({ status: 2, stderr: expect.stringContaining('REMORA_TOKEN') });
    expect((await run('--pcap', file, '--diff', 'a', '--snapshot', 'b')).status).toBe(2);
    expect((await run('--pcap', file, '--diff', 'a', '-o', 'dot')).status).toBe(2);
    expect((await run('--objects', file)).status).toBe(2);
    expect((await run('--pcap', file, '-f', 'nonsense ==')).status).toBe(2);
    expect(await run('--pcap', file, '--diff', 'absent.txt')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('cannot read absent.txt'),
    });
  });
});

describe('of a hub', () => {
  const end = (name: string) => ({ ip: '10.0.0.1', port: 80, name, namespace: 'shop', workload: name });
  const row = (path: string, status: number) => ({
    ...{ src: end('web'), dst: end('orders'), method: 'GET', path, status, elapsedMs: 5 },
  });
  let server: Server;
  let url: string;
  beforeAll(async () => {
    server = createServer((request, response) => {
      const asked = new URL(request.url ?? '', 'http://hub');
      if (request.headers.authorization !== 'Bearer of-the-hub') return response.writeHead(401).end('{}');
      const isFirst = !asked.searchParams.has('before');
      const flows = isFirst ? [row('/orders/17?page=2', 200)] : [row('/orders/18', 500)];
      return response.end(JSON.stringify({ flows, next: isFirst ? 'x' : null, scanned: 1, partial: false }));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => void server.close());

  test('all pages are counted', async () => {
    const environment = { REMORA_TOKEN: 'of-the-hub' };
    const result = await sandbox.run(['map', '--url', url, '--since', '1h'], { environment });
    expect(result.stderr).toBe('');
    expect(result.stdout).toMatch(/shop\/web +shop\/orders +2 +50% .* 1\n/);
  });

  test('a wrong token, a wrong address, a hub that is not there', async () => {
    const run = (token: string, ...args: string[]) =>
      sandbox.run(['map', ...args], { environment: { REMORA_TOKEN: token } });
    expect(await run('wrong', '--url', url)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('does not take this token'),
    });
    expect((await run('wrong', '--url', 'localhost')).status).toBe(2);
    expect((await run('wrong', '--url', url, '--since', 'ever')).status).toBe(2);
    expect(await run('of-the-hub', '--url', 'http://127.0.0.1:1')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('no hub answers'),
    });
  });
});

describe.skipIf(!hasClusterCaptures)('of real captures of a cluster', () => {
  test('the same map each time, and nothing new to itself', async () => {
    for (const set of readCaptureSets().slice(0, 1)) {
      const snapshot = join(sandbox.root, `${set.name}.txt`);
      const objects = join(sandbox.root, `${set.name}.json`);
      writeFileSync(objects, kubectlObjects(set.truth, true));
      const args = ['map', '--objects', objects, '--pcap', ...(set.files[0]?.arguments ?? [])];
      expect((await sandbox.run([...args, '--snapshot', snapshot])).status).toBe(0);
      expect(readFileSync(snapshot, 'utf8').split('\n').length).toBeGreaterThan(3);
      const again = await sandbox.run([...args, '--diff', snapshot]);
      expect(again).toMatchObject({ status: 0, stdout: 'Nothing new, and nothing gone.\n' });
    }
  });
});
