/**
 * The hub is killed with -9 again and again while a worker streams to it. Afterwards every flow is there exactly once,
 * and the map has counted each once.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { RecordWriter } from '../../flow/record.ts';
import { SqliteStore } from '../../hub/store/sqlite/sqlite-store.ts';
import { Uplink } from '../../worker/uplink/uplink.ts';
import { writeExchange } from '../records.ts';

const KILLS = 5;
const BATCH = 100;
const T = 1_700_000_000_000_000;
const HUB = fileURLToPath(new URL('./hub-process.ts', import.meta.url));

const dir = mkdtempSync(join(tmpdir(), 'remora-kill-'));
let hub: ChildProcess | undefined;

afterEach(() => {
  hub?.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true });
});

async function startHub(port: string): Promise<string> {
  hub = spawn(process.execPath, ['--import', 'tsx', HUB, dir, port], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: hub.stdout! })) return line;
  throw new Error('The hub ended before it listened.');
}

async function killHub(): Promise<void> {
  const exit = once(hub!, 'exit');
  hub!.kill('SIGKILL');
  await exit;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test('a hub killed in mid-load loses no flow and doubles none', async () => {
  const port = await startHub('0');
  const uplink = new Uplink({
    url: `ws://127.0.0.1:${port}/worker`,
    credentials: () => ({ token: 'any' }),
    worker: { version: 'test', node: 'n1', mode: 'file', sources: ['made up'], limits: {} },
    status: () => ({ counters: {} }),
    onRefused: (refused) => {
      throw refused;
    },
    log: { info: () => {}, warn: () => {} },
  });

  let written = 0;
  let streaming = true;
  const stream = (async () => {
    const writer = new RecordWriter();
    while (streaming) {
      await uplink.room();
      for (let i = 0; i < BATCH; i++, written++) {
        writeExchange(writer, {
          // Out of order, as answers end: every tenth a second earlier.
          time: T + written * 100 - (written % 10 === 0 ? 1e6 : 0),
          connection: written,
          requestSeq: 0x1000_0000 + written * 977,
          responseBody: 'x'.repeat(300),
        });
      }
      uplink.send(writer.take(), BATCH);
      await pause(5);
    }
  })();

  for (let kill = 0; kill < KILLS; kill++) {
    // Never at the same point of a commit.
    await pause(300 + 137 * kill);
    await killHub();
    await startHub(port);
  }
  await pause(500);
  streaming = false;
  await stream;
  const report = await uplink.close(60_000);
  expect(report).toEqual({ undeliveredBatches: 0, undeliveredFlows: 0, droppedFlows: 0 });
  await killHub();

  const store = await SqliteStore.open({ dir, storageLimit: 2 ** 30 }, () => {});
  try {
    expect((await store.stats()).flows).toBe(written);
    const connections = new Set<string>();
    let before: string | null | undefined;
    while (before !== null) {
      const page = await store.fullFlows({
        filter: '',
        limit: 5000,
        budgetMs: 60_000,
        ...(before !== undefined && { before }),
      });
      for (const flow of page.flows) connections.add(flow.connection);
      before = page.next;
    }
    expect(connections.size).toBe(written);
    const map = await store.map({ from: T - 60e6, to: T + 3600e6, level: 'workload' });
    expect(map.edges.reduce((sum, edge) => sum + edge.count, 0)).toBe(written);
    expect(await store.lastBatch(uplink.session)).toBe(written / BATCH);
  } finally {
    await store.close();
  }
}, 240_000);
