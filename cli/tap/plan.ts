/** What one `remora tap` is to do: its options checked against each other, before anything is started. */

import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { isatty } from 'node:tty';
import { CliError, usageError } from '../errors.ts';
import { checkFilter } from '../settings/check-filter.ts';
import { LAYERS, type ResolvedSettings } from '../settings/resolve.ts';
import { SCOPES, type SourceKind } from '../settings/scope.ts';
import { type Output, SETTING_KEYS, SETTINGS, type Settings } from '../settings/table.ts';

/** The flags of `tap` that are of the moment and cannot stand in a settings file. */
export interface TapFlags {
  local?: boolean;
  pcap?: string[];
  objects?: string;
  demo?: boolean;
  dryRun?: boolean;
  wait?: boolean;
  retarget?: boolean;
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

export interface LocalSource {
  kind: 'local';
  demo: boolean;
}

export interface FilesSource {
  kind: 'files';
  files: NamedFile[];
}

export interface ClusterSource {
  kind: 'cluster';
  /** Regular expression for pod names; '' is all. */
  pods: string;
  /** `deploy/checkout`, `svc/cart`, `pod/x`. */
  refs: string[];
  /** undefined: the context's. [] is all. */
  namespaces: readonly string[] | undefined;
  /** Show the pods and the manifests, and change nothing. */
  dryRun: boolean;
  /** Go on also when no pod matches yet. */
  wait: boolean;
  /** A Remora that runs already is to tap these pods, whoever started it. */
  retarget: boolean;
}

export type TapSource = LocalSource | FilesSource | ClusterSource;

export interface TapPlan<Source extends TapSource = TapSource> {
  source: Source;
  output: Output;
  settings: Settings;
  redact: boolean;
  /** A file of Kubernetes objects that names addresses. */
  objects: string | undefined;
  /** `data-dir` was chosen, not the default. */
  ownDataDir: boolean;
}

/** A plan for what runs on this machine alone. */
export type LocalPlan = TapPlan<LocalSource | FilesSource>;

/** `words` are those after the flags: which pods. Throws usage errors, and CliError for a file that is not there. */
export function planTap(words: readonly string[], flags: TapFlags, resolved: ResolvedSettings): TapPlan {
  const { values: settings, layers } = resolved;
  const source = chooseSource(words, flags, resolved);

  if (!flags.redact && !flags.yesShowSecrets) {
    throw usageError(
      '--no-redact stores and shows passwords, tokens and cookies as they are',
      'If you want that, add --yes-show-secrets.',
    );
  }
  if (flags.yesShowSecrets && flags.redact)
    throw usageError('--yes-show-secrets has a meaning only with --no-redact');

  checkScopes(source.kind, resolved);
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

function chooseSource(words: readonly string[], flags: TapFlags, resolved: ResolvedSettings): TapSource {
  if (flags.objects !== undefined && flags.pcap === undefined) {
    throw usageError('--objects has a meaning only with --pcap');
  }
  if (flags.local && flags.pcap) throw usageError('--local and --pcap exclude each other');
  if (flags.demo && !flags.local) throw usageError('--demo has a meaning only with --local');
  if (flags.local || flags.pcap) {
    const way = flags.local ? '--local' : '--pcap';
    const [word] = words;
    if (word !== undefined) throw usageError(`"${word}" names pods, and there are none with ${way}`);
    for (const flag of ['dry-run', 'wait', 'retarget'] as const) {
      const given = flag === 'dry-run' ? flags.dryRun : flags[flag];
      if (given) throw usageError(`--${flag} has no meaning with ${way}`);
    }
  }
  if (flags.local) return { kind: 'local', demo: flags.demo === true };
  if (flags.pcap) return { kind: 'files', files: nameFiles(flags.pcap) };
  if (!flags.redact) {
    throw usageError('--no-redact has no meaning on a cluster: what others may see there is always redacted');
  }
  return {
    kind: 'cluster',
    ...readWords(words),
    namespaces: chosenNamespaces(resolved),
    dryRun: flags.dryRun === true,
    wait: flags.wait === true,
    retarget: flags.retarget === true,
  };
}

/** A word with a slash is a reference to an object; the names of pods have none. */
export function readWords(words: readonly string[]): Pick<ClusterSource, 'pods' | 'refs'> {
  const refs = words.filter((word) => word.includes('/'));
  const [pods = '', second] = words.filter((word) => !word.includes('/'));
  if (second !== undefined) {
    throw usageError(
      `one regular expression for the names of pods, not two ("${pods}", "${second}")`,
      `Say "(${pods}|${second})", in quotes. A pattern with * needs quotes too, or the shell makes file names of it.`,
    );
  }
  return { pods, refs };
}

/** As kubectl has it: those of -n, all with -A, else the context's (undefined). The stronger place wins. */
export function chosenNamespaces({
  values,
  layers,
}: Pick<ResolvedSettings, 'values' | 'layers'>): readonly string[] | undefined {
  const named = values.namespace.length > 0;
  if (!values.allNamespaces) return named ? values.namespace : undefined;
  const [all, some] = [LAYERS.indexOf(layers.allNamespaces), LAYERS.indexOf(layers.namespace)];
  if (named && all === some) throw usageError('--all-namespaces and --namespace exclude each other');
  return named && some < all ? values.namespace : [];
}

function checkScopes(source: SourceKind, { values, layers }: ResolvedSettings): void {
  for (const key of SETTING_KEYS) {
    const { name, only } = SETTINGS[key];
    if (layers[key] !== 'flag' || only === undefined) continue;
    const { holds, text } = SCOPES[only];
    if (!holds(source, values.output)) {
      throw usageError(`--${name} has a meaning only ${text.replaceAll('`', '')}`);
    }
  }
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
