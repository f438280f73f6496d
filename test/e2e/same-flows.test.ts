/** An exported capture, read again: the same flows under the same names as the hub showed that wrote it. Several nodes, and a service mesh. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Flow, Hop } from '../../flow/flow.ts';
import { openFileWorker } from '../../worker/file-worker.ts';
import { DEFAULT_MAX_BODY } from '../../worker/pipeline.ts';
import { list, pod, service, slice } from '../kubernetes/cluster.ts';
import { TWO_NODES } from '../kubernetes/two-nodes.ts';
import { Conversation, type ConversationOptions, type TimedFrame } from '../packets/index.ts';
import { openSandbox, type Sandbox } from './cli-support.ts';
import { startHub, WORKER_TOKEN } from './hub-api-support.ts';
import { flowsOf, parseFlows, type RecordingHub, startRecordingHub } from './recording-hub.ts';

const TIME = 1_704_067_200_000_000;
const OBJECTS = list(
  ...TWO_NODES,
  // The same pod once more.
  service('old-cart', '10.9.0.30'),
  slice('old-cart', ['10.1.2.7']),
  // Its pods are not known.
  service('orders', '10.9.0.20'),
  pod('client6', 'fd00:1::5', { node: 'node1' }),
  pod('cart6', 'fd00:2::7', { node: 'node2' }),
);

interface Seen extends ConversationOptions {
  fields?: string;
  /** Default 1. */
  requests?: number;
  /** Until the answer, µs; default 0. */
  takes?: number;
  unanswered?: boolean;
}

/** A connection as one interface shows it; `number` is the same wherever it is seen. */
function seen(
  path: string,
  number: number,
  { fields = '', requests = 1, takes = 0, unanswered, ...options }: Seen,
) {
  const seqs = {
    clientSeq: (0x5100_0000 + number * 0x10_0000) | 0,
    serverSeq: (0x6200_0000 + number * 0x10_0000) | 0,
  };
  const talk = new Conversation({ ...seqs, time: TIME + number * 20_000, ...options }).handshake();
  for (let n = 1; n <= requests; n++) {
    talk.client.send(`GET ${path}?n=${n} HTTP/1.1\r\nHost: anything\r\n${fields}\r\n`);
    talk.wait(takes);
    if (unanswered !== true) talk.server.send(`HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok`);
  }
  return talk.close().packets;
}

const later = (number: number, by: number) => ({ time: TIME + number * 20_000 + by });
const CART = { serverAddress: '10.1.2.7', serverPort: 8080 };
const CLIENT = { clientAddress: '10.1.1.5', clientPort: 40_001 };
const CLIENT6 = { clientAddress: 'fd00:1::5', serverAddress: 'fd00:2::7', serverPort: 8080 };
const SERVICE = { serverAddress: '10.9.0.10', serverPort: 80 };
const FROM_INGRESS = { clientAddress: '192.0.2.9', clientPort: 5001 };
const TO_NODE = { serverAddress: '10.0.0.1', serverPort: 30_080 };

/** The three ways of one request over sidecars; the server's pod is captured on another node, whose clock is slow. */
function mesh(path: string, number: number, fields: string, slow: number): [TimedFrame[], TimedFrame[]] {
  const outbound = { serverAddress: '127.0.0.1', serverPort: 15_001, takes: 5000 };
  const inbound = { ...CART, clientAddress: '127.0.0.6', clientPort: 9003, takes: 1000 };
  return [
    [
      ...seen(path, number, { ...CLIENT, ...outbound, fields }),
      ...seen(path, number + 1, { ...CLIENT, ...CART, ...later(number, 500), takes: 3000, fields }),
    ],
    seen(path, number + 2, { ...inbound, ...later(number, 1000 - slow), fields }),
  ];
}

