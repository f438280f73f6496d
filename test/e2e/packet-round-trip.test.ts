/**
 * Marked secrets in every place through recorder and export: no byte of the file, and nothing that can be read out of it, is of a secret;
 * and the file shows the same flows under the same names as the hub that wrote it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Flow } from '../../flow/flow.ts';
import { DEFAULT_MAX_BODY } from '../../worker/pipeline.ts';
import { Replay } from '../../worker/replay.ts';
import { list, pod, service, slice } from '../kubernetes/cluster.ts';
import { pcapFile, type TimedFrame } from '../packets/index.ts';
import { leaksOf, type Plants, plantSecrets } from './canary-plants.ts';
import { openSandbox, type Sandbox } from './cli-support.ts';
import { parseFlows, type RecordingHub, startRecordingHub } from './recording-hub.ts';

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
let recording: RecordingHub;
/** The exported file. */
let path: string;

beforeAll(async () => {
  sandbox = openSandbox();
  plants = plantSecrets();
  frames = plants.talks.flatMap(({ packets }) => repeated(packets));
  recording = await startRecordingHub(OBJECTS, { node1: frames }, plants.talks.length);
  expect(recording.live).toHaveLength(plants.talks.length);
  path = join(sandbox.root, 'exported.pcapng');
  writeFileSync(path, await recording.exported('pcapng'));
});

afterAll(async () => {
  await recording?.close();
  await sandbox?.close();
});

/** Every packet with a payload once more, as a sender does that waits for an acknowledgement. */
function repeated(packets: readonly TimedFrame[]): TimedFrame[] {
  const half = packets.length >> 1;
  const again = packets.slice(half - 2, half).map((one) => ({ ...one, time: packets[half]!.time }));
  return [...packets.slice(0, half), ...again, ...packets.slice(half)];
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
  const printed = parseFlows(stdout);
  const told = ({ time, src, dst, request, response, connection: _ }: Flow) => ({
    ...{ time, src, dst, method: request?.method, status: response?.status },
    sizes: [request?.bodySize, response?.bodySize],
  });
  expect(printed.map(told)).toEqual(recording.live.map(told));
  expect(printed[0]!.dst).toMatchObject({ name: 'cart', namespace: 'shop', service: 'cart' });
});
