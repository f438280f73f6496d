/** The bench itself, as built: `run.ts` starts it. Progress goes to standard error, results to standard output. */

import { spawnSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { CAPTURE_KINDS } from './captures.ts';
import type { HistoryResult } from './history/history.ts';
import type { IdentityResult } from './identity.ts';
import type { IngestResult } from './ingest.ts';
import { benchLive } from './live/live.ts';
import type { MapResult } from './map.ts';
import { benchOffline } from './offline.ts';
import { type BenchOptions, readOptions, USAGE } from './options.ts';
import { benchPage } from './page.ts';
import { benchRecord } from './record.ts';
import { report } from './report.ts';
import type { BenchResults } from './results.ts';
import { PLACE } from './timed-program.ts';

const INGEST = fileURLToPath(new URL('./measured/ingest.js', import.meta.url));
const HISTORY = fileURLToPath(new URL('./measured/history.js', import.meta.url));
const MAP = fileURLToPath(new URL('./measured/map.js', import.meta.url));
const IDENTITY = fileURLToPath(new URL('./measured/identity.js', import.meta.url));
const PODS = 150_000;
const QUICK_PODS = 20_000;
const INGEST_FLOWS = 300_000;
const QUICK_INGEST_FLOWS = 50_000;
const MAP_FLOWS = 600_000;
const QUICK_MAP_FLOWS = 60_000;

let options: BenchOptions;
try {
  options = readOptions(process.argv.slice(2));
} catch (error) {
  console.error(`${(error as Error).message}\n${USAGE}`);
  process.exit(2);
}
const results = await bench(options);
process.stdout.write(options.json ? `${JSON.stringify(results, null, 2)}\n` : report(results));

async function bench(options: BenchOptions): Promise<BenchResults> {
  const { parts, quick, liveSeconds } = options;
  const results: BenchResults = {
    machine: {
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      node: process.version,
      load: loadavg()[0],
      place: PLACE,
    },
    offline: [],
  };
  for (const kind of CAPTURE_KINDS.filter(({ name }) => parts.includes(name)))
    results.offline.push(await benchOffline(kind, options, tell));
  if (parts.includes('record')) results.record = await benchRecord(options, tell);
  if (parts.includes('live')) {
    tell(`live: ${liveSeconds} s`);
    results.live = await benchLive(liveSeconds);
  }
  if (parts.includes('ingest')) {
    const flows = quick ? QUICK_INGEST_FLOWS : INGEST_FLOWS;
    tell(`ingest: ${flows} flows`);
    results.ingest = measure<IngestResult>('ingest', [INGEST, String(flows)]);
  }
  if (parts.includes('history')) {
    tell(`history: ${options.flows} flows`);
    results.history = measure<HistoryResult>('history', [HISTORY, String(options.flows)]);
  }
  if (parts.includes('map')) {
    const flows = quick ? QUICK_MAP_FLOWS : MAP_FLOWS;
    tell(`map: ${flows} flows`);
    results.map = measure<MapResult>('map', [MAP, String(flows)]);
  }
  if (parts.includes('page')) {
    tell('page');
    results.page = await benchPage();
  }
  if (parts.includes('identity')) {
    const pods = quick ? QUICK_PODS : PODS;
    tell(`identity: ${pods} pods`);
    results.identity = measure<IdentityResult>('identity', ['--expose-gc', IDENTITY, String(pods)]);
  }
  return results;
}

/** What a program that measures writes. */
function measure<T>(part: string, args: string[]): T {
  const { status, stdout } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error(`the ${part} bench failed`);
  return JSON.parse(stdout) as T;
}

function tell(progress: string): void {
  console.error(progress);
}
