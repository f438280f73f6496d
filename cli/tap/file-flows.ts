/** Capture files through the worker's pipeline and the hub's naming and merging, with neither of their processes. */

import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Flow } from '../../flow/flow.ts';
import { RecordKind, RecordView, toFlow } from '../../flow/record.ts';
import { ClusterNamer } from '../../hub/cluster/cluster-namer.ts';
import { readIdentity } from '../../hub/cluster/objects-file.ts';
import { CapturedNames } from '../../hub/ingest/captured-names.ts';
import type { Held } from '../../hub/ingest/held.ts';
import { Marks } from '../../hub/ingest/marks.ts';
import { FingerprintMerger } from '../../hub/ingest/merge.ts';
import { joinWays } from '../../hub/ingest/mesh/join.ts';
import { joinMarked } from '../../hub/ingest/mesh/join-marked.ts';
import { AddressNamer, type Namer } from '../../hub/ingest/namer.ts';
import { observe } from '../../hub/ingest/observation.ts';
import { Replay } from '../../worker/replay.ts';
import { CliError } from '../errors.ts';
import type { Progress } from '../output/progress.ts';
import type { NamedFile, TapPlan } from './plan.ts';

export interface FileFlows extends Progress {
  /** Once only. Rejects, after all flows that could be read, where a file is damaged. */
  flows(): AsyncIterable<readonly Flow[]>;
  close(): Promise<void>;
}

/**
 * How long, in the capture's time (µs), a flow waits for other observations of its exchange. On one node these are a loss and a
 * repetition apart at most, on several as far as their clocks are.
 */
const HOLD_ONE_NODE = 250_000;
const HOLD_NODES = 2_000_000;
const PAUSE_MS = 250;
/** Flows that wait, and the bytes of their records: beyond either the oldest go on. */
const MAX_WAITING = 20_000;
const MAX_WAITING_BYTES = 64 * 1024 * 1024;

/** Rejects with CaptureError if a file cannot be opened or is no capture, with ClusterError if `--objects` cannot be used. */
export async function openFileFlows(plan: TapPlan, files: readonly NamedFile[]): Promise<FileFlows> {
  const { settings, redact, objects } = plan;
  const marks = new Marks();
  const namer = new CapturedNames(
    objects === undefined ? new AddressNamer() : new ClusterNamer(await readIdentity(objects)),
    marks,
  );
  const replay = await Replay.open(files, {
    maxBody: settings.maxBody,
    redact: { enabled: redact, fields: settings.redactField, keep: settings.redactKeep },
  });
  return {
    get position() {
      return replay.position;
    },
    get size() {
      return replay.size;
    },
    flows: () => readFlows(replay, namer, marks, new WaitingRoom(namer, marks, objects !== undefined)),
    close: () => replay.close(),
  };
}

async function* readFlows(
  replay: Replay,
  names: CapturedNames,
  marks: Marks,
  waiting: WaitingRoom,
): AsyncGenerator<readonly Flow[], void> {
  for (let more = true; more; ) {
    const step = replay.step((node, records) => {
      const told = replay.takeTold();
      names.learn(told.names);
      marks.learn(told.marks);
      waiting.add(node, records, replay.time);
    });
    // A capture that still runs, through a pipe, may pause: then nobody waits for what may never come.
    if (!(await settles(step, PAUSE_MS))) {
      const flows = waiting.leave(Number.POSITIVE_INFINITY);
      if (flows.length > 0) yield flows;
    }
    more = await step;
    // What tells of marks was exported, of one node or of several.
    const hold = replay.pipelines.size > 1 || !marks.isEmpty ? HOLD_NODES : HOLD_ONE_NODE;
    const flows = waiting.leave(more ? replay.time - hold : Number.POSITIVE_INFINITY);
    if (flows.length > 0) yield flows;
    await nextTurn();
  }
  const [problem, ...others] = replay.problems;
  if (problem === undefined) return;
  if (others.length === 0) throw problem;
  throw new CliError('FILES_DAMAGED', [problem, ...others].map(({ message }) => message).join('; '), {
    cause: problem,
  });
}

/** Whether it does within the time. */
async function settles(promise: Promise<unknown>, limitMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, limitMs, false);
  });
  const settled = await Promise.race([promise.then(() => true), late]);
  clearTimeout(timer);
  return settled;
}

interface Waiting {
  held: Held;
  since: number;
  bytes: number;
}

/** Where flows wait for other observations of the same exchange, in the order in which they came. */
class WaitingRoom {
  private readonly namer: Namer;
  private readonly marks: Marks;
  private readonly joinsWays: boolean;
  private readonly merger = new FingerprintMerger(0);
  private readonly view = new RecordView();
  private queue: Waiting[] = [];
  private bytes = 0;

  /** `joinsWays`: exchanges over sidecars become one, where it is known which pods there are. */
  constructor(namer: Namer, marks: Marks, joinsWays: boolean) {
    this.namer = namer;
    this.marks = marks;
    this.joinsWays = joinsWays;
  }

  /** Takes the records of a node, as a copy; connections are not printed. */
  add(node: string, given: Uint8Array, now: number): void {
    const { view, namer, merger } = this;
    const records = given.slice();
    for (let at = 0; at < records.length; ) {
      const length = RecordView.lengthAt(records, at);
      view.at(records, at);
      if (view.kind === RecordKind.exchange) {
        const record = records.subarray(at, at + length);
        const held = merger.add(observe(view, record, { node, session: node }, namer));
        if (held !== undefined) {
          this.queue.push({ held, since: now, bytes: length });
          this.bytes += length;
        }
      } else {
        // It may name its server.
        namer.dst(view, node);
      }
      at += length;
    }
  }

  /** The flows that have waited since `until` or before. */
  leave(until: number): Flow[] {
    let count = 0;
    for (const { since, bytes } of this.queue) {
      const tooMany = this.queue.length - count > MAX_WAITING || this.bytes > MAX_WAITING_BYTES;
      if (since > until && !tooMany) break;
      this.bytes -= bytes;
      count++;
    }
    const leaving = this.queue.slice(0, count);
    this.queue = this.queue.slice(count);
    const [due, staying] = [leaving, this.queue].map((some) => some.map(({ held }) => held));
    joinMarked(this.marks, due, staying);
    if (this.joinsWays) joinWays(due, staying);
    return due.flatMap((held) => {
      const arrival = held.seal();
      return arrival === undefined ? [] : toFlow(this.view.at(arrival.record, 0), arrival);
    });
  }
}
