/**
 * The worker's process. It tells its parent what happens in JSON lines on standard output:
 *
 *   {"event":"capturing","sources":["any"]}
 *   {"event":"progress","position":1048576,"size":73400320}      files, while they are read
 *   {"event":"connected"}                                         live: the hub takes what it has
 *   {"event":"disconnected","code":"…","message":"…"}             live: it does not; the worker tries again
 *   {"event":"cannot-capture","code":"…","message":"…"}           with --keep-trying: and does that
 *   {"event":"done","counters":{…}}                               ended as it should, or files are read
 *   {"event":"failed","code":"…","message":"…"}                   cannot go on; status 1
 *
 * A worker that has read its files and recorded their packets stays to give them, until it is told to end.
 *
 * Where something can be done about it, `remedy` says what.
 *
 * It logs to standard error, JSON too, and never a token or captured data.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import pino from 'pino';
import { toProblem } from '../flow/problem.ts';
import { parseArguments, USAGE, type WorkerArguments } from './arguments.ts';
import { openFileWorker } from './file-worker.ts';
import { startLiveWorker } from './live-worker.ts';
import type { ReplayFile } from './replay.ts';
import type { UplinkReport } from './uplink/uplink.ts';

/** How long the hub has to take what is left when the worker is told to end, ms. */
const GOODBYE_MS = 900;
/** The same in a cluster, where more time is given: a hub that is being replaced may be back by then. */
const CLUSTER_GOODBYE_MS = 5000;
/** The same when a file has been read: the hub may still be busy with it. */
const LAST_BATCHES_MS = 60_000;
const PROGRESS_MS = 200;

const log = pino(
  { name: 'worker', level: process.env['REMORA_LOG_LEVEL'] ?? 'info' },
  pino.destination({ fd: 2, sync: true }),
);
const argv = process.argv.slice(2);
if (argv.includes('--help')) process.stdout.write(`${USAGE}\n`);
else start(argv).catch(fail);

async function start(args: string[]): Promise<void> {
  const options = parseArguments(args);
  const token = process.env['REMORA_WORKER_TOKEN'] ?? '';
  if (options.source.kind === 'files') await runFiles(options, options.source.files, token);
  else {
    const sources = [options.source.interface];
    const goodbyeMs = options.keepTrying ? CLUSTER_GOODBYE_MS : GOODBYE_MS;
    const worker = startLiveWorker(options, options.source, token, log, {
      onCapture: (problem) => {
        if (problem === undefined) return tell({ event: 'capturing', sources });
        log.warn({ code: problem.code, remedy: problem.remedy }, problem.message);
        tell({ event: 'cannot-capture', ...toProblem(problem) });
      },
      onUplink: (problem) =>
        tell(
          problem === undefined ? { event: 'connected' } : { event: 'disconnected', ...toProblem(problem) },
        ),
      onEnd: fail,
    });
    whenTold(async () => end(await worker.close(goodbyeMs)));
  }
}

async function runFiles(options: WorkerArguments, files: ReplayFile[], token: string): Promise<void> {
  const worker = await openFileWorker(options, files, token, log, fail);
  whenTold(async () => end(await worker.close(GOODBYE_MS)));
  const { replay } = worker;
  tell({ event: 'capturing', sources: files.map(({ path }) => path) });
  const progress = setInterval(() => {
    tell({ event: 'progress', position: replay.position, size: replay.size });
  }, PROGRESS_MS);
  while (await worker.step()) await nextTurn();
  clearInterval(progress);
  const report = await worker.drain(LAST_BATCHES_MS);
  const [problem] = replay.problems;
  if (problem === undefined) tellEnd(report);
  else tellFailure(problem);
  if ((options.pipeline.recordBytes ?? 0) > 0) return;
  await worker.close(GOODBYE_MS);
  process.exit(problem === undefined ? 0 : 1);
}

/** Calls `stop` once, at a signal or when the parent has gone. A second signal ends the process at once. */
function whenTold(stop: () => Promise<void>): void {
  let stopping = false;
  const once = () => {
    if (stopping) return;
    stopping = true;
    stop().catch(fail);
  };
  process.once('SIGTERM', once);
  process.once('SIGINT', once);
  if (process.env['REMORA_PARENT_STDIN'] === '1') {
    process.stdin.once('close', once);
    process.stdin.resume();
  }
}

function end(report: UplinkReport): void {
  tellEnd(report);
  process.exit(0);
}

function tellEnd(report: UplinkReport): void {
  if (report.undeliveredFlows > 0) log.warn({ ...report }, 'The hub did not take everything in time.');
  tell({ event: 'done', counters: report });
}

function fail(error: unknown): void {
  tellFailure(error);
  process.exit(1);
}

function tellFailure(error: unknown): void {
  const { code = 'WORKER_FAILED', message, remedy } = error as Error & { code?: string; remedy?: string };
  if (!('code' in (error as object))) log.fatal({ err: error }, 'The worker failed.');
  tell({ event: 'failed', code, message, remedy });
}

function tell(event: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}
