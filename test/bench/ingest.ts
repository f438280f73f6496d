/**
 * How many flows a second the hub takes in: one process with the uplink of a worker on one side of a real WebSocket and ingest, SQLite and
 * roll-ups on the other. Making the records is not part of the time.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RecordWriter } from '../../flow/record.ts';
import { SqliteStore } from '../../hub/store/sqlite/sqlite-store.ts';
import { UPLINK_LIMITS } from '../../worker/uplink/limits.ts';
import { Uplink } from '../../worker/uplink/uplink.ts';
import { startIngest } from '../ingest-server.ts';
import { writeExchange } from '../records.ts';

export interface IngestResult {
  flows: number;
  seconds: number;
  flowsPerSecond: number;
  /** Of a record, and what the store takes for it. */
  bytesPerRecord: number;
  storedBytesPerFlow: number;
  /** CPU seconds of all threads, both ends of the socket, per million flows. */
  cpuSecondsPerMillion: number;
  /** Over all that was stored. */
  mapMs: number;
  /** The newest hundred. */
  pageMs: number;
}

const START = 1_700_000_000_000_000;

export async function benchIngest(flows = 300_000): Promise<IngestResult> {
  const dir = mkdtempSync(join(tmpdir(), 'remora-bench-'));
  const store = await SqliteStore.open({ dir, storageLimit: 8 * 2 ** 30 }, (warning) =>
    console.error(warning),
  );
  const server = await startIngest(store);
  const uplink = new Uplink({
    url: server.url,
    credentials: () => ({ token: 'bench' }),
    worker: { version: 'bench', node: 'node-a', mode: 'file', sources: ['bench'], limits: {} },
    status: () => ({ counters: {} }),
    onRefused: (refused) => {
      throw refused;
    },
    log: { info: () => {}, warn: () => {} },
  });
  try {
    const batches = makeBatches(flows);
    const cpu = process.cpuUsage();
    const start = performance.now();
    for (const { records, count } of batches) {
      await uplink.room();
      uplink.send(records, count);
    }
    const { undeliveredFlows } = await uplink.close(600_000);
    const seconds = (performance.now() - start) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    const stats = await store.stats();
    if (undeliveredFlows > 0 || stats.flows !== flows)
      throw new Error(`${stats.flows} of ${flows} flows were stored`);
    const bytes = batches.reduce((sum, { records }) => sum + records.length, 0);
    return {
      flows,
      seconds,
      flowsPerSecond: flows / seconds,
      bytesPerRecord: bytes / flows,
      storedBytesPerFlow: stats.bytes / flows,
      cpuSecondsPerMillion: (user + system) / flows,
      mapMs: await timed(() => store.map({ from: stats.oldest!, to: stats.newest! + 1, level: 'workload' })),
      pageMs: await timed(() => store.flows({ filter: '', limit: 100, budgetMs: 10_000 })),
    };
  } finally {
    await server.close();
    await store.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** A few dozen services that call each other; batches as large as a worker makes them. */
function makeBatches(flows: number): { records: Uint8Array<ArrayBuffer>; count: number }[] {
  const writer = new RecordWriter();
  const batches: { records: Uint8Array<ArrayBuffer>; count: number }[] = [];
  const responseBody = `{"items":"${'x'.repeat(330)}"}`;
  for (let i = 0; i < flows; i++) {
    writeExchange(writer, {
      time: START + i * 50,
      elapsed: 500 + ((i * 7919) % 100_000),
      target: `/api/v1/items/${i % 1000}?page=${i % 7}`,
      host: `service-${i % 37}.shop`,
      src: `10.244.1.${i % 29}`,
      dst: `10.244.2.${i % 37}`,
      srcPort: 20_000 + (i % 40_000),
      status: i % 50 === 0 ? 503 : 200,
      connection: i,
      requestSeq: 0x1000_0000 + i * 977,
      responseSeq: 0x2000_0000 + i * 1009,
      responseBody,
    });
    const { count } = writer;
    if (writer.committed >= UPLINK_LIMITS.batchBytes || i === flows - 1)
      batches.push({ records: writer.take(), count });
  }
  return batches;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
