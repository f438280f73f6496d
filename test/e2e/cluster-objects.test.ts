/** `remora tap --pcap … --objects FILE`: a small cluster of our own making, through the real programs. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Flow } from '../../flow/flow.ts';
import { list } from '../kubernetes/cluster.ts';
import { TWO_NODES } from '../kubernetes/two-nodes.ts';
import { Conversation, type ConversationOptions, pcapFile, type TimedFrame } from '../packets/index.ts';
import { openSandbox, type Sandbox } from './cli-support.ts';

const TIME = 1_704_067_200_000_000;

const OBJECTS = list(...TWO_NODES);

/** One request on a connection of its own, as one interface shows it. */
function seen(path: string, number: number, options: ConversationOptions): TimedFrame[] {
  const seqs = {
    clientSeq: (0x5100_0000 + number * 0x10_0000) | 0,
    serverSeq: (0x6200_0000 + number * 0x10_0000) | 0,
  };
  const talk = new Conversation({ ...seqs, time: TIME + number * 10_000, ...options }).handshake();
  talk.client.send(`GET ${path} HTTP/1.1\r\nHost: anything\r\n\r\n`);
  talk.server.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
  return talk.close().packets;
}

const later = (number: number, by: number) => ({ time: TIME + number * 10_000 + by });
const POD = { serverAddress: '10.1.2.7', serverPort: 8080 };
const FROM_POD = { clientAddress: '10.1.1.5', clientPort: 40_001 };
const NODE1 = [
  seen('/cluster-ip', 1, { ...FROM_POD, serverAddress: '10.9.0.10', serverPort: 80, step: 200 }),
  seen('/cluster-ip', 1, { ...FROM_POD, ...POD, ...later(1, 50) }),
  seen('/node-port', 2, {
    clientAddress: '192.0.2.9',
    clientPort: 5001,
    serverAddress: '10.0.0.1',
    serverPort: 30_080,
    step: 200,
  }),
  seen('/node-port', 2, { clientAddress: '10.0.0.1', clientPort: 6001, ...POD, ...later(2, 50) }),
];
const NODE2 = [
  seen('/cluster-ip', 1, { ...FROM_POD, ...POD, ...later(1, 80), step: 50 }),
  seen('/node-port', 2, { clientAddress: '10.0.0.1', clientPort: 6001, ...POD, ...later(2, 80), step: 50 }),
  seen('/hairpin', 3, {
    clientAddress: '10.1.2.7',
    clientPort: 7001,
    serverAddress: '10.9.0.10',
    serverPort: 80,
    step: 200,
  }),
  seen('/hairpin', 3, { clientAddress: '10.1.2.1', clientPort: 8001, ...POD, ...later(3, 50) }),
];

let sandbox: Sandbox;
beforeAll(() => {
  sandbox = openSandbox();
  for (const [name, connections] of Object.entries({ 'one.pcap': NODE1, 'two.pcap': NODE2 })) {
    const packets = connections.flat().sort((a, b) => a.time - b.time);
    writeFileSync(join(sandbox.root, name), pcapFile(packets));
  }
  writeFileSync(join(sandbox.root, 'objects.json'), OBJECTS);
});
afterAll(() => sandbox.close());

const FILES = ['--pcap', 'node1=one.pcap', 'node2=two.pcap', '--objects', 'objects.json'];
const SERVER = { ip: '10.1.2.7', port: 8080, pod: 'cart-6cb689644c-x2x2x', node: 'node2' };
const CART = { ...SERVER, name: 'cart', namespace: 'shop', workload: 'cart', service: 'cart' };
const EXPECTED = [
  {
    request: { path: '/cluster-ip' },
    src: { ip: '10.1.1.5', port: 40_001, pod: 'client', node: 'node1' },
    dst: CART,
  },
  { request: { path: '/node-port' }, src: { ip: '192.0.2.9', port: 5001, name: '192.0.2.9' }, dst: CART },
  {
    request: { path: '/hairpin' },
    src: { ip: '10.1.2.7', port: 7001, name: 'cart', workload: 'cart' },
    dst: CART,
  },
];

const byPath = (a: Flow, b: Flow) => order(a) - order(b);
const order = ({ request }: Flow) => EXPECTED.findIndex((one) => one.request.path === request?.path);

test('-o json: every exchange once, with the names of both ends and the time at each of them', async () => {
  const { status, stdout, stderr } = await sandbox.run(['tap', ...FILES, '-o', 'json']);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const flows = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Flow);
  expect(flows.sort(byPath)).toMatchObject(EXPECTED);
  expect(flows[0].timing).toMatchObject({ serverMs: 0.05, clientMs: 0.2, networkMs: 0.15 });
});

