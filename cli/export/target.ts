/** Where an export goes: a file that is whole or not there, or standard output. */

import { OutputFile } from '../output/file.ts';
import { resultOutput } from '../output/stdout.ts';
import type { ExportPlan } from './plan.ts';
import { WholeRecords } from './whole-records.ts';

export interface Target {
  /** Bytes written. */
  size: number;
  /** Aborted when nobody reads any more. */
  readonly closed: AbortSignal;
  write(chunk: Uint8Array): Promise<void>;
  /** All is written. */
  finish(): Promise<void>;
  /** It was interrupted: resolves with whether what there is has been kept. */
  interrupted(): Promise<boolean>;
  /** Leaves no half file behind; does nothing to one that is finished. */
  close(): Promise<void>;
}

/** Rejects with CliError. */
export async function openTarget(plan: ExportPlan): Promise<Target> {
  return plan.file === '-' ? new StdoutTarget() : await FileTarget.open(plan);
}

class StdoutTarget implements Target {
  size = 0;
  private readonly output = resultOutput(process.stdout);
  readonly closed = this.output.closed;

  async write(chunk: Uint8Array): Promise<void> {
    await this.output.write(chunk);
    this.size += chunk.length;
  }

  async finish(): Promise<void> {}

  async interrupted(): Promise<boolean> {
    return true;
  }

  async close(): Promise<void> {}
}

class FileTarget implements Target {
  size = 0;
  readonly closed = new AbortController().signal;
  private readonly file: OutputFile;
  private readonly follow: boolean;
  private readonly records: WholeRecords | undefined;

  static async open({ file, replace, follow, format: { name } }: ExportPlan): Promise<FileTarget> {
    const isCapture = name === 'pcap' || name === 'pcapng';
    const records = follow && isCapture ? new WholeRecords(name) : undefined;
    return new FileTarget(await OutputFile.open(file, { replace }), follow, records);
  }

  private constructor(file: OutputFile, follow: boolean, records: WholeRecords | undefined) {
    this.file = file;
    this.follow = follow;
    this.records = records;
  }

  async write(chunk: Uint8Array): Promise<void> {
    await this.file.write(chunk);
    this.records?.push(chunk);
    this.size += chunk.length;
  }

  async finish(): Promise<void> {
    await this.file.finish();
  }

  /** What follows traffic ends only so. */
  async interrupted(): Promise<boolean> {
    if (!this.follow) return false;
    if (this.records !== undefined && this.records.end < this.size) {
      await this.file.handle.truncate(this.records.end);
      this.size = this.records.end;
    }
    await this.file.finish();
    return true;
  }

  async close(): Promise<void> {
    await this.file.abandon();
  }
}
