import { parseArgs } from 'node:util';
import type { Health } from '../flow/api.ts';
import { WATCH_LIMITS } from './cluster/watch/limits.ts';
import { HubError } from './errors.ts';
import { PAGE_DIRECTORY } from './paths.ts';
import type { TlsPaths } from './tls/key-pair.ts';

/** What the hub's process is told at its start. */
export interface HubArguments {
  host: string;
  port: number;
  dataDir: string;
  /** Bytes. */
  storageLimit: number;
  /** ms; undefined: no limit. */
  maxAge: number | undefined;
  mode: Health['mode'];
  /** Packets may be given out with the secrets in them, to whoever confirms it; the audit log says to whom. */
  allowRawExport: boolean;
  uiDir: string;
  allowedHosts: string[];
  /** undefined: plain HTTP. */
  tls: TlsPaths | undefined;
  /** A file of Kubernetes objects. */
  objects: string | undefined;
  /** Mode cluster: where the API server is; undefined: this is a pod of the cluster. */
  kubeconfig: string | undefined;
  /** Mode cluster: only these are watched, and nothing that needs rights in the cluster; empty: all. */
  namespaces: string[];
  /** Mode cluster: which pods are tapped, as JSON or the file that has it (flow/targets.ts); undefined: all. */
  targets: string | undefined;
}

const OPTIONS = {
  listen: { type: 'string', default: '127.0.0.1:8898' },
  'data-dir': { type: 'string' },
  'storage-limit': { type: 'string', default: '2Gi' },
  'max-age': { type: 'string' },
  mode: { type: 'string', default: 'local' },
  'ui-dir': { type: 'string' },
  objects: { type: 'string' },
  kubeconfig: { type: 'string' },
  namespaces: { type: 'string' },
  targets: { type: 'string' },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
  'allow-raw-export': { type: 'boolean', default: false },
  'allowed-host': { type: 'string', multiple: true, default: [] as string[] },
} as const;

export const USAGE = `hub/main --data-dir DIR [--listen HOST:PORT] [--storage-limit 2Gi] [--max-age 7d]
         [--mode local|file|cluster] [--ui-dir DIR] [--allowed-host NAME]... [--objects FILE]
         [--tls-cert FILE --tls-key FILE] [--kubeconfig FILE] [--namespaces NAME,...] [--targets FILE_OR_JSON]
         [--allow-raw-export (packets with the secrets in them, each time written to audit.log in DIR)]
Environment: REMORA_TOKEN and REMORA_WORKER_TOKEN (made and printed where not given),
             REMORA_PARENT_STDIN=1 (end when standard input closes), REMORA_LOG_LEVEL (info)`;

const SIZE = /^(\d+(?:\.\d+)?)(Ki|Mi|Gi|Ti)?$/;
const SIZE_UNITS = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 };
const AGE = /^(\d+(?:\.\d+)?)(s|m|h|d)$/;
const AGE_UNITS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const LISTEN = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+)):(\d{1,5})$/i;
/** RFC 1123 §2.1, as Kubernetes narrows it. */
const NAMESPACE = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const MODES = ['local', 'file', 'cluster'] as const;

/** Reads the command line (without the program's name). Throws HubError USAGE. */
export function parseArguments(argv: string[]): HubArguments {
  const values = readOptions(argv);
  const dataDir = values['data-dir'];
  if (dataDir === undefined) throw new HubError('USAGE', 'give --data-dir');
  const mode = MODES.find((name) => name === values.mode);
  if (mode === undefined) throw new HubError('USAGE', `--mode ${values.mode} is none of ${MODES.join(', ')}`);
  checkModeOptions(mode, values);
  const maxAge = values['max-age'];
  return {
    ...parseListen(values.listen),
    dataDir,
    storageLimit: measure('storage-limit', values['storage-limit'], SIZE, SIZE_UNITS),
    maxAge: maxAge === undefined ? undefined : measure('max-age', maxAge, AGE, AGE_UNITS),
    mode,
    allowRawExport: values['allow-raw-export'],
    uiDir: values['ui-dir'] ?? PAGE_DIRECTORY,
    allowedHosts: values['allowed-host'],
    tls: readTls(values['tls-cert'], values['tls-key']),
    objects: values.objects,
    kubeconfig: values.kubeconfig,
    namespaces: values.namespaces === undefined ? [] : readNamespaces(values.namespaces),
    targets: values.targets,
  };
}

function readOptions(argv: string[]) {
  try {
    return parseArgs({ args: argv, options: OPTIONS }).values;
  } catch (error) {
    throw new HubError('USAGE', (error as Error).message, error);
  }
}

function readTls(cert: string | undefined, key: string | undefined): TlsPaths | undefined {
  if (cert !== undefined && key !== undefined) return { cert, key };
  if (cert === undefined && key === undefined) return undefined;
  throw new HubError('USAGE', 'give --tls-cert and --tls-key together');
}

function parseListen(text: string): { host: string; port: number } {
  const match = LISTEN.exec(text);
  if (match === null || Number(match[3]) > 65_535) {
    throw new HubError('USAGE', `--listen ${text} is not HOST:PORT or [IPv6]:PORT`);
  }
  return { host: match[1] ?? match[2], port: Number(match[3]) };
}

/** Where the names of addresses come from. */
function checkModeOptions(
  mode: Health['mode'],
  {
    objects,
    kubeconfig,
    namespaces,
    targets,
  }: Partial<Record<'objects' | 'kubeconfig' | 'namespaces' | 'targets', string>>,
): void {
  if (mode === 'cluster' && objects !== undefined) {
    throw new HubError(
      'USAGE',
      '--objects is not for --mode cluster, where the API server says what there is',
    );
  }
  if (mode !== 'cluster' && (kubeconfig ?? namespaces ?? targets) !== undefined) {
    throw new HubError('USAGE', '--kubeconfig, --namespaces and --targets are for --mode cluster');
  }
}

function readNamespaces(text: string): string[] {
  const names = [...new Set(text.split(','))];
  const wrong = names.find((name) => !NAMESPACE.test(name));
  if (wrong !== undefined) throw new HubError('USAGE', `--namespaces: '${wrong}' is no name of a namespace`);
  const { clusterNamespaces } = WATCH_LIMITS;
  if (names.length > clusterNamespaces) {
    throw new HubError(
      'USAGE',
      `--namespaces has ${names.length} names, and at most ${clusterNamespaces} can be watched`,
    );
  }
  return names;
}

/** A number with a unit. */
function measure(option: string, text: string, form: RegExp, units: Record<string, number>): number {
  const match = form.exec(text);
  if (match === null) {
    throw new HubError(
      'USAGE',
      `--${option} ${text} is not a number with one of ${Object.keys(units).join(', ')}`,
    );
  }
  return Number(match[1]) * (units[match[2]] ?? 1);
}
