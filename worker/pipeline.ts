import { randomBytes } from 'node:crypto';
import { RecordWriter } from '../flow/record.ts';
import { DissectCounters } from './dissect/counters.ts';
import { Http1 } from './dissect/http1/http1.ts';
import { DEFAULT_HTTP1_LIMITS, type Http1Limits } from './dissect/http1/limits.ts';
import { Recogniser } from './dissect/recognise.ts';
import { Decoder } from './packet/decoder.ts';
import { FRAGMENT_LIMITS } from './packet/fragments.ts';
import type { Packet } from './packet/packet.ts';
import { DEFAULT_RECORD_LIMITS, recordLimits } from './record/limits.ts';
import { Recorder } from './record/recorder.ts';
import { createPolicy, type PolicyOptions } from './redact/policy.ts';
import { REFUSAL_LIMITS, Refusals } from './report/refusals.ts';
import { Reporter } from './report/reporter.ts';
import type { TargetSet } from './targets/target-set.ts';
import { TcpTable } from './tcp/tcp-table.ts';

export interface PipelineOptions {
  /** At most so many octets of a decoded body are kept. */
  readonly maxBody: number;
  readonly redact: PolicyOptions;
  /** Room for the packets of connections that can be read, bytes; 0 or undefined: none are kept. */
  readonly recordBytes?: number;
  /** Where they are kept, encrypted; undefined: in memory. */
  readonly recordDirectory?: string | undefined;
  /** In memory, where the key is kept for the worker that comes after this one; undefined: packets end with this one. */
  readonly recordKeyDirectory?: string | undefined;
  /** How long, µs; default of RecordLimits. */
  readonly recordAge?: number;
}

export const DEFAULT_MAX_BODY = 64 * 1024;

/** Content codings shrink: so much more than `maxBody` is kept of a body before it is decoded. */
const CODED_BODY_FACTOR = 4;

/**
 * The whole path of a packet through a worker: headers read in place, what nobody wants left out, TCP streams put together, HTTP dissected,
 * secrets replaced, records written. Everything happens within `packet`; finished records wait in `records`.
 * The packets themselves are kept for a while, if so wished (record/recorder.ts).
 */
export class Pipeline {
  /** Random: connections are numbered within it. */
  readonly session = randomBytes(8).toString('hex');
  /** Records that are finished and not taken yet; no secret is in them. */
  readonly records = new RecordWriter();
  readonly limits: Readonly<Record<string, number>>;
  readonly #decoder = new Decoder();
  readonly #dissected = new DissectCounters();
  readonly #reporter: Reporter;
  readonly #refusals = new Refusals(this.records);
  readonly #tcp: TcpTable;
  /** undefined: no packets are kept. */
  readonly recorder: Recorder | undefined;
  readonly #targets: TargetSet | undefined;

  /** Without `targets` every packet is wanted. */
  constructor(options: PipelineOptions, targets?: TargetSet) {
    this.#targets = targets;
    const http1: Http1Limits = {
      ...DEFAULT_HTTP1_LIMITS,
      maxKeptBody: Math.max(DEFAULT_HTTP1_LIMITS.maxKeptBody, options.maxBody * CODED_BODY_FACTOR),
    };
    this.#reporter = new Reporter(this.records, createPolicy(options.redact), options.maxBody);
    const recorder = createRecorder(options, this.session);
    this.recorder = recorder;
    const recogniser = new Recogniser(
      [new Http1(http1, this.#dissected)],
      this.#dissected,
      (exchange) => this.#reporter.exchange(exchange),
      (connection, reason) => this.#reporter.closed(connection, reason),
      (connection, swapped, name) => this.#reporter.serverName(connection, swapped, name),
      (connection) => recorder?.discard(connection),
    );
    this.#tcp = new TcpTable(
      {},
      (connection) => recogniser.open(connection),
      (connection) => this.#refusals.add(connection),
    );
    this.limits = {
      ...FRAGMENT_LIMITS,
      ...this.#tcp.limits,
      ...http1,
      ...REFUSAL_LIMITS,
      maxBody: options.maxBody,
      ...recorder?.limits,
    };
  }

  /** One packet, in the order of the capture. What is kept of it is a copy; nothing in it can make this throw. */
  packet(packet: Packet): void {
    if (!this.#decoder.decode(packet)) return;
    // Not earlier: only a whole datagram out of its tunnels shows whose it is.
    if (this.#targets !== undefined && !this.#targets.takes(packet)) return;
    const tcp = this.#tcp;
    tcp.packet(packet);
    if (this.recorder !== undefined && tcp.current !== undefined) {
      this.recorder.packet(tcp.current, tcp.currentDirection, packet);
    }
  }

  /** It is `time` (µs): for a live capture when no packets come. Timers run, and open connections are told. */
  advance(time: number): void {
    this.#tcp.advance(time);
    this.recorder?.advance(time);
    this.#reporter.tellOpen(time);
  }

  /** The capture is over: what was begun is ended, with what is missing said. */
  finish(): void {
    this.#tcp.finish();
  }

  /** Packets that are kept on a disk are complete there, or removed (record/recorder.ts). Nothing may come any more. */
  async close(): Promise<void> {
    await this.recorder?.close();
  }

  /** Everything that was counted, by name. */
  counters(): Record<string, number> {
    return {
      ...this.#decoder.counters,
      ...this.#decoder.fragmentCounters,
      ...this.#tcp.counters,
      ...this.#refusals.counters,
      ...this.#dissected,
      ...this.#targets?.counters,
      ...this.recorder?.counters,
    };
  }
}

function createRecorder(
  {
    recordBytes = 0,
    recordAge = DEFAULT_RECORD_LIMITS.recordAge,
    recordDirectory,
    recordKeyDirectory,
  }: PipelineOptions,
  session: string,
): Recorder | undefined {
  if (recordBytes === 0) return undefined;
  const place =
    recordDirectory === undefined
      ? undefined
      : { directory: recordDirectory, keyDirectory: recordKeyDirectory };
  return new Recorder(recordLimits(recordBytes, recordAge), session, place);
}
