/**
 * The canary test: marked secrets in every place and body kind, plain and compressed, cut by segments and
 * chunks, in both directions, through the real programs; then everything that came out is searched.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Flow } from '../../flow/flow.ts';
import { pcapFile } from '../packets/index.ts';
import { leaksOf, type Plants, plantSecrets } from './canary-plants.ts';
import { openSandbox, type Result, type Sandbox, sleep } from './cli-support.ts';

let sandbox: Sandbox;
let plants: Plants;
let file: string;

beforeAll(() => {
  sandbox = openSandbox();
  plants = plantSecrets();
  file = join(sandbox.root, 'plants.pcap');
  writeFileSync(file, pcapFile(plants.talks.flatMap((talk) => talk.packets)));
});
afterAll(() => sandbox.close());

const leaks = (bytes: Buffer | string) => leaksOf(plants, bytes);

function everyFile(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

describe('a capture file printed', () => {
  let json: Result;

  beforeAll(async () => {
    json = await sandbox.run(['tap', '--pcap', file, '-o', 'json', '--verbose']);
  });

  test('the test can fail: with redaction off the secrets are there', async () => {
    const shown = await sandbox.run([
      'tap',
      '--pcap',
      file,
      '-o',
      'json',
      '--no-redact',
      '--yes-show-secrets',
    ]);
    expect(leaks(shown.stdout).length).toBeGreaterThan(plants.secrets.length * 0.9);
  });

  test('no secret in NDJSON, text or logs', async () => {
    const text = await sandbox.run(['tap', '--pcap', file, '-o', 'text', '--verbose']);
    expect(json.status).toBe(0);
    expect(text.status).toBe(0);
    for (const output of [json.stdout, json.stderr, text.stdout, text.stderr])
      expect(leaks(output)).toEqual([]);
  });

  test('what is no secret is intact', () => {
    expect(plants.kept.filter((kept) => !json.stdout.includes(kept))).toEqual([]);
  });

  test('every exchange is there, and JSON stays JSON', () => {
    const flows = json.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Flow);
    expect(flows).toHaveLength(plants.talks.length);
    let parsed = 0;
    for (const { request, response } of flows) {
      for (const body of [request?.body, response?.body]) {
        if (!body?.mime.endsWith('json') || body.text === undefined) continue;
        for (const line of body.text.trim().split('\n')) JSON.parse(line);
        parsed++;
      }
    }
    expect(parsed).toBeGreaterThan(100);
  });
});

test('a capture file in the hub: no secret in any file, frame, answer or log', async () => {
  const dataDir = join(sandbox.root, 'data');
  const tap = sandbox.start([
    'tap',
    '--pcap',
    file,
    '--no-open',
    '--port',
    '0',
    '--data-dir',
    dataDir,
    '--verbose',
  ]);
  const [, origin, token] = await tap.wrote('stdout', /(http:\/\/[^/]+)\/\?token=(\S+)/);
  const headers = { authorization: `Bearer ${token}` };
  const frames: string[] = [];
  const live = new WebSocket(`${origin.replace('http', 'ws')}/api/v1/live`, { headers });
  live.on('open', () => live.send(JSON.stringify({ type: 'subscribe', stream: 'flows', full: true })));
  live.on('message', (data) => {
    frames.push(String(data));
    live.send(JSON.stringify({ type: 'next' }));
  });

  const get = async (path: string) => await (await fetch(`${origin}/api/v1/${path}`, { headers })).text();
  const deadline = Date.now() + 60_000;
  let stored = '';
  while (Date.now() < deadline && stored.trimEnd().split('\n').length < plants.talks.length) {
    await sleep(200);
    stored = await get('flows.ndjson');
  }
  expect(stored.trimEnd().split('\n')).toHaveLength(plants.talks.length);
  expect(plants.kept.filter((kept) => !stored.includes(kept))).toEqual([]);
  const first = (JSON.parse(stored.slice(0, stored.indexOf('\n'))) as Flow).id;
  const answers = [
    stored,
    await get('flows?limit=1000'),
    await get(`flows/${first}`),
    await get('map'),
    await get('health'),
  ];
  for (const answer of [...answers, ...frames]) expect(leaks(answer)).toEqual([]);

  // While it runs: the write-ahead log is there.
  const searched = everyFile(dataDir);
  expect(searched.some((name) => name.endsWith('-wal'))).toBe(true);
  for (const name of searched) expect(leaks(readFileSync(name)), name).toEqual([]);
  live.terminate();
  tap.child.kill('SIGINT');
  const { stdout, stderr } = await tap.ended;
  for (const output of [stdout, stderr]) expect(leaks(output)).toEqual([]);
  for (const name of everyFile(sandbox.root))
    if (name !== file) expect(leaks(readFileSync(name)), name).toEqual([]);
});
