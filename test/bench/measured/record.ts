/**
 * A process of its own: a capture file read twice at once, by turns: by one pipeline that records its packets and by one that does not; and
 * then all that is recorded exported as the hub fetches it. Arguments: the file, the room for packets in bytes, and a directory where that is
 * to be on a disk. It writes what that cost to standard output, as `RecordRun`.
 */
import { readFileSync } from 'node:fs';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
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
  pairs: Pair[];
  /** Of the export: what it has given, and how long that took. */
  exportedBytes: number;
  exportSeconds: number;
  exportCpuSeconds: number;
}

/** The same packets, read without being recorded and recorded, one right after the other. */
export interface Pair {
  packets: number;
  plain: Cost;
  recorded: Cost;
  /** All room for packets had been used when they were read: they are recorded in place of others. */
  isRoomUsed: boolean;
}

export interface Cost {
  /** Elapsed; and CPU time of the thread of the packets, and of all threads. */
  seconds: number;
  pathCpuSeconds: number;
  cpuSeconds: number;
}

/** Packets of a turn: some 70 ms, so that what the disk's thread still has to do when it ends is little of it. */
const TURN = 16_384;
/** After a turn: that thread comes to its end with it. */
const PAUSE_MS = 5;
/** As the hub asks for them. */
const FRAME_BYTES = 1024 * 1024;

const [, , path, room, recordDirectory] = process.argv;
const redact = { enabled: true, fields: [], keep: [] };
const files = [{ node: 'bench', path }];
const options = { maxBody: DEFAULT_MAX_BODY, redact };
const plain = await Replay.open(files, { ...options, recordBytes: 0 });
const recorded = await Replay.open(files, { ...options, recordBytes: Number(room), recordDirectory });
const { recorder } = [...recorded.pipelines.values()][0];

const pairs: Pair[] = [];
for (let isOver = false; !isOver; ) {
  const isRoomUsed = recorder!.counters.recordOverwrittenPackets > 0;
  const before = plain.packets;
  const first = pairs.length % 2 === 0 ? plain : recorded;
  const costOfFirst = await turn(first);
  const costOfSecond = await turn(first === plain ? recorded : plain);
  const [ofPlain, ofRecorded] = first === plain ? [costOfFirst, costOfSecond] : [costOfSecond, costOfFirst];
  const packets = plain.packets - before;
  isOver = packets < TURN;
  // The last turn is short, and has the end of the file in it.
  if (!isOver) pairs.push({ packets, plain: ofPlain, recorded: ofRecorded, isRoomUsed });
}
const { recordedPackets = 0, recordShedPackets = 0 } = recorder!.counters;

const exportBefore = process.cpuUsage();
const exportStart = performance.now();
const exportedBytes = await exportAll(recorder!);
const run: RecordRun = {
  packets: recorded.packets,
  recordedPackets,
  shedPackets: recordShedPackets,
  pairs,
  exportedBytes,
  exportSeconds: (performance.now() - exportStart) / 1000,
  exportCpuSeconds: cpuSeconds(exportBefore),
};
await Promise.all([plain.close(), recorded.close()]);
process.stdout.write(JSON.stringify(run));

/** Reads so many packets on. */
async function turn(replay: Replay): Promise<Cost> {
  const end = replay.packets + TURN;
  const cpu = process.cpuUsage();
  const path = pathCpuSeconds();
  const start = performance.now();
  while (replay.packets < end && (await replay.step(() => {}))) await nextTurn();
  const seconds = (performance.now() - start) / 1000;
  const pathSeconds = pathCpuSeconds() - path;
  await pause(PAUSE_MS);
  return { seconds, pathCpuSeconds: pathSeconds, cpuSeconds: cpuSeconds(cpu) };
}

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
