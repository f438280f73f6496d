import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CAPTURE_KINDS, captureFile } from './captures.ts';
import type { Pair, RecordRun } from './measured/record.ts';
import { median, quartiles } from './medians.ts';
import type { BenchOptions } from './options.ts';

/** What recording packets costs, and how fast they are exported. */
export interface RecordResult {
  place: 'memory' | 'disk';
  packets: number;
  recordedPackets: number;
  shedPackets: number;
  /** Once all room for packets had been used, and before that, when memory is touched for the first time. */
  later: RecordCost;
  first: RecordCost;
  /** Medians; of recorded packets with their headers. */
  exportedPerSecond: number;
  exportedPerCpuSecond: number;
}

/** Of pairs of turns with the same packets, one that is recorded and one that is not: medians. */
export interface RecordCost {
  pairs: number;
  /** Elapsed, a packet. */
  plainMicroseconds: number;
  recordedMicroseconds: number;
  /** By how much recording makes it longer, 0.1: a tenth. Half of all pairs are between the quartiles. */
  costs: number;
  quartiles: [number, number];
  /** The same by CPU time of the thread of the packets; and CPU time of all threads, µs a packet more. */
  pathCpuCosts: number;
  cpuMicroseconds: number;
}

const MiB = 2 ** 20;
const KIND = 'small';
/** Used up before half of the packets: what costs more the first time is told apart. */
const ROOM = 128 * MiB;
const QUICK = 10;
/** Of each place in a round: what recording costs differs from one process to the next by as much as it is. */
const PROCESSES = 3;
const PROGRAM = fileURLToPath(new URL('./measured/record.js', import.meta.url));

const run = promisify(execFile);

/** The same capture with its packets recorded in memory and on a disk; within a process turns that record and turns that do not take turns. */
export async function benchRecord(
  { quick, rounds, captures }: BenchOptions,
  tell: (progress: string) => void,
): Promise<RecordResult[]> {
  const kind = CAPTURE_KINDS.find(({ name }) => name === KIND)!;
  tell('record: the capture');
  const { path } = captureFile(kind, quick ? kind.exchanges / QUICK : kind.exchanges, captures);
  const scratch = mkdtempSync(join(tmpdir(), 'remora-bench-record-'));
  const places = [
    { place: 'memory', args: [] },
    { place: 'disk', args: [scratch] },
  ] as const;
  const runs = places.map((): RecordRun[] => []);
  try {
    for (let round = 1; round <= rounds; round++) {
      for (const [i, { place, args }] of places.entries()) {
        tell(`record: ${place}, round ${round} of ${rounds}`);
        for (let n = 0; n < PROCESSES; n++) {
          const { stdout } = await run(process.execPath, [PROGRAM, path, String(ROOM), ...args]);
          runs[i].push(JSON.parse(stdout));
        }
      }
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return places.map(({ place }, i) => resultOf(place, runs[i]));
}

function resultOf(place: RecordResult['place'], runs: readonly RecordRun[]): RecordResult {
  const [{ packets, recordedPackets }] = runs;
  const pairs = runs.flatMap((run) => run.pairs);
  return {
    place,
    packets,
    recordedPackets,
    shedPackets: Math.max(...runs.map((run) => run.shedPackets)),
    later: costOf(pairs.filter(({ isRoomUsed }) => isRoomUsed)),
    first: costOf(pairs.filter(({ isRoomUsed }) => !isRoomUsed)),
    exportedPerSecond: median(runs.map((run) => run.exportedBytes / run.exportSeconds)),
    exportedPerCpuSecond: median(runs.map((run) => run.exportedBytes / run.exportCpuSeconds)),
  };
}

function costOf(pairs: readonly Pair[]): RecordCost {
  const each = (of: (pair: Pair) => number) => pairs.map(of);
  const microseconds = (of: (pair: Pair) => number) =>
    median(each((pair) => (of(pair) / pair.packets) * 1e6));
  const costs = each(({ plain, recorded }) => recorded.seconds / plain.seconds - 1);
  return {
    pairs: pairs.length,
    plainMicroseconds: microseconds(({ plain }) => plain.seconds),
    recordedMicroseconds: microseconds(({ recorded }) => recorded.seconds),
    costs: median(costs),
    quartiles: quartiles(costs),
    pathCpuCosts: median(each(({ plain, recorded }) => recorded.pathCpuSeconds / plain.pathCpuSeconds - 1)),
    cpuMicroseconds: microseconds(({ plain, recorded }) => recorded.cpuSeconds - plain.cpuSeconds),
  };
}
