/** What one `remora tap` is to do: its options checked against each other, before anything is started. */

import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { isatty } from 'node:tty';
import { compileFilter, FilterError } from '../../flow/filter.ts';
import { CliError, usageError } from '../errors.ts';
import type { ResolvedSettings } from '../settings/resolve.ts';
import { type Output, SETTING_KEYS, SETTINGS, type Settings } from '../settings/table.ts';

/** The flags of `tap` that are of the moment and cannot stand in a settings file. */
export interface TapFlags {
  local?: boolean;
  pcap?: string[];
  objects?: string;
  demo?: boolean;
  redact: boolean;
  yesShowSecrets?: boolean;
  verbose?: boolean;
}

export interface NamedFile {
  /** The name of the node it was captured on, as far as known: the file's own name otherwise. */
  node: string;
  /** `-` is standard input. */
  path: string;
}

export type TapSource = { kind: 'local'; demo: boolean } | { kind: 'files'; files: NamedFile[] };

export interface TapPlan {
  source: TapSource;
  output: Output;
  settings: Settings;
  redact: boolean;
  /** A file of Kubernetes objects that names addresses. */
  objects: string | undefined;
  /** `data-dir` was chosen, not the default. */
  ownDataDir: boolean;
}

/** Throws usage errors, and CliError for what this version cannot do or a file that is not there. */
export function planTap(flags: TapFlags, resolved: ResolvedSettings): TapPlan {
  const { values: settings, layers } = resolved;
  const source = chooseSource(flags);

  if (!flags.redact && !flags.yesShowSecrets) {
    throw usageError(
      '--no-redact stores and shows passwords, tokens and cookies as they are',
      'If you want that, add --yes-show-secrets.',
    );
  }
  if (flags.yesShowSecrets && flags.redact)
    throw usageError('--yes-show-secrets has a meaning only with --no-redact');

  for (const key of SETTING_KEYS) {
    const { name, only } = SETTINGS[key];
    if (layers[key] !== 'flag') continue;
    if (only === 'ui' && settings.output !== 'ui') {
      throw usageError(`--${name} has no meaning with -o ${settings.output}`);
    }
    if (only === 'local' && source.kind === 'files') throw usageError(`--${name} has no meaning with --pcap`);
  }
  checkFilter(settings.filter);
  return {
    source,
    output: settings.output,
    settings,
    redact: flags.redact,
    objects: flags.objects,
    ownDataDir: layers.dataDir !== 'default',
  };
}

function chooseSource(flags: TapFlags): TapSource {
  if (flags.objects !== undefined && flags.pcap === undefined) {
    throw usageError('--objects has a meaning only with --pcap');
  }
  if (flags.local && flags.pcap) throw usageError('--local and --pcap exclude each other');
  if (flags.demo && !flags.local) throw usageError('--demo has a meaning only with --local');
  if (flags.local) return { kind: 'local', demo: flags.demo === true };
  if (flags.pcap) return { kind: 'files', files: nameFiles(flags.pcap) };
  throw new CliError('NOT_IN_THIS_VERSION', 'tapping a cluster is not in this version yet', {
    remedy:
      'Use `remora tap --local` for the traffic of this machine, or `remora tap --pcap FILE...` for capture files.',
  });
}

const STDIN = 0;
const NODE_PREFIX = /^([A-Za-z0-9][A-Za-z0-9.-]*)=(.+)$/s;

/** Reads `[NODE=]FILE`. A file that really is named `a=b.pcap` is that file. */
export function nameFiles(args: readonly string[]): NamedFile[] {
  const files = args.map((arg) => {
    const match = existsSync(arg) ? null : NODE_PREFIX.exec(arg);
    const path = match?.[2] ?? arg;
    return { node: match?.[1] ?? (path === '-' ? 'stdin' : basename(path)), path };
  });
  for (const { path } of files) {
    if (path !== '-' && !existsSync(path)) {
      throw new CliError('NO_SUCH_FILE', `${path}: no such file`, {
        remedy: 'Give capture files (pcap, pcapng, or gzip of either), or - for standard input.',
      });
    }
  }
  if (files.some(({ path }) => path === '-') && isatty(STDIN)) {
    throw usageError(
      'standard input is a terminal',
      'Pipe a capture to it: tcpdump -w - | remora tap --pcap -',
    );
  }
  if (files.filter(({ path }) => path === '-').length > 1)
    throw usageError('standard input can be read only once');
  return files;
}

function checkFilter(filter: string): void {
  try {
    compileFilter(filter);
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    const place = filter.slice(error.start, error.end);
    const where = place === '' ? 'at its end' : `at ${JSON.stringify(place)} (column ${error.start + 1})`;
    throw usageError(`wrong filter, ${where}: ${error.message}`);
  }
}