const tracked = mesh('/tracked', 60, 'X-Request-Id: r1\r\n', 400_000);
const untracked = mesh('/untracked', 70, '', 0).flat();
const CAPTURES: Record<string, TimedFrame[][]> = {
  node1: [
    seen('/service', 1, { ...CLIENT, ...SERVICE, requests: 3, step: 200 }),
    seen('/node-port', 5, { ...FROM_INGRESS, ...TO_NODE, requests: 2, step: 200 }),
    seen('/orders', 9, { ...CLIENT, serverAddress: '10.9.0.20' }),
    seen('/old', 12, { ...CLIENT, serverAddress: '10.9.0.30' }),
    seen('/old', 12, { ...CLIENT, ...CART, ...later(12, 50), step: 50 }),
    seen('/unanswered', 10, { ...CLIENT, ...CART, unanswered: true }),
    seen('/ipv6', 11, { ...CLIENT6, step: 200 }),
    tracked[0],
    untracked,
  ],
  node2: [
    seen('/service', 1, { ...CLIENT, ...CART, ...later(1, 80), requests: 3, step: 50 }),
    seen('/node-port', 5, {
      ...{ clientAddress: '10.0.0.1', clientPort: 6001 },
      ...{ ...CART, ...later(5, 80), requests: 2, step: 50 },
    }),
    seen('/ipv6', 11, { ...CLIENT6, ...later(11, 80), step: 50 }),
    // The newest of all: the pod is told as a client first, which is of no service.
    seen('/onward', 80, { clientAddress: CART.serverAddress, serverAddress: '10.9.0.20' }),
    tracked[1],
  ],
};
const FLOWS = 12;

let sandbox: Sandbox;
let recording: RecordingHub;
beforeAll(async () => {
  sandbox = openSandbox();
  const captures = Object.entries(CAPTURES).map(([name, connections]) => [
    name,
    connections.flat().sort((a, b) => a.time - b.time),
  ]);
  recording = await startRecordingHub(OBJECTS, Object.fromEntries(captures), FLOWS);
  writeFileSync(join(sandbox.root, 'exported.pcapng'), await recording.exported('pcapng'));
});
afterAll(async () => {
  await recording?.close();
  await sandbox?.close();
});

/** What a file can tell of a flow: two nodes' clocks and what only one of them timed are not in it. */
function told({ time, src, dst, request, response, completeness, hops }: Flow) {
  return {
    ...{ time, src, dst, completeness, hops: hops?.map(toldOfHop) },
    ...{ method: request?.method, target: request?.target, status: response?.status },
  };
}
const toldOfHop = ({ time, src, dst, status }: Hop) => ({ time, status, from: end(src), to: end(dst) });
/** Loopback is told by no name: it is another machine on each node. */
const end = ({ ip, port, pod }: Flow['src']) => ({ ip, port, pod });

test('the test can fail: live there are flows with hops, and flows whose two ends no packet has', () => {
  expect(recording.live).toHaveLength(FLOWS);
  const flowsTo = (path: string) => recording.live.filter(({ request }) => request?.path === path);
  expect(flowsTo('/tracked')).toMatchObject([{ hops: [{}, {}, {}], src: { pod: 'client' } }]);
  expect(flowsTo('/untracked')).toMatchObject([{ hops: [{}, {}, {}] }]);
  expect(flowsTo('/old')).toMatchObject([{ dst: { pod: 'cart-6cb689644c-x2x2x', service: 'old-cart' } }]);
  expect(flowsTo('/node-port')).toMatchObject(
    [1, 2].map(() => ({ src: { ip: '192.0.2.9', port: 5001 }, dst: { ip: '10.1.2.7', service: 'cart' } })),
  );
});

test('printed', async () => {
  const { status, stdout } = await sandbox.run(['tap', '--pcap', 'exported.pcapng', '-o', 'json']);
  expect(status).toBe(0);
  expect(parseFlows(stdout).map(told)).toEqual(recording.live.map(told));
});

test('in the page', async () => {
  const hub = await startHub({ mode: 'file' });
  const worker = await openFileWorker(
    {
      hub: `ws://127.0.0.1:${hub.port}/worker`,
      ...{ caFile: undefined, tokenFile: undefined, keepTrying: false, node: 'n', targetsFromHub: false },
      ...{ allowRawExport: false, source: { kind: 'files', files: [] } },
      pipeline: { maxBody: DEFAULT_MAX_BODY, redact: { enabled: true, fields: [], keep: [] } },
    },
    [{ path: join(sandbox.root, 'exported.pcapng'), node: 'n' }],
    WORKER_TOKEN,
    pino({ level: 'silent' }),
    () => {},
  );
  try {
    while (await worker.step());
    await worker.drain(10_000);
    const shown = await vi.waitUntil(() => flowsOf(hub, FLOWS), { timeout: 10_000 });
    expect(shown.map(told)).toEqual(recording.live.map(told));
  } finally {
    await worker.close(100);
    await hub.close();
  }
});
