/** `remora tap --pcap`: capture files to lines and to the page. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Flow } from '../../flow/flow.ts';
import { Conversation, pcapFile, type TimedFrame } from '../packets/index.ts';
import { alive, descendants, MAIN, openSandbox, type Sandbox, sleep } from './cli-support.ts';

const EXCHANGES = 300;

/** Requests `/0`, `/1`, ... on keep-alive connections; every third one answered with 404. */
function shop(options: ConstructorParameters<typeof Conversation>[0] = {}): TimedFrame[] {
  const talk = new Conversation({ clientSeq: 0x51000000, serverSeq: 0x62000000, ...options }).handshake();
  for (let i = 0; i < EXCHANGES; i++) {
    talk.client.send(`GET /${i}?token=hush HTTP/1.1\r\nHost: shop\r\n\r\n`);
    const body = JSON.stringify({ item: i, password: 'hush', text: 'x'.repeat(300) });
    const status = i % 3 === 0 ? '404 Not Found' : '200 OK';
    talk.server.send(
      `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
  }
  return talk.close().packets;
}

let sandbox: Sandbox;
let whole: Buffer;
beforeAll(() => {
  sandbox = openSandbox();
  whole = Buffer.from(pcapFile(shop()));
  writeFileSync(join(sandbox.root, 'shop.pcap'), whole);
});
afterAll(() => sandbox.close());

const flowsOf = (stdout: string): Flow[] =>
  stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
const paths = (stdout: string) => flowsOf(stdout).map((flow) => flow.request?.path);
const expected = Array.from({ length: EXCHANGES }, (_, i) => `/${i}`);

describe('-o json', () => {
  test('prints every flow as a line of JSON, and nothing else anywhere', async () => {
    const { status, stdout, stderr } = await sandbox.run(['tap', '--pcap', 'shop.pcap', '-o', 'json']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(paths(stdout)).toEqual(expected);
    expect(stdout.endsWith('}\n')).toBe(true);
    expect(flowsOf(stdout)[1]).toMatchObject({
      time: expect.stringMatching(/^2024-01-01T00:00:00\.\d{6}Z$/),
      node: 'shop.pcap',
      src: { ip: '10.0.0.1', port: 40000 },
      dst: { ip: '10.0.0.2', port: 80, name: 'shop' },
      request: { method: 'GET', query: { token: '[REDACTED]' } },
      response: { status: 200, body: { mime: 'application/json' } },
      completeness: ['complete'],
    });
    expect(stdout).not.toContain('hush');
  });

  test('--no-redact with its confirmation keeps what was sent', async () => {
    const args = ['tap', '--pcap', 'shop.pcap', '-o', 'json', '--no-redact', '--yes-show-secrets'];
    expect((await sandbox.run(args)).stdout).toContain('"password":"hush"'.replaceAll('"', '\\"'));
  });

  test('--redact-field, --redact-keep and --max-body reach the redactor', async () => {
    const args = ['tap', '--pcap', 'shop.pcap', '-o', 'json', '-f', 'path == "/1"', '--redact-field', 'text'];
    const [redacted] = flowsOf((await sandbox.run(args)).stdout);
    expect(JSON.parse(redacted!.response!.body!.text!)).toMatchObject({ item: 1, text: '[REDACTED]' });
    const [kept] = flowsOf((await sandbox.run([...args, '--redact-keep', 'token'])).stdout);
    expect(kept!.request!.query).toEqual({ token: 'hush' });
    const [short] = flowsOf((await sandbox.run([...args, '--max-body', '100'])).stdout);
    expect(short!.response!.body!.truncated).toBeGreaterThan(200);
  });

  test('--filter leaves out what does not match', async () => {
    const args = ['tap', '--pcap', 'shop.pcap', '-o', 'json', '-f', 'status_code == 404 && path != "/0"'];
    const { stdout } = await sandbox.run(args);
    expect(paths(stdout)).toEqual(expected.filter((_, i) => i % 3 === 0 && i > 0));
  });

  test('reads gzip, and standard input', async () => {
    const { status, stdout } = await sandbox.run(['tap', '--pcap', '-', '-o', 'json'], {
      input: gzipSync(whole),
    });
    expect(status).toBe(0);
    expect(paths(stdout)).toEqual(expected);
    expect(flowsOf(stdout)[0]?.node).toBe('stdin');
  });

  test('a reader that has enough ends it quietly with status 0', async () => {
    const pipe = `"${process.execPath}" "${MAIN}" tap --pcap shop.pcap -o json | head -1; echo "\${PIPESTATUS[0]}"`;
    const shell = spawn('bash', ['-c', pipe], { cwd: sandbox.root, env: sandbox.environment });
    let [stdout, stderr] = ['', ''];
    shell.stdout.on('data', (text) => {
      stdout += text;
    });
    shell.stderr.on('data', (text) => {
      stderr += text;
    });
    await once(shell, 'close');
    const [line, status] = stdout.trim().split('\n');
    expect(JSON.parse(line!)).toMatchObject({ request: { path: '/0' } });
    expect({ status, stderr }).toEqual({ status: '0', stderr: '' });
  });
});

describe('-o text', () => {
  test('prints an aligned line a flow', async () => {
    const { status, stdout, stderr } = await sandbox.run(['tap', '--pcap', 'shop.pcap', '-o', 'text']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const lines = stdout.trim().split('\n');
    expect(lines).toHaveLength(EXCHANGES);
    expect(new Set(lines.map((line) => line.indexOf('GET'))).size).toBe(1);
    expect(lines[3]).toMatch(
      /^2024\S+Z {2}10\.0\.0\.1:40000 +→ shop:80 +GET +shop\/3 +404 +\d+ B +\S+ ms +redacted:2$/,
    );
  });
});

describe('damage', () => {
  test('a file that is cut off gives what is before, then one line that says where', async () => {
    const cut = Math.floor(whole.length / 2);
    writeFileSync(join(sandbox.root, 'cut.pcap'), whole.subarray(0, cut));
    const { status, stdout, stderr } = await sandbox.run(['tap', '--pcap', 'cut.pcap', '-o', 'json']);
    expect(status).toBe(1);
    const read = paths(stdout);
    expect(read.length).toBeGreaterThan(EXCHANGES / 3);
    expect(read).toEqual(expected.slice(0, read.length));
    expect(stderr).toMatch(new RegExp(`^error: cut\\.pcap .*byte ${cut}.*\n$`));
  });

  test('what is no capture is refused in one line', async () => {
    writeFileSync(join(sandbox.root, 'notes.txt'), 'these are no packets');
    const { status, stdout, stderr } = await sandbox.run(['tap', '--pcap', 'notes.txt', '-o', 'text']);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^error: notes\.txt is not a capture.*\n$/);
  });

  test('damage to one of several files leaves the others whole', async () => {
    writeFileSync(join(sandbox.root, 'half.pcap'), whole.subarray(0, 5000));
    const other = Buffer.from(
      pcapFile(shop({ clientPort: 50000, clientSeq: 0x31000000, serverSeq: 0x41000000 })),
    );
    writeFileSync(join(sandbox.root, 'other.pcap'), other);
    const { status, stdout } = await sandbox.run(['tap', '--pcap', 'half.pcap', 'other.pcap', '-o', 'json']);
    expect(status).toBe(1);
    expect(flowsOf(stdout).filter(({ src }) => src.port === 50000)).toHaveLength(EXCHANGES);
  });
});

describe('files of several nodes', () => {
  test('an exchange seen on both nodes, with its destination translated in between, is one flow', async () => {
    // The client's node sees the service's address, the server's node the pod's, 300 µs later.
    const time = 1_704_067_200_000_000;
    writeFileSync(join(sandbox.root, 'a.pcap'), pcapFile(shop({ serverAddress: '10.96.0.7', time })));
    writeFileSync(
      join(sandbox.root, 'b.pcap'),
      pcapFile(shop({ serverAddress: '10.0.0.2', time: time + 300 })),
    );
    const { status, stdout } = await sandbox.run(['tap', '--pcap', 'one=a.pcap', 'two=b.pcap', '-o', 'json']);
    expect(status).toBe(0);
    expect(paths(stdout).toSorted()).toEqual(expected.toSorted());
    const destinations = new Set(flowsOf(stdout).map(({ src, dst }) => `${src.ip} ${dst.ip}`));
    expect(destinations).toEqual(new Set(['10.0.0.1 10.0.0.2']));
  });

  test('one capture cut into two files of the same node is one again', async () => {
    const packets = shop();
    const [first, second] = [packets.slice(0, 301), packets.slice(301)];
    writeFileSync(join(sandbox.root, 'x0.pcap'), pcapFile(first));
    writeFileSync(join(sandbox.root, 'x1.pcap'), pcapFile(second));
    const { stdout } = await sandbox.run(['tap', '--pcap', 'n=x1.pcap', 'n=x0.pcap', '-o', 'json']);
    expect(paths(stdout)).toEqual(expected);
    expect(flowsOf(stdout).every(({ completeness }) => completeness.join() === 'complete')).toBe(true);
  });
});

test('Ctrl-C while it waits for standard input ends it with status 130', async () => {
  const tap = sandbox.start(['tap', '--pcap', '-', '-o', 'json']);
  tap.child.stdin.write(whole.subarray(0, whole.length / 2));
  await tap.wrote('stdout', /"\/9"/);
  const at = performance.now();
  tap.child.kill('SIGINT');
  expect(await tap.ended).toMatchObject({ status: 130, stderr: '' });
  expect(performance.now() - at).toBeLessThan(5000);
});

describe('-o ui', () => {
  test.each([
    ['a file', ['shop.pcap'], undefined],
    ['standard input', ['-'], true],
  ])('serves the flows of %s until Ctrl-C, then leaves nothing behind', async (_what, files, useStdin) => {
    const tap = sandbox.start(['tap', '--port', '0', '--pcap', ...files]);
    if (useStdin) tap.child.stdin.end(whole);
    const [, base, token] = await tap.wrote('stdout', /(http:\/\/\S+)\/\?token=(\S+)/);
    await tap.wrote('stderr', /All is read/);

    const ask = async (path: string) =>
      await fetch(`${base}${path}`, { headers: { authorization: `Bearer ${token}` } }).then((answer) =>
        answer.json(),
      );
    const { flows } = (await ask('/api/v1/flows?limit=1000')) as { flows: { path: string }[] };
    expect(flows).toHaveLength(EXCHANGES);
    expect(await ask('/api/v1/health')).toMatchObject({ mode: 'file' });
    expect((await fetch(`${base}/api/v1/flows`)).status).toBe(401);

    // The worker stays to give the packets it has recorded.
    const authorized = { headers: { authorization: `Bearer ${token}` } };
    const answer = await fetch(`${base}/api/v1/flows.pcapng`, authorized);
    const exported = Buffer.from(await answer.arrayBuffer()).toString('latin1');
    for (const path of expected) expect(exported).toContain(`GET ${path}?token=**** HTTP/1.1`);
    expect(exported).not.toContain('hush');

    const children = descendants(tap.pid);
    expect(children).toHaveLength(2);
    tap.child.kill('SIGINT');
    expect((await tap.ended).status).toBe(130);
    await sleep(50);
    expect(children.filter(alive)).toEqual([]);
    expect(readdirSync(sandbox.root).filter((name) => name.startsWith('remora-'))).toEqual([]);
  });

  test('the address takes the filter into the page, and leaves the token behind', async () => {
    const tap = sandbox.start(['tap', '--port', '0', '--pcap', 'shop.pcap', '-f', 'status_code == 404']);
    const [, address] = await tap.wrote('stdout', /(http:\S+)/);
    const { status, headers } = await fetch(address!, { redirect: 'manual' });
    expect({ status, location: headers.get('location') }).toEqual({
      status: 303,
      location: '/?filter=status_code+%3D%3D+404',
    });
    tap.child.kill('SIGINT');
    await tap.ended;
  });

  test('a damaged file is shown up to the damage, and the damage is told', async () => {
    writeFileSync(join(sandbox.root, 'torn.pcap'), whole.subarray(0, whole.length / 2));
    const tap = sandbox.start(['tap', '--port', '0', '--pcap', 'torn.pcap']);
    const [, base, token] = await tap.wrote('stdout', /(http:\/\/\S+)\/\?token=(\S+)/);
    await tap.wrote('stderr', /error: torn\.pcap .*byte \d+.*What was read before is in the page/);
    const answer = await fetch(`${base}/api/v1/flows?limit=1000`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const { flows } = (await answer.json()) as { flows: unknown[] };
    expect(flows.length).toBeGreaterThan(EXCHANGES / 3);
    tap.child.kill('SIGINT');
    await tap.ended;
  });

  test('what is no capture ends it with status 1', async () => {
    writeFileSync(join(sandbox.root, 'words.txt'), 'these are no packets');
    const { status, stderr } = await sandbox.run(['tap', '--port', '0', '--pcap', 'words.txt']);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^error: words\.txt is not a capture.*\n$/);
  });
});
