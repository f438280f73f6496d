/**
 * A process of its own: one capture file through the whole pipeline, redaction included, as `remora tap --pcap` reads
 * it, but with nobody who takes the records. A second argument is the memory for packets that are recorded, bytes. It writes what that cost to standard output, as `PipelineRun`.
 */
import { statSync } from 'node:fs';
import { DEFAULT_MAX_BODY } from '../../../worker/pipeline.ts';
import { Replay } from '../../../worker/replay.ts';

export interface PipelineRun {
  packets: number;
  exchanges: number;
  /** Of all frames. */
  bytes: number;
  recordBytes: number;
  /** From the opening of the file to its last record; the start of the process is not part of it. */
  seconds: number;
  cpuSeconds: number;
  peakBytes: number;
}

const FILE_HEADER = 24;
const RECORD_HEADER = 16;

const NODE = 'bench';

const [, , path, memory = '0'] = process.argv;
const cpu = process.cpuUsage();
const start = performance.now();
const replay = await Replay.open([{ node: NODE, path }], {
  maxBody: DEFAULT_MAX_BODY,
  redact: { enabled: true, fields: [], keep: [] },
  recordBytes: Number(memory),
});
let recordBytes = 0;
const take = (_node: string, records: Uint8Array) => {
  recordBytes += records.length;
};
while (await replay.step(take));
const seconds = (performance.now() - start) / 1000;
const { user, system } = process.cpuUsage(cpu);
await replay.close();
if (replay.problems.length > 0) throw replay.problems[0];

const run: PipelineRun = {
  packets: replay.packets,
  exchanges: replay.pipelines.get(NODE)?.counters()['exchanges'] ?? 0,
  bytes: statSync(path).size - FILE_HEADER - replay.packets * RECORD_HEADER,
  recordBytes,
  seconds,
  cpuSeconds: (user + system) / 1e6,
  peakBytes: process.resourceUsage().maxRSS * 1024,
};
process.stdout.write(JSON.stringify(run));
