import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Capture, type CaptureKind, captureFile } from './captures.ts';
import type { PipelineRun } from './measured/pipeline.ts';
import { median, medians } from './medians.ts';
import type { BenchOptions } from './options.ts';
import { PEERS, type Peer } from './peers.ts';
import { type Cost, isInstalled, runTimed } from './timed-program.ts';

/** Medians of all rounds. */
export interface OfflineResult {
  kind: string;
  what: string;
  /** That the capture was made of; with packets lost fewer can be read. */
  exchangesMade: number;
  exchanges: number;
  packets: number;
  exchangesPerSecond: number;
  packetsPerSecond: number;
  gigabitsPerSecond: number;
  /** What one core would do if it had nothing else to do: by CPU time, where the others are by elapsed time. */
  exchangesPerCpuSecond: number;
  cpuSecondsPerMillion: number;
  peakBytes: number;
  /** The whole process, its start included: to compare with peers. */
  process: Cost;
  peers: PeerResult[];
}

export interface PeerResult extends Partial<Cost> {
  name: string;
  /** How many times Remora's CPU and elapsed time it takes: the median of the ratios of each round. */
  cpuRatio?: number;
  wallRatio?: number;
  rounds: number;
  /** Why there is no figure. */
  missing?: string;
}

/** A peer that takes longer than this is run in the first round only. */
const SLOW_SECONDS = 90;
/** `--quick` leaves out nine exchanges of ten. */
const QUICK = 10;

const PIPELINE = fileURLToPath(new URL('./measured/pipeline.js', import.meta.url));

/** Remora and its peers on one capture, in turns, so that all suffer alike from what else the machine does. */
export async function benchOffline(
  kind: CaptureKind,
  { quick, rounds, captures }: BenchOptions,
  tell: (progress: string) => void,
): Promise<OfflineResult> {
  tell(`${kind.name}: the capture`);
  const capture = captureFile(kind, quick ? kind.exchanges / QUICK : kind.exchanges, captures);
  const runs: PipelineRun[] = [];
  const costs: Cost[] = [];
  const peers = PEERS.map((peer) => new PeerTimes(peer));
  for (let round = 1; round <= rounds; round++) {
    tell(`${kind.name}: round ${round} of ${rounds}`);
    const { stdout, ...cost } = await runTimed(
      { file: process.execPath, args: [PIPELINE, capture.path] },
      true,
    );
    runs.push(JSON.parse(stdout) as PipelineRun);
    costs.push(cost);
    for (const peer of peers) await peer.run(capture, cost);
  }
  const run = medians(runs);
  return {
    kind: kind.name,
    what: kind.what,
    exchangesMade: capture.exchanges,
    exchanges: run.exchanges,
    packets: run.packets,
    exchangesPerSecond: run.exchanges / run.seconds,
    packetsPerSecond: run.packets / run.seconds,
    gigabitsPerSecond: (run.bytes * 8) / run.seconds / 1e9,
    exchangesPerCpuSecond: run.exchanges / run.cpuSeconds,
    cpuSecondsPerMillion: (run.cpuSeconds / run.exchanges) * 1e6,
    peakBytes: run.peakBytes,
    process: medians(costs),
    peers: peers.map((peer) => peer.result()),
  };
}

class PeerTimes {
  private readonly peer: Peer;
  private readonly costs: Cost[] = [];
  private readonly ratios: Cost[] = [];
  private missing: string | undefined;

  constructor(peer: Peer) {
    this.peer = peer;
    if (!isInstalled(peer.name)) this.missing = 'not installed';
  }

  /** `own`: what Remora took for the same file in the same round. */
  async run(capture: Capture, own: Cost): Promise<void> {
    const isSlow = this.costs.length > 0 && this.costs[0].wallSeconds > SLOW_SECONDS;
    if (this.missing !== undefined || isSlow) return;
    const scratch = mkdtempSync(join(tmpdir(), 'remora-bench-peer-'));
    try {
      const { wallSeconds, cpuSeconds } = await runTimed(this.peer.command(capture.path, scratch), false);
      this.costs.push({ wallSeconds, cpuSeconds });
      this.ratios.push({
        wallSeconds: wallSeconds / own.wallSeconds,
        cpuSeconds: cpuSeconds / own.cpuSeconds,
      });
    } catch (error) {
      this.missing = (error as Error).message;
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  }

  result(): PeerResult {
    const { peer, costs, ratios, missing } = this;
    if (missing !== undefined) return { name: peer.name, rounds: costs.length, missing };
    return {
      name: peer.name,
      rounds: costs.length,
      ...medians(costs),
      cpuRatio: median(ratios.map(({ cpuSeconds }) => cpuSeconds)),
      wallRatio: median(ratios.map(({ wallSeconds }) => wallSeconds)),
    };
  }
}
