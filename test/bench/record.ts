import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CAPTURE_KINDS, captureFile } from './captures.ts';
import type { RecordRun } from './measured/record.ts';
import { median } from './medians.ts';
import type { BenchOptions } from './options.ts';

/** What recording packets costs, and how fast they are exported. */
export interface RecordResult {
  place: 'nowhere' | 'memory' | 'disk';
  packets: number;
  recordedPackets: number;
  shedPackets: number;
  /** CPU time a packet, µs: of the thread of the packets, and of all threads. The least of all rounds. */
  pathMicroseconds: number;
  cpuMicroseconds: number;
  /** As `pathMicroseconds`, of the second half of the packets. */
  laterPathMicroseconds: number;
  peakBytes: number;
  /** Medians; of recorded packets with their headers. */
  exportedPerSecond: number;
  exportedPerCpuSecond: number;
}

const MiB = 2 ** 20;
const KIND = 'small';
const QUICK = 10;
const PROGRAM = fileURLToPath(new URL('./measured/record.js', import.meta.url));

const run = promisify(execFile);

/** The same capture with its packets recorded nowhere, in memory and on a disk, in turns: what else the machine does hits all alike. */
export async function benchRecord(
  { quick, rounds, captures }: BenchOptions,
  tell: (progress: string) => void,
): Promise<RecordResult[]> {
  const kind = CAPTURE_KINDS.find(({ name }) => name === KIND)!;
  tell('record: the capture');
  const { path } = captureFile(kind, quick ? kind.exchanges / QUICK : kind.exchanges, captures);
  const scratch = mkdtempSync(join(tmpdir(), 'remora-bench-record-'));
  const places = [
    { place: 'nowhere', args: ['0'] },
    { place: 'memory', args: [String(128 * MiB)] },
    { place: 'disk', args: [String(512 * MiB), scratch] },
  ] as const;
  const runs = places.map((): RecordRun[] => []);
  try {
    for (let round = 1; round <= rounds; round++) {
      for (const [i, { place, args }] of places.entries()) {
        tell(`record: ${place}, round ${round} of ${rounds}`);
        const { stdout } = await run(process.execPath, [PROGRAM, path, ...args]);
        runs[i].push(JSON.parse(stdout));
      }
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return places.map(({ place }, i) => resultOf(place, runs[i]));
}

function resultOf(place: RecordResult['place'], runs: readonly RecordRun[]): RecordResult {
  const [{ packets, recordedPackets }] = runs;
  const least = (of: (run: RecordRun) => number) => Math.min(...runs.map(of));
  return {
    place,
    packets,
    recordedPackets,
    shedPackets: Math.max(...runs.map((run) => run.shedPackets)),
    pathMicroseconds: (least((run) => run.pathCpuSeconds) / packets) * 1e6,
    cpuMicroseconds: (least((run) => run.cpuSeconds) / packets) * 1e6,
    laterPathMicroseconds: least((run) => run.laterPathCpuSeconds / run.laterPackets) * 1e6,
    peakBytes: median(runs.map((run) => run.peakBytes)),
    exportedPerSecond: median(runs.map((run) => run.exportedBytes / run.exportSeconds)),
    exportedPerCpuSecond: median(runs.map((run) => run.exportedBytes / run.exportCpuSeconds)),
  };
}
