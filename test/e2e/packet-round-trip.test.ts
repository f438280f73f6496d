/**
 * Marked secrets in every place through recorder and export: no byte of the file, and nothing that can be read out of it, is of a secret;
 * and the file shows the same flows under the same names as the hub that wrote it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Flow } from '../../flow/flow.ts';
import { identityOf } from '../../hub/cluster/objects-file.ts';
import { parseObjects } from '../../hub/cluster/read-objects.ts';
import { Packet } from '../../worker/packet/packet.ts';
import { DEFAULT_MAX_BODY, Pipeline } from '../../worker/pipeline.ts';
import { PacketAnswers } from '../../worker/record/packet-answers.ts';
import { createPolicy } from '../../worker/redact/policy.ts';
import { Replay } from '../../worker/replay.ts';
import { Uplink } from '../../worker/uplink/uplink.ts';
import { list, pod, service, slice } from '../kubernetes/cluster.ts';
import { load, pcapFile, type TimedFrame } from '../packets/index.ts';
import { leaksOf, type Plants, plantSecrets } from './canary-plants.ts';
import { openSandbox, type Sandbox } from './cli-support.ts';
import { BEARER, startHub, type TestHub, WORKER_TOKEN } from './hub-api-support.ts';

const OBJECTS = list(
  pod('client', '10.0.0.1', { node: 'node1' }),
  pod('cart-6cb689644c-x2x2x', '10.0.0.2', {
    ...{ node: 'node2', labels: { 'pod-template-hash': '6cb689644c' } },
    owner: ['ReplicaSet', 'cart-6cb689644c'],
  }),
  service('cart', '10.9.0.10', { ports: [{ port: 80, targetPort: 80 }] }),
  slice('cart', ['10.0.0.2'], { port: 80 }),
);

let sandbox: Sandbox;
let plants: Plants;
let frames: TimedFrame[];
let hub: TestHub;
let uplink: Uplink;
let live: Flow[];
/** The exported file. */
let path: string;

beforeAll(async () => {
  sandbox = openSandbox();
  plants = plantSecrets();
  frames = plants.talks.flatMap(({ packets }) => repeated(packets));
  hub = await startHub({ identity: identityOf(parseObjects(OBJECTS)) });
  const redact = { enabled: true, fields: [], keep: [] };
  const pipeline = new Pipeline({ maxBody: DEFAULT_MAX_BODY, redact, recordBytes: 64 * 1024 * 1024 });
  const answers = new PacketAnswers(pipeline.recorder!, createPolicy({ enabled: true }));
  uplink = new Uplink({
    url: `ws://127.0.0.1:${hub.port}/worker`,
    credentials: () => ({ token: WORKER_TOKEN }),
    worker: { version: '1', node: 'node1', mode: 'live', sources: ['any'], limits: { ...pipeline.limits } },
    status: () => ({ counters: {} }),
    onPackets: (message) => answers.answer(message),
    log: { info: () => {}, warn: () => {} },
  });
  const packet = new Packet();
  for (const frame of frames) pipeline.packet(load(packet, frame));
  pipeline.finish();
  uplink.send(pipeline.records.written, pipeline.records.count);
  await vi.waitFor(
    async () => {
      live = await flowsOf(hub);
      expect(live).toHaveLength(plants.talks.length);
    },
    { timeout: 30_000, interval: 300 },
  );
  path = join(sandbox.root, 'exported.pcapng');
  const answer = await fetch(`http://127.0.0.1:${hub.port}/api/v1/flows.pcapng`, { headers: BEARER });
  writeFileSync(path, Buffer.from(await answer.arrayBuffer()));
});

afterAll(async () => {
  await uplink?.close(100);
  await hub?.close();
  await sandbox?.close();
});

/** Every packet with a payload once more, as a sender does that waits for an acknowledgement. */
function repeated(packets: readonly TimedFrame[]): TimedFrame[] {
  const half = packets.length >> 1;
  const again = packets.slice(half - 2, half).map((one) => ({ ...one, time: packets[half]!.time }));
  return [...packets.slice(0, half), ...again, ...packets.slice(half)];
}

async function flowsOf({ get }: TestHub): Promise<Flow[]> {
  const { text } = await get('/api/v1/flows.ndjson');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

/** All that can be read out of a capture file, with nothing redacted: streams put together, bodies decoded. */
async function readUnredacted(file: string): Promise<string> {
  const redact = { enabled: false, fields: [], keep: [] };
  const replay = await Replay.open([{ path: file, node: 'n' }], { maxBody: DEFAULT_MAX_BODY, redact });
  let text = '';
  const take = (_node: string, records: Uint8Array) => {
    text += Buffer.from(records).toString('latin1');
  };
  while (await replay.step(take));
  await replay.close();
  expect(replay.problems).toEqual([]);
  return text;
}

test('the test can fail: in what was captured the secrets are there', async () => {
  const captured = join(sandbox.root, 'captured.pcap');
  writeFileSync(captured, pcapFile(frames));
  expect(leaksOf(plants, await readUnredacted(captured)).length).toBeGreaterThan(plants.secrets.length * 0.9);
});

test('no secret in any byte of the file, nor in anything that can be read out of it', async () => {
  expect(leaksOf(plants, readFileSync(path))).toEqual([]);
  const text = await readUnredacted(path);
  expect(leaksOf(plants, text)).toEqual([]);
  // What is not compressed and no secret is there.
  expect(plants.kept.filter((kept) => text.includes(kept)).length).toBeGreaterThan(plants.kept.length * 0.25);
});

test('printed from the file the flows are the same, under the same names', async () => {
  const { stdout, status } = await sandbox.run(['tap', '--pcap', path, '-o', 'json']);
  expect(status).toBe(0);
  const printed = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Flow);
  const told = ({ time, src, dst, request, response, connection: _ }: Flow) => ({
    ...{ time, src, dst, method: request?.method, status: response?.status },
    sizes: [request?.bodySize, response?.bodySize],
  });
  const byTime = (a: Flow, b: Flow) => a.time.localeCompare(b.time);
  expect(printed.toSorted(byTime).map(told)).toEqual(live.toSorted(byTime).map(told));
  expect(printed[0]!.dst).toMatchObject({ name: 'cart', namespace: 'shop', service: 'cart' });
});
