/** A hub and a worker (and the demo shop) as children of this process: started in order, kept running, ended in order. */

import { randomBytes } from 'node:crypto';
import { accessSync, constants, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecordPlace } from '../../worker/record/disk.ts';
import { CliError } from '../errors.ts';
import type { Terminal } from '../output/terminal.ts';
import { Supervisor } from '../process/supervisor.ts';
import { forgetPackets, packetsPlace } from './packets-place.ts';
import type { LocalPlan } from './plan.ts';
import { requireFreePort } from './port.ts';
import { WorkerWatch } from './worker-watch.ts';

export interface SessionOptions {
  plan: LocalPlan;
  terminal: Terminal;
  /** Of the hub on 127.0.0.1; 0: any free one. */
  port: number;
  /** undefined: a temporary one that is deleted at the end. */
  dataDir: string | undefined;
}

/** Together under the 2 s that an interrupted command may take. */
const WORKER_GRACE_MS = 1000;
const HUB_GRACE_MS = 850;
const READY_TIMEOUT_MS = 30_000;

export class Session {
  /** The hub's address, `http://127.0.0.1:8899`. Set once `open` has resolved. */
  url = '';
  readonly token = randomBytes(32).toString('base64url');
  readonly worker: WorkerWatch;
  private readonly workerToken = randomBytes(32).toString('base64url');
  private readonly options: SessionOptions;
  private readonly temporaryDir: string | undefined;
  private readonly dataDir: string;
  private readonly programs: { hub?: Supervisor; worker?: Supervisor; demo?: Supervisor } = {};
  private packets: RecordPlace | undefined;
  private port: number;
  private closed = false;

  constructor(options: SessionOptions) {
    this.options = options;
    this.port = options.port;
    this.worker = new WorkerWatch(options.plan.source.kind, options.terminal);
    if (options.dataDir === undefined) this.temporaryDir = mkdtempSync(join(tmpdir(), 'remora-'));
    this.dataDir = options.dataDir ?? (this.temporaryDir as string);
  }

  /** Starts the hub: it takes subscribers from now on. Rejects with CliError; `close` is due either way. */
  async open(): Promise<void> {
    if (this.options.dataDir !== undefined) makePrivate(this.options.dataDir);
    if (this.port !== 0) await requireFreePort(this.port);
    if (!this.closed) await this.startHub();
  }

  /** Starts the worker (and the demo shop): resolves when packets are being read. Rejects with CliError. */
  async capture(): Promise<void> {
    const { source } = this.options.plan;
    await this.startWorker();
    if (source.kind === 'local' && source.demo) this.startDemo();
  }

  /** Resolves when a worker of files has read them, or failed at it (`worker.failure`). */
  async allRead(): Promise<void> {
    await Promise.race([this.worker.allRead, this.programs.worker?.finished]);
  }

  /** Rejects when the hub or the worker can no longer be kept running; never resolves. */
  async broken(): Promise<never> {
    await Promise.all([this.programs.hub?.finished, this.workerFinished()]);
    return await new Promise<never>(() => {});
  }

  async close(): Promise<void> {
    this.closed = true;
    const { hub, worker, demo } = this.programs;
    await Promise.all([worker?.stop(WORKER_GRACE_MS), demo?.stop(WORKER_GRACE_MS)]);
    await hub?.stop(HUB_GRACE_MS);
    this.removeLeftovers();
  }

  /** For the second Ctrl-C. */
  kill(): void {
    for (const program of Object.values(this.programs)) program.kill();
    this.removeLeftovers();
  }

  private async startHub(): Promise<void> {
    const { plan, terminal } = this.options;
    let announce: (() => void) | undefined;
    const ready = new Promise<void>((resolve) => {
      announce = resolve;
    });
    const hub = new Supervisor({
      terminal,
      spec: () => ({
        name: 'hub',
        file: 'hub/main',
        args: [
          ...['--listen', `127.0.0.1:${this.port}`],
          ...['--data-dir', this.dataDir],
          ...['--storage-limit', String(plan.settings.storageLimit)],
          ...['--mode', plan.source.kind === 'local' ? 'local' : 'file'],
          ...(plan.settings.allowRawExport ? ['--allow-raw-export'] : []),
          ...(plan.objects === undefined ? [] : ['--objects', plan.objects]),
        ],
        environment: { REMORA_TOKEN: this.token, REMORA_WORKER_TOKEN: this.workerToken },
      }),
      onEvent: (event) => {
        if (event['ready'] !== true) return;
        this.port = Number(event['port']);
        this.url = String(event['url']);
        announce?.();
      },
      judge: () => (this.url === '' ? 'fail' : 'restart'),
    });
    this.programs.hub = hub;
    await within(READY_TIMEOUT_MS, 'the hub', Promise.race([ready, hub.finished]));
  }

