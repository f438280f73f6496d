/**
 * A process of its own, in a network namespace of its own where that can be had: a web server under full load on
 * loopback, a worker that captures it, a hub that stores it. Argument: seconds. It writes a `LiveResult` to standard
 * output, or `{ "missing": why }`.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Health } from '../../../flow/api.ts';
import { Helper, Program } from './program.ts';

export interface LiveResult {
  seconds: number;
  /** That the server answered, and what the hub has stored of it. */
  served: number;
  stored: number;
  servedPerSecond: number;
  packets: number;
  kernelDrops: number;
  interfaceDrops: number;
  /** Packets that the worker left unread, and flows that it could not hand on. */
  overloadDrops: number;
  spoolDroppedFlows: number;
  workerCpuSecondsPerMillion: number;
  hubCpuSecondsPerMillion: number;
  workerPeakBytes: number;
}

const CONNECTIONS = 64;
const STORAGE_LIMIT = '16Gi';
/** The store is taken to have everything when it has not grown for so long, ms. */
const SETTLED_MS = 2500;
const ASK_EVERY_MS = 500;

const seconds = Number(process.argv[2]);
const folder = mkdtempSync(join(tmpdir(), 'remora-bench-live-'));
const token = randomBytes(16).toString('hex');
const workerToken = randomBytes(16).toString('hex');
const started: { stop(): Promise<void> }[] = [];
try {
  process.stdout.write(JSON.stringify(await run()));
} finally {
  for (const program of started.reverse()) await program.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function run(): Promise<LiveResult | { missing: string }> {
  const hub = keep(
    new Program(
      'hub/main',
      ['--listen', '127.0.0.1:0', '--data-dir', folder, '--storage-limit', STORAGE_LIMIT, '--mode', 'local'],
      { REMORA_TOKEN: token, REMORA_WORKER_TOKEN: workerToken },
    ),
  );
  const hubPort = Number((await hub.event())['port']);
  const server = keep(new Helper('test/bench/live/server', []));
  const port = await server.hear('port');
  const worker = keep(
    new Program(
      'worker/main',
      [
        '--hub',
        `ws://127.0.0.1:${hubPort}/worker`,
        '--node',
        'bench',
        '--interface',
        'any',
        '--bpf',
        `tcp port ${port}`,
      ],
      { REMORA_WORKER_TOKEN: workerToken },
    ),
  );
  const { event, message } = await worker.event();
  if (event !== 'capturing') return { missing: String(message) };
  await settled(hubPort);

  const workerCpu = worker.cpuSeconds();
  const hubCpu = hub.cpuSeconds();
  const load = keep(new Helper('test/bench/live/load', [port, CONNECTIONS, seconds].map(String)));
  await load.hear('answered');
  const { hub: store, workers } = await settled(hubPort);
  server.ask();
  const served = await server.hear('served');
  const { counters } = workers[0];
  const perMillion = 1e6 / served;
  return {
    seconds,
    served,
    stored: store.flows,
    servedPerSecond: served / seconds,
    packets: counters['packetsCaptured'],
    kernelDrops: counters['kernelDrops'],
    interfaceDrops: counters['interfaceDrops'],
    overloadDrops: counters['overloadDrops'],
    spoolDroppedFlows: counters['spoolDroppedFlows'],
    workerCpuSecondsPerMillion: (worker.cpuSeconds() - workerCpu) * perMillion,
    hubCpuSecondsPerMillion: (hub.cpuSeconds() - hubCpu) * perMillion,
    workerPeakBytes: worker.peakBytes(),
  };
}

function keep<T extends { stop(): Promise<void> }>(program: T): T {
  started.push(program);
  return program;
}

/** The hub's report once a worker is there and nothing more comes from it. */
async function settled(port: number): Promise<Health> {
  let flows = -1;
  for (let quiet = 0; ; quiet += ASK_EVERY_MS) {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/health`, {
      headers: { authorization: `Bearer ${token}` },
    });
    if (!response.ok) throw new Error(`the hub answered ${response.status}: ${await response.text()}`);
    const health = (await response.json()) as Health;
    if (health.hub.flows !== flows || health.workers.length === 0) quiet = 0;
    if (quiet >= SETTLED_MS) return health;
    flows = health.hub.flows;
    await sleep(ASK_EVERY_MS);
  }
}
