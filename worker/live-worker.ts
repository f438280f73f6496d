import type { Logger } from 'pino';
import { VERSION } from '../flow/version.ts';
import type { LiveSource, WorkerArguments } from './arguments.ts';
import { captureFilter } from './capture/bpf.ts';
import { CaptureError } from './capture/error.ts';
import { openLive } from './capture/live.ts';
import type { LiveCapture } from './capture/source.ts';
import { Pipeline } from './pipeline.ts';
import { BatchBuilder } from './uplink/batch.ts';
import type { UplinkRefused } from './uplink/error.ts';
import { UPLINK_LIMITS } from './uplink/limits.ts';
import { Uplink, type UplinkReport } from './uplink/uplink.ts';
import { ownUsage } from './usage.ts';

/** How often timers run when no packets come, ms. */
const TICK_MS = 250;

export interface LiveWorker {
  /** Stops capturing, sends what is finished, hangs up. Takes at most `timeoutMs`. */
  close(timeoutMs: number): Promise<UplinkReport>;
}

/**
 * A worker on live traffic. Throws CaptureError where it may not capture, after the hub was told so as far as it
 * could be reached. `onEnd`: it cannot go on.
 */
export async function startLiveWorker(
  { hub, node, pipeline: options }: WorkerArguments,
  source: LiveSource,
  token: string,
  log: Logger,
  onEnd: (reason: CaptureError | UplinkRefused) => void,
): Promise<LiveWorker> {
  const pipeline = new Pipeline(options);
  let capture: LiveCapture | undefined;
  let problem: string | undefined;
  const uplink = new Uplink({
    url: hub,
    token,
    worker: {
      version: VERSION,
      node,
      mode: 'live',
      sources: [source.interface],
      limits: {
        ...pipeline.limits,
        ...UPLINK_LIMITS,
        snapLength: source.snapLength,
        bufferSize: source.bufferSize,
      },
    },
    status: () => {
      const { packets, ...drops } = capture?.stats() ?? { packets: 0 };
      const counters = { ...pipeline.counters(), ...drops, packetsCaptured: packets, ...ownUsage() };
      return problem === undefined ? { counters } : { counters, problem };
    },
    onRefused: onEnd,
    log,
  });
  const batches = new BatchBuilder(pipeline.records, uplink);
  const written = () => {
    if (pipeline.records.count > 0) batches.written();
  };
  try {
    capture = openLive({
      interface: source.interface,
      filter: captureFilter({ excludedPorts: [portOf(hub)], expression: source.bpf }),
      snapLength: source.snapLength,
      bufferSize: source.bufferSize,
      sink: (packet) => {
        pipeline.packet(packet);
        written();
      },
      onFailure: onEnd,
    });
  } catch (cause) {
    const error = withExpression(cause as CaptureError, source.bpf);
    problem = error.message;
    await uplink.close(0);
    throw error;
  }
  const ticks = setInterval(() => {
    pipeline.advance(Date.now() * 1000);
    written();
  }, TICK_MS);
  return {
    async close(timeoutMs) {
      clearInterval(ticks);
      capture?.close();
      pipeline.finish();
      batches.flush();
      return uplink.close(timeoutMs);
    },
  };
}

/** Of a filter that is not taken, what the user wrote is what can be wrong. */
function withExpression(error: CaptureError, bpf: string): CaptureError {
  if (error.code !== 'CAPTURE_BAD_FILTER') return error;
  const message = `${error.message}; correct --bpf '${bpf}' (see man pcap-filter)`;
  return new CaptureError(error.code, message, { cause: error });
}

/** The hub's port: what the worker sends there must not be captured, or it would send that too. */
function portOf(url: string): number {
  const { port, protocol } = new URL(url);
  return port === '' ? (protocol === 'wss:' ? 443 : 80) : Number(port);
}
