/**
 * A process of its own: one capture file through the pipeline, with its packets recorded or not, and then all that is recorded exported as
 * the hub fetches it. Arguments: the file, the room for packets in bytes (0: none), and a directory where that is to be on a disk. It writes
 * what that cost to standard output, as `RecordRun`.
 */
import { readFileSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { MAX_WANT, PACKETS_HEADER } from '../../../flow/wire.ts';
import { DEFAULT_MAX_BODY } from '../../../worker/pipeline.ts';
import { PacketAnswers } from '../../../worker/record/packet-answers.ts';
import type { Recorder } from '../../../worker/record/recorder.ts';
import { createPolicy } from '../../../worker/redact/policy.ts';
import { Replay } from '../../../worker/replay.ts';

export interface RecordRun {
  packets: number;
  recordedPackets: number;
  shedPackets: number;
  /** For all packets: of the thread of the packets, and of all threads. */
  pathCpuSeconds: number;
  /** The same for the second half of the file: what memory there is for packets was used before, and the code is compiled. */
  laterPackets: number;
  laterPathCpuSeconds: number;
  cpuSeconds: number;
  peakBytes: number;
  /** Of the export: what it has given, and how long that took. */
  exportedBytes: number;
  exportSeconds: number;
  exportCpuSeconds: number;
}

/** As the hub asks for them. */
const FRAME_BYTES = 1024 * 1024;

const [, , path, room, recordDirectory] = process.argv;
const redact = { enabled: true, fields: [], keep: [] };
const replay = await Replay.open([{ node: 'bench', path }], {
  ...{ maxBody: DEFAULT_MAX_BODY, redact, recordDirectory },
  recordBytes: Number(room),
});
const [pipeline] = replay.pipelines.values();

const pathBefore = pathCpuSeconds();
const before = process.cpuUsage();
let half: { packets: number; path: number } | undefined;
while (await replay.step(() => {})) {
  await nextTurn();
  if (half === undefined && replay.position * 2 >= replay.size!)
    half = { packets: replay.packets, path: pathCpuSeconds() };
}
const pathAfter = pathCpuSeconds();
const cpu = cpuSeconds(before);
const peakBytes = process.resourceUsage().maxRSS * 1024;
const { recordedPackets = 0, recordShedPackets = 0 } = pipeline.counters();

const exportBefore = process.cpuUsage();
const exportStart = performance.now();
const exportedBytes = pipeline.recorder === undefined ? 0 : await exportAll(pipeline.recorder);
const run: RecordRun = {
  packets: replay.packets,
  recordedPackets,
  shedPackets: recordShedPackets,
  pathCpuSeconds: pathAfter - pathBefore,
  laterPackets: replay.packets - half!.packets,
  laterPathCpuSeconds: pathAfter - half!.path,
  cpuSeconds: cpu,
  peakBytes,
  exportedBytes,
  exportSeconds: (performance.now() - exportStart) / 1000,
  exportCpuSeconds: cpuSeconds(exportBefore),
};
await replay.close();
process.stdout.write(JSON.stringify(run));

async function exportAll(recorder: Recorder): Promise<number> {
  const connections = new Set<number>();
  for (const stretch of [...recorder.stretches]) {
    await recorder.look(stretch, (segment) => {
      for (let at = 0; at < segment.end; at = segment.next(at)) connections.add(segment.connectionOf(at));
    });
  }
  const answers = new PacketAnswers(recorder, createPolicy(redact));
  const wanted = [...connections].flatMap((id) => [id, 0, Number.MAX_SAFE_INTEGER]);
  for (let at = 0; at < wanted.length; at += MAX_WANT) {
    await answers.answer({ type: 'packets', request: 1, want: wanted.slice(at, at + MAX_WANT) });
  }
  let bytes = 0;
  for (let hasMore = true; hasMore; ) {
    const frame = await answers.answer({ type: 'packets', request: 1, ask: 'next', bytes: FRAME_BYTES });
    bytes += frame!.length - PACKETS_HEADER;
    hasMore = frame![1] === 1;
  }
  return bytes;
}

function cpuSeconds(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
}

/** Of this thread alone, as Linux counts it: others encrypt and write meanwhile. */
function pathCpuSeconds(): number {
  return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'latin1').split(' ')[0]) / 1e9;
}