  private async startWorker(): Promise<void> {
    const { plan, terminal } = this.options;
    const packets = recordPlace(plan, this.dataDir);
    this.packets = packets;
    const worker = new Supervisor({
      terminal,
      spec: () => ({
        name: 'worker',
        file: 'worker/main',
        args: workerArguments(plan, this.port, packets),
        environment: { REMORA_WORKER_TOKEN: this.workerToken },
        passStdin: readsStdin(plan),
      }),
      onEvent: (event) => this.worker.event(event),
      judge: () => this.worker.judge(),
    });
    this.programs.worker = worker;
    await within(
      READY_TIMEOUT_MS,
      'the worker',
      Promise.race([this.worker.capturing, this.workerFinished()]),
    );
  }

  /** The worker's own words for why it ended are better than what can be told from outside. */
  private async workerFinished(): Promise<void> {
    await this.programs.worker?.finished.catch((error: unknown) => {
      throw this.worker.failure ?? error;
    });
  }

  private startDemo(): void {
    const { terminal } = this.options;
    const demo = new Supervisor({
      terminal,
      spec: () => ({ name: 'demo shop', file: 'cli/demo/main', args: [], environment: {} }),
      onEvent: (event) => {
        if (event['event'] === 'open') terminal.detail(`the demo shop is open at ${String(event['url'])}`);
      },
      judge: () => 'restart',
    });
    // The demo is an extra: without it everything else goes on.
    demo.finished.catch((error: unknown) => terminal.warn(`no demo shop: ${(error as Error).message}`));
    this.programs.demo = demo;
  }

  /** What only a session that was killed leaves to the next one. */
  private removeLeftovers(): void {
    if (this.packets !== undefined) forgetPackets(this.packets);
    if (this.temporaryDir !== undefined) rmSync(this.temporaryDir, { recursive: true, force: true });
  }
}

/** Where a child finds the standard input of this process; its own stdin is the sign that its parent lives. */
const PASSED_STDIN = '/dev/fd/3';

function readsStdin(plan: LocalPlan): boolean {
  return plan.source.kind === 'files' && plan.source.files.some(({ path }) => path === '-');
}

/** Where packets are on a disk; undefined: they are not. A worker of files reads them anew, and keeps no key. */
function recordPlace({ source, output, settings }: LocalPlan, dataDir: string): RecordPlace | undefined {
  if (output !== 'ui' || settings.recordOn !== 'disk' || settings.recordLimit === 0) return undefined;
  const { directory, keyDirectory } = packetsPlace(dataDir, process.env);
  return source.kind === 'local' ? { directory, keyDirectory } : { directory };
}

function workerArguments(
  { source, output, settings, redact }: LocalPlan,
  port: number,
  packets: RecordPlace | undefined,
): string[] {
  const args = ['--hub', `ws://127.0.0.1:${port}/worker`, '--node', hostname()];
  if (source.kind === 'local') {
    args.push('--interface', settings.interface);
    if (settings.bpf !== '') args.push('--bpf', settings.bpf);
    args.push('--snaplen', String(settings.snaplen), '--buffer-size', String(settings.bufferSize));
  } else {
    for (const { node, path } of source.files)
      args.push('--pcap', `${node}=${path === '-' ? PASSED_STDIN : path}`);
  }
  // Nobody asks for packets but the page.
  args.push('--record-limit', String(output === 'ui' ? settings.recordLimit : 0));
  if (packets !== undefined) args.push('--record-dir', packets.directory);
  if (packets?.keyDirectory !== undefined) args.push('--record-key-dir', packets.keyDirectory);
  if (settings.allowRawExport) args.push('--allow-raw-export');
  args.push('--max-body', String(settings.maxBody));
  for (const name of settings.redactField) args.push('--redact-field', name);
  for (const name of settings.redactKeep) args.push('--redact-keep', name);
  if (!redact) args.push('--no-redact');
  return args;
}

/** Flows are for their owner alone. A directory that is there already keeps the rights it has. */
function makePrivate(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    accessSync(directory, constants.W_OK | constants.X_OK);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new CliError('DATA_DIR', `cannot write to the data directory ${directory} (${code})`, {
      remedy: 'Choose another: --data-dir DIR',
      cause,
    });
  }
}

async function within<T>(limitMs: number, who: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new CliError('NOT_READY', `${who} was not ready within ${limitMs / 1000} s`));
    }, limitMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
