import { parseArgs } from 'node:util';
import { DEFAULT_MAX_BODY, type PipelineOptions } from './pipeline.ts';
import { DEFAULT_RECORD_LIMITS } from './record/limits.ts';
import type { ReplayFile } from './replay.ts';

/** What the worker's process is told at its start. */
export interface WorkerArguments {
  /** ws:// or wss://, the hub's `/worker`. */
  hub: string;
  /** Files in place of what the environment or the system gives: whose signature the hub's certificate bears, and the token. */
  caFile: string | undefined;
  tokenFile: string | undefined;
  /** What is in the way of capturing, or of being let in, may be mended while the worker runs: it goes on trying. */
  keepTrying: boolean;
  node: string;
  /** The hub says which packets are wanted; otherwise all are. */
  targetsFromHub: boolean;
  /** Packets may leave the worker with the secrets in them, where the hub asks for that. */
  allowRawExport: boolean;
  source: LiveSource | { kind: 'files'; files: ReplayFile[] };
  pipeline: PipelineOptions;
}

export interface LiveSource {
  kind: 'live';
  interface: string;
  /** In libpcap's language, in addition to the worker's own filter. */
  bpf: string;
  /** Bytes. */
  snapLength: number;
  bufferSize: number;
}

/** The command line is wrong: a fault of whoever starts the worker. */
export class WorkerUsageError extends Error {
  readonly code = 'USAGE';
}

export const USAGE = `worker/main --hub ws://HOST:PORT/worker --node NAME
         [--ca FILE] [--token-file FILE] [--keep-trying]
         --interface any [--targets all|hub] [--bpf EXPRESSION] [--snaplen BYTES] [--buffer-size BYTES] | --pcap [NODE=]FILE...
         [--record-limit BYTES (0, the default with files: no packets are recorded) [--record-dir DIR (on a disk, encrypted; otherwise in memory)
         [--record-key-dir DIR (of a tmpfs, for the key: packets outlive this process, and the next worker with both directories has them)]]]
         [--allow-raw-export (packets with the secrets in them, to a hub that asks for that)]
         [--max-body BYTES] [--redact-field NAME]... [--redact-keep NAME]... [--no-redact]
Environment: REMORA_WORKER_TOKEN (where there is no --token-file), REMORA_PARENT_STDIN=1 (end when standard input closes), REMORA_LOG_LEVEL (info)`;

const OPTIONS = {
  hub: { type: 'string' },
  ca: { type: 'string' },
  'token-file': { type: 'string' },
  'keep-trying': { type: 'boolean', default: false },
  node: { type: 'string' },
  interface: { type: 'string' },
  targets: { type: 'string', default: 'all' },
  bpf: { type: 'string', default: '' },
  snaplen: { type: 'string', default: '262144' },
  'buffer-size': { type: 'string', default: '67108864' },
  pcap: { type: 'string', multiple: true },
  'record-dir': { type: 'string' },
  'record-key-dir': { type: 'string' },
  'record-limit': { type: 'string' },
  'allow-raw-export': { type: 'boolean', default: false },
  'max-body': { type: 'string', default: String(DEFAULT_MAX_BODY) },
  'redact-field': { type: 'string', multiple: true, default: [] as string[] },
  'redact-keep': { type: 'string', multiple: true, default: [] as string[] },
  'no-redact': { type: 'boolean', default: false },
} as const;

/** Reads the command line (without the program's name). Throws WorkerUsageError. */
export function parseArguments(argv: string[]): WorkerArguments {
  const values = readOptions(argv);
  const { hub, node } = values;
  if (hub === undefined || node === undefined) throw new WorkerUsageError('give --hub and --node');
  if ((values.interface === undefined) === (values.pcap === undefined)) {
    throw new WorkerUsageError('give either --interface or --pcap');
  }
  if (
    values['record-key-dir'] !== undefined &&
    (values['record-dir'] === undefined || values.pcap !== undefined)
  ) {
    throw new WorkerUsageError('--record-key-dir goes with --record-dir and --interface');
  }
  return {
    hub: readUrl(hub),
    caFile: values.ca,
    tokenFile: values['token-file'],
    keepTrying: values['keep-trying'],
    node,
    targetsFromHub: readTargets(values.targets),
    allowRawExport: values['allow-raw-export'],
    source:
      values.interface === undefined
        ? { kind: 'files', files: (values.pcap ?? []).map((text) => readFile(text, node)) }
        : {
            kind: 'live',
            interface: values.interface,
            bpf: values.bpf,
            snapLength: readBytes('snaplen', values.snaplen),
            bufferSize: readBytes('buffer-size', values['buffer-size']),
          },
    pipeline: {
      maxBody: readBytes('max-body', values['max-body']),
      recordBytes: readRecordLimit(values['record-limit'], values.pcap !== undefined),
      recordDirectory: values['record-dir'],
      recordKeyDirectory: values['record-key-dir'],
      redact: { enabled: !values['no-redact'], fields: values['redact-field'], keep: values['redact-keep'] },
    },
  };
}

/** A worker on files that records stays when it has read them: only where that was asked for. */
function readRecordLimit(text: string | undefined, hasFiles: boolean): number {
  if (text !== undefined) return readBytes('record-limit', text);
  return hasFiles ? 0 : DEFAULT_RECORD_LIMITS.recordBytes;
}

function readOptions(argv: string[]) {
  try {
    return parseArgs({ args: argv, options: OPTIONS, strict: true }).values;
  } catch (cause) {
    throw new WorkerUsageError((cause as Error).message, { cause });
  }
}

function readUrl(text: string): string {
  if (URL.canParse(text) && /^wss?:/.test(text)) return text;
  throw new WorkerUsageError(`--hub: ${text} is no ws:// or wss:// address`);
}

function readTargets(text: string): boolean {
  if (text === 'hub' || text === 'all') return text === 'hub';
  throw new WorkerUsageError(`--targets: ${text} is neither all nor hub`);
}

function readBytes(name: string, text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new WorkerUsageError(`--${name}: ${text} is not a number of bytes`);
  return Number(text);
}

function readFile(text: string, node: string): ReplayFile {
  const equals = text.indexOf('=');
  return equals < 0 ? { node, path: text } : { node: text.slice(0, equals), path: text.slice(equals + 1) };
}