test('-o ui: the hub stores the same', async () => {
  const tap = sandbox.start(['tap', '--port', '0', '--no-open', ...FILES]);
  const [, base, token] = await tap.wrote('stdout', /(http:\/\/\S+)\/\?token=(\S+)/);
  await tap.wrote('stderr', /All is read/);
  const get = async (path: string) =>
    (await (
      await fetch(`${base}/api/v1/${path}`, { headers: { authorization: `Bearer ${token}` } })
    ).json()) as {
      flows: { id: string }[];
    } & Flow;
  const rows = (await get('flows?limit=100')).flows;
  const flows = await Promise.all(rows.map(({ id }) => get(`flows/${id}`)));
  tap.child.kill('SIGINT');
  await tap.ended;
  expect(flows.sort(byPath)).toMatchObject(EXPECTED);
  expect(flows[0].timing).toMatchObject({ serverMs: 0.05, clientMs: 0.2, networkMs: 0.15 });
});

test('over the sidecars of a service mesh: one exchange from pod to pod, its ways inside', async () => {
  const bears = (path: string, number: number, options: ConversationOptions) =>
    seen(`${path} HTTP/1.1\r\nX-Request-Id: r1\r\nVia:`, number, options);
  const ways = [
    bears('/mesh', 4, {
      clientAddress: '10.1.1.5',
      clientPort: 9001,
      serverAddress: '127.0.0.1',
      serverPort: 15_001,
      step: 900,
    }),
    bears('/mesh', 5, { clientAddress: '10.1.1.5', clientPort: 9002, ...POD, ...later(4, 500), step: 600 }),
    bears('/mesh', 6, { clientAddress: '127.0.0.6', clientPort: 9003, ...POD, ...later(4, 800), step: 300 }),
  ];
  const packets = ways.flat().sort((a, b) => a.time - b.time);
  writeFileSync(join(sandbox.root, 'mesh.pcap'), pcapFile(packets));
  const files = ['--pcap', 'pods=mesh.pcap', '--objects', 'objects.json'];
  const { status, stdout } = await sandbox.run(['tap', ...files, '-o', 'json']);
  expect(status).toBe(0);
  const [flow, ...others] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Flow);
  expect(others).toEqual([]);
  expect(flow).toMatchObject({
    ...{ src: { pod: 'client', port: 9002 }, dst: CART, request: { path: '/mesh' } },
    hops: [
      { dst: { port: 15_001 } },
      { src: { port: 9002 } },
      { src: { ip: '127.0.0.6' }, dst: { pod: CART.pod } },
    ],
  });
});

describe('what cannot be used is said in one line', () => {
  test.each([
    ['no file', 'missing.json', 1, /missing\.json: no such file\. Make the file with: kubectl get pods,svc/],
    ['a folder', '.', 1, /cannot be read \(EISDIR\)/],
    ['no JSON', 'one.pcap', 1, /one\.pcap cannot be used: it is not JSON.*kubectl get/],
    ['no objects', 'empty.json', 1, /empty\.json cannot be used: it has no pods.*kubectl get/],
  ])('%s', async (_, file, expected, message) => {
    writeFileSync(join(sandbox.root, 'empty.json'), '{"kind":"List","items":[]}');
    const { status, stdout, stderr } = await sandbox.run([
      'tap',
      '--pcap',
      'one.pcap',
      '--objects',
      file,
      '-o',
      'json',
    ]);
    expect({ status, stdout }).toEqual({ status: expected, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  test('with the page too', async () => {
    const { status, stderr } = await sandbox.run([
      'tap',
      '--port',
      '0',
      '--no-open',
      '--pcap',
      'one.pcap',
      '--objects',
      'missing.json',
    ]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/missing\.json: no such file\. Make the file with: kubectl get/);
  });

  test('without capture files it is wrong usage', async () => {
    const { status, stderr } = await sandbox.run([
      'tap',
      '--local',
      '--objects',
      'objects.json',
      '-o',
      'json',
    ]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/--objects has a meaning only with --pcap/);
  });
});

test('what another program writes: UTF-16 with a byte order mark', async () => {
  writeFileSync(join(sandbox.root, 'utf16.json'), Buffer.from(`\ufeff${OBJECTS}`, 'utf16le'));
  writeFileSync(join(sandbox.root, 'utf8.json'), Buffer.from(`\ufeff${OBJECTS}`));
  for (const objects of ['utf16.json', 'utf8.json']) {
    const { stdout } = await sandbox.run([
      'tap',
      '--pcap',
      'node1=one.pcap',
      '--objects',
      objects,
      '-o',
      'json',
    ]);
    expect(stdout).toContain('"pod":"client"');
  }
});
