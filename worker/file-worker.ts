import type { Logger } from 'pino';
import type { Problem } from '../flow/problem.ts';
import { VERSION } from '../flow/version.ts';
import type { WorkerArguments } from './arguments.ts';
import { CaptureError } from './capture/error.ts';
import { PacketAnswers } from './record/packet-answers.ts';
import { createPolicy } from './redact/policy.ts';
import { Replay, type ReplayFile } from './replay.ts';
import { readCredentials } from './uplink/credentials.ts';
import type { UplinkRefused } from './uplink/error.ts';
import { UPLINK_LIMITS } from './uplink/limits.ts';
import { Uplink, type UplinkReport } from './uplink/uplink.ts';
import { ownUsage } from './usage.ts';

export interface FileWorker {
  readonly replay: Replay;
  /** Reads on and sends; at the pace of the hub, so that nothing is dropped. False: all is read. Rejects with UplinkRefused. */
  step(): Promise<boolean>;
  /** All is read: waits until the hub has everything, at most `timeoutMs`. From then on it only gives packets that it has recorded. */
  drain(timeoutMs: number): Promise<UplinkReport>;
  /** Drains, and hangs up. */
  close(timeoutMs: number): Promise<UplinkReport>;
}

/** A worker on capture files: to the hub it is one worker for each node that the files are of. Rejects with CaptureError. */
export async function openFileWorker(
  { hub, caFile, tokenFile, allowRawExport, pipeline: options }: WorkerArguments,
  files: ReplayFile[],
  token: string,
  log: Logger,
  onRefused: (refused: UplinkRefused) => void,
): Promise<FileWorker> {
  const replay = await Replay.open(files, options);
  const uplinks = new Map<string, Uplink>();
  let done = false;
  for (const [node, pipeline] of replay.pipelines) {
    const answers =
      pipeline.recorder &&
      new PacketAnswers(
        pipeline.recorder,
        createPolicy({ ...options.redact, enabled: true }),
        allowRawExport,
      );
    const uplink = new Uplink({
      url: hub,
      credentials: () => readCredentials({ token, tokenFile, caFile }),
      session: pipeline.session,
      worker: {
        version: VERSION,
        node,
        mode: 'file',
        sources: files.filter((file) => file.node === node).map(({ path }) => path),
        limits: { ...pipeline.limits, ...UPLINK_LIMITS },
      },
      status: () => ({
        counters: { ...pipeline.counters(), ...replay.counters(node), ...ownUsage() },
        ...(replay.size ? { progress: Math.min(1, replay.position / replay.size) } : {}),
        ...problemOf(replay.problems),
        ...(done ? { done } : {}),
      }),
      onRefused,
      onPackets: answers && ((message) => answers.answer(message)),
      onChange: () => answers?.forget(),
      log,
    });
    uplinks.set(node, uplink);
  }
  const tell = () => {
    const told = replay.takeTold();
    for (const uplink of uplinks.values()) uplink.tell(told);
  };
  return {
    replay,
    async step() {
      const more = await replay.step((node, records, count) => {
        tell();
        uplinks.get(node)?.send(records, count);
      });
      tell();
      for (const uplink of uplinks.values()) await uplink.room();
      return more;
    },
    async drain(timeoutMs) {
      done = true;
      return sumOf(await Promise.all([...uplinks.values()].map((uplink) => uplink.drain(timeoutMs))));
    },
    async close(timeoutMs) {
      done = true;
      const reports = await Promise.all([...uplinks.values()].map((uplink) => uplink.close(timeoutMs)));
      await replay.close();
      return sumOf(reports);
    },
  };
}

function sumOf(reports: readonly UplinkReport[]): UplinkReport {
  return reports.reduce((sum, report) => ({
    undeliveredBatches: sum.undeliveredBatches + report.undeliveredBatches,
    undeliveredFlows: sum.undeliveredFlows + report.undeliveredFlows,
    droppedFlows: sum.droppedFlows + report.droppedFlows,
  }));
}

function problemOf(problems: readonly Error[]): { problem?: Problem } {
  const [first] = problems;
  if (first === undefined) return {};
  const code = first instanceof CaptureError ? first.code : 'CAPTURE_FAILED';
  return { problem: { code, message: problems.map(({ message }) => message).join('; ') } };
}
