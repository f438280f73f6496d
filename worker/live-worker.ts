import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { toProblem } from '../flow/problem.ts';
import { VERSION } from '../flow/version.ts';
import type { LiveSource, WorkerArguments } from './arguments.ts';
import { captureFilter } from './capture/bpf.ts';
import { CaptureError } from './capture/error.ts';
import { openLive } from './capture/live.ts';
import { CAPTURE_RETRY, PersistentCapture } from './persistent-capture.ts';
import { Pipeline } from './pipeline.ts';
import { PacketAnswers } from './record/packet-answers.ts';
import { RecorderWatch } from './recorder-watch.ts';
import { createPolicy } from './redact/policy.ts';
import { TARGET_LIMITS, TargetSet } from './targets/target-set.ts';
import { BatchBuilder } from './uplink/batch.ts';
import { readCredentials } from './uplink/credentials.ts';
import type { UplinkError, UplinkRefused } from './uplink/error.ts';
import { UPLINK_LIMITS } from './uplink/limits.ts';
import { Uplink, type UplinkReport } from './uplink/uplink.ts';
import { ownUsage } from './usage.ts';

/** How often timers run when no packets come, ms. */
const TICK_MS = 250;

export interface LiveWorker {
  /** Stops capturing, sends what is finished, hangs up. Takes at most `timeoutMs`. */
  close(timeoutMs: number): Promise<UplinkReport>;
}

export interface LiveWorkerEvents {
  /** It captures now; or it cannot (any more) and tries again. */
  onCapture: (problem: CaptureError | undefined) => void;
  /** It is connected to the hub; or it is not (any more) and tries again. */
  onUplink: (problem: UplinkError | undefined) => void;
  /** It cannot go on. Never with `keepTrying`. */
  onEnd: (reason: CaptureError | UplinkRefused) => void;
}

/** A worker on live traffic. */
export function startLiveWorker(
  {
    hub,
    caFile,
    tokenFile,
    keepTrying,
    node,
    targetsFromHub,
    allowRawExport,
    pipeline: options,
  }: WorkerArguments,
  source: LiveSource,
  token: string,
  log: Logger,
  { onCapture, onUplink, onEnd }: LiveWorkerEvents,
): LiveWorker {
  const targets = targetsFromHub ? new TargetSet() : undefined;
  const pipeline = new Pipeline(options, targets);
  // Packets are masked even where flows are not: to take secrets away is a right of its own.
  const answers =
    pipeline.recorder &&
    new PacketAnswers(pipeline.recorder, createPolicy({ ...options.redact, enabled: true }), allowRawExport);
  const uplink = new Uplink({
    url: hub,
    credentials: () => readCredentials({ token, tokenFile, caFile }),
    session: pipeline.session,
    worker: {
      version: VERSION,
      node,
      mode: 'live',
      sources: [source.interface],
      limits: {
        ...pipeline.limits,
        ...UPLINK_LIMITS,
        ...CAPTURE_RETRY,
        ...TARGET_LIMITS,
        snapLength: source.snapLength,
        bufferSize: source.bufferSize,
      },
      targets: targetsFromHub,
    },
    status: () => {
      const { packets, ...drops } = capture.stats();
      const recordedSessions = pipeline.recorder?.earlierSessions ?? [];
      return {
        counters: { ...pipeline.counters(), ...drops, packetsCaptured: packets, ...ownUsage() },
        ...(capture.problem && { problem: toProblem(capture.problem) }),
        ...(recordedSessions.length > 0 && { recordedSessions }),
      };
    },
    onRefused: keepTrying ? undefined : onEnd,
    onTargets: targets && ((message) => targets.apply(message)),
    onPackets: answers && ((message) => answers.answer(message)),
    onChange: (problem) => {
      answers?.forget();
      onUplink(problem);
    },
    log,
  });
  const batches = new BatchBuilder(pipeline.records, uplink);
  const written = () => {
    if (pipeline.records.count > 0) batches.written();
  };
  const capture = new PersistentCapture({
    open: (onFailure) => {
      try {
        return openLive({
          interface: source.interface,
          filter: captureFilter({ excludedPorts: [portOf(hub)], expression: source.bpf }),
          snapLength: source.snapLength,
          bufferSize: source.bufferSize,
          sink: (packet) => {
            pipeline.packet(packet);
            written();
          },
          onFailure,
        });
      } catch (error) {
        throw withExpression(error as CaptureError, source.bpf);
      }
    },
    onChange: (problem) => (problem === undefined || keepTrying ? onCapture(problem) : onEnd(problem)),
  });
  const watch = pipeline.recorder && new RecorderWatch(pipeline.recorder, log);
  const ticks = setInterval(() => {
    pipeline.advance(Date.now() * 1000);
    watch?.look();
    written();
  }, TICK_MS);
  return {
    async close(timeoutMs) {
      clearInterval(ticks);
      capture.close();
      pipeline.finish();
      batches.flush();
      // A disk that takes longer leaves files that are cut off: the next worker knows them as such.
      const recorded = Promise.race([pipeline.close(), delay(timeoutMs, undefined, { ref: false })]);
      const [report] = await Promise.all([uplink.close(timeoutMs), recorded]);
      return report;
    },
  };
}

/** Of a filter that is not taken, what the user wrote is what can be wrong. */
function withExpression(error: CaptureError, bpf: string): CaptureError {
  if (error.code !== 'CAPTURE_BAD_FILTER') return error;
  const remedy = `Correct --bpf '${bpf}' (see man pcap-filter).`;
  return new CaptureError(error.code, error.message, { cause: error, remedy });
}

/** The hub's port: what the worker sends there must not be captured, or it would send that too. */
function portOf(url: string): number {
  const { port, protocol } = new URL(url);
  return port === '' ? (protocol === 'wss:' ? 443 : 80) : Number(port);
}
