import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { formatAddress, hostPort } from '../flow/address.ts';
import type { MarkedPacket } from '../flow/exchange-mark.ts';
import { openFile } from './capture/file.ts';
import type { PacketFile } from './capture/source.ts';
import { Packet } from './packet/packet.ts';
import { Pipeline, type PipelineOptions } from './pipeline.ts';
import type { ToldByFiles } from './uplink/told.ts';

export interface ReplayFile {
  /** `-` is standard input, `/dev/fd/N` an open descriptor. */
  path: string;
  /** Files of one node go through one pipeline: a capture that was cut into several files is one again. */
  node: string;
}

interface Source {
  file: PacketFile;
  pipeline: Pipeline;
  /** Its next packet. */
  packet: Packet;
}

/** Finished records of one node, `count` of them; valid during the call only. */
export type RecordSink = (node: string, records: Uint8Array, count: number) => void;

/** What one `step` reads at most: signals and timers get their turn in between. */
const STEP_PACKETS = 2048;
const STEP_RECORD_BYTES = 1 << 20;

/** Capture files through a pipeline for each node, side by side in the order of their packets' times. */
export class Replay {
  /** The latest time of a packet read, µs. */
  time = 0;
  /** Why files could not be read to their end; the packets before the damage were read. */
  readonly problems: Error[] = [];
  readonly pipelines: ReadonlyMap<string, Pipeline>;
  readonly #files: readonly PacketFile[];
  /** Of each file, the pipeline that its packets go through. */
  readonly #pipelineOf: ReadonlyMap<PacketFile, Pipeline>;
  #marks: MarkedPacket[] = [];
  #sources: Source[];
  /** Those whose packet is used up and whose file must be read on. */
  #exhausted: Source[];

  private constructor(sources: Source[], pipelines: ReadonlyMap<string, Pipeline>) {
    this.#files = sources.map(({ file }) => file);
    this.#pipelineOf = new Map(sources.map(({ file, pipeline }) => [file, pipeline]));
    this.#sources = sources;
    this.#exhausted = [...sources];
    this.pipelines = pipelines;
  }

  /** Rejects with CaptureError if one of them cannot be opened or is no capture. */
  static async open(files: readonly ReplayFile[], options: PipelineOptions): Promise<Replay> {
    const nodes = [...new Set(files.map(({ node }) => node))];
    const pipelines = new Map(
      nodes.map((node, index) => [node, new Pipeline(partOf(options, index, nodes.length))]),
    );
    const sources: Source[] = [];
    try {
      for (const { node, path } of files) {
        sources.push({ file: await open(path), pipeline: pipelines.get(node)!, packet: new Packet() });
      }
    } catch (error) {
      await Promise.all(
        [...sources.map(({ file }) => file), ...pipelines.values()].map((each) => each.close()),
      );
      throw error;
    }
    return new Replay(sources, pipelines);
  }

  get names(): string[] {
    return this.#files.map(({ name }) => name);
  }

  /** Bytes read, of all files. */
  get position(): number {
    return this.#files.reduce((sum, { position }) => sum + position, 0);
  }

  /** undefined: of one of them it is not known. */
  get size(): number | undefined {
    let sum = 0;
    for (const { size } of this.#files) {
      if (size === undefined) return undefined;
      sum += size;
    }
    return sum;
  }

  /** What the files of a node say of losses, and what was left out of them. */
  counters(node: string): Record<string, number> {
    const sum: Record<string, number> = {};
    for (const [file, pipeline] of this.#pipelineOf) {
      if (pipeline !== this.pipelines.get(node)) continue;
      const { packets, bytes: _, ...losses } = file.stats;
      for (const [name, count] of Object.entries({ packetsCaptured: packets, ...losses }))
        sum[name] = (sum[name] ?? 0) + count;
    }
    return sum;
  }

  get packets(): number {
    return this.#files.reduce((sum, { stats }) => sum + stats.packets, 0);
  }

  /**
   * Reads on, and gives the records that are finished: always before it waits for more of a file, which may be
   * a capture that still runs. False: all is read and given.
   */
  async step(sink: RecordSink): Promise<boolean> {
    while (this.#exhausted.length > 0) await this.#refill(this.#exhausted.pop()!);
    for (let left = STEP_PACKETS; left > 0 && this.#sources.length > 0; left--) {
      const source = earliest(this.#sources);
      const { packet, pipeline } = source;
      if (packet.time > this.time) this.time = packet.time;
      pipeline.packet(packet);
      if (source.file.marks.length > 0) this.#takeMarks(source);
      if (pipeline.records.committed > STEP_RECORD_BYTES) left = 0;
      if (source.file.next(packet)) continue;
      this.#exhausted.push(source);
      break;
    }
    const over = this.#sources.length === 0;
    if (over) for (const pipeline of this.pipelines.values()) pipeline.finish();
    for (const [node, { records }] of this.pipelines) {
      if (records.count === 0) continue;
      sink(node, records.written, records.count);
      records.clear();
    }
    for (const { recorder } of this.pipelines.values()) await recorder?.room();
    return !over;
  }

  /** What the files have told since the last call. It comes before the records of what it is told of. */
  takeTold(): ToldByFiles {
    const marks = this.#marks;
    if (marks.length > 0) this.#marks = [];
    return { names: this.#files.flatMap((file) => file.takeNames()), marks };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#files, ...this.pipelines.values()].map((each) => each.close()));
  }

  /** The packet's headers have been read. */
  #takeMarks({ file, packet }: Source): void {
    const { src0, src1, src2, src3, srcPort, dst0, dst1, dst2, dst3, dstPort } = packet;
    const from = socketText(src0, src1, src2, src3, srcPort);
    const to = socketText(dst0, dst1, dst2, dst3, dstPort);
    for (const mark of file.marks) this.#marks.push({ time: packet.time, from, to, mark });
  }

  /** Fills the source's packet, or takes the source out where its file ends or is damaged. */
  async #refill(source: Source): Promise<void> {
    try {
      while (!source.file.next(source.packet)) {
        if (await source.file.fill()) continue;
        this.#remove(source);
        return;
      }
    } catch (error) {
      this.problems.push(error as Error);
      this.#remove(source);
    }
  }

  #remove(source: Source): void {
    this.#sources = this.#sources.filter((other) => other !== source);
  }
}

/** Room for packets is shared, in folders of their own: each may remove what is in its. They are as old as the files are. */
function partOf(options: PipelineOptions, index: number, count: number): PipelineOptions {
  const { recordBytes = 0, recordDirectory } = options;
  return {
    ...options,
    recordBytes: Math.floor(recordBytes / count),
    recordDirectory: recordDirectory && join(recordDirectory, String(index)),
    recordAge: Number.MAX_SAFE_INTEGER,
  };
}

const INHERITED = /^\/dev\/fd\/(\d+)$/;

/** A descriptor that this process was given may be a socket, which cannot be opened by its path. */
function open(path: string): Promise<PacketFile> {
  const fd = INHERITED.exec(path)?.[1];
  return fd === undefined ? openFile(path) : openFile('-', createReadStream('', { fd: Number(fd) }));
}

function socketText(a: number, b: number, c: number, d: number, port: number): string {
  const bytes = Buffer.alloc(16);
  for (const [n, word] of [a, b, c, d].entries()) bytes.writeInt32BE(word, 4 * n);
  return hostPort(formatAddress(bytes, 0), port);
}

function earliest(sources: readonly Source[]): Source {
  let first = sources[0]!;
  for (let i = 1; i < sources.length; i++) {
    const source = sources[i]!;
    if (source.packet.time < first.packet.time) first = source;
  }
  return first;
}
