/** `remora logs`: one zip file with all that is needed to find out what is wrong with hub and workers. */

import type { Writable } from 'node:stream';
import { isatty } from 'node:tty';
import { findInstallation, type Search } from '../cluster/find.ts';
import { type ClusterSession, onCluster } from '../cluster/session.ts';
import { CliError, Exit, type ExitStatus, usageError } from '../errors.ts';
import { OutputFile } from '../output/file.ts';
import { Spinner } from '../output/spinner.ts';
import { Terminal } from '../output/terminal.ts';
import { bytes } from '../output/units.ts';
import { currentSettings, type ResolvedSettings } from '../settings/resolve.ts';
import type { SettingKey } from '../settings/table.ts';
import { Archive } from './archive.ts';
import { Collector } from './collect.ts';
import { readme } from './readme.ts';

export interface LogsFlags {
  /** `-` is standard output. */
  write?: string;
  verbose?: boolean;
}

const STDOUT = 1;

/** Resolves when the archive is written whole. Rejects with CliError, and leaves no half of a file. */
export async function logs(
  flags: LogsFlags,
  given: Partial<Record<SettingKey, unknown>>,
): Promise<ExitStatus> {
  const resolved = currentSettings(given);
  const terminal = new Terminal(process.stderr, process.env, flags.verbose === true);
  if (flags.write === '-' && isatty(STDOUT)) {
    throw usageError('a zip file is nothing for a terminal', 'Give a file: -w FILE.');
  }
  return await onCluster(resolved.values, terminal, (session) => collect(session, flags, resolved));
}

async function collect(session: ClusterSession, flags: LogsFlags, resolved: ResolvedSettings): Promise<void> {
  const { kube, terminal, stop } = session;
  const search = await findInstallation(kube, session.settings, stop);
  // What is left of one that was broken has no hub to be found by.
  const namespace = search.installation?.namespace ?? search.namespace;
  const collector = new Collector({ kube, namespace, resolved, terminal, stop });
  const spinner = new Spinner(terminal);
  spinner.show('objects');
  try {
    const count = await collector.look();
    if (count === 0) throw notThere(search);
    const time = new Date().toISOString();
    const name = archiveName(kube.context, time);
    const written = await writeTo(flags.write ?? `${name}.zip`, async (output) => {
      const archive = new Archive(name, output);
      stop.addEventListener('abort', () => archive.abandon(), { once: true });
      await collector.fill(archive, (what) => spinner.show(what));
      stop.throwIfAborted();
      await archive.close('README.txt', readme({ archive, namespace, time, context: kube.context }));
      return archive;
    });
    spinner.clear();
    tell(session, written);
  } finally {
    spinner.clear();
  }
}

function notThere({ namespace, blind }: Search): CliError {
  const remedy = 'Say where it is: --remora-namespace NAMESPACE.';
  if (blind) {
    const text = `you may not see what is in namespace "${namespace}"`;
    return new CliError('NO_ACCESS', text, {
      exit: Exit.refused,
      remedy: `${remedy} Or ask its administrator.`,
    });
  }
  return new CliError('NOT_INSTALLED', `there is nothing of Remora in namespace "${namespace}"`, {
    remedy: `${remedy} \`remora tap\` puts it there.`,
  });
}

/** Names of contexts may have anything in them: colons, slashes. */
function archiveName(context: string, time: string): string {
  const cluster = context.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[-.]+|-+$/g, '') || 'cluster';
  return `remora-logs-${cluster}-${time.slice(0, 19).replace(/[-:]/g, '').replace('T', '-')}`;
}

interface Written {
  archive: Archive;
  /** `-` is standard output. */
  file: string;
  bytes: number;
}

async function writeTo(file: string, fill: (output: Writable) => Promise<Archive>): Promise<Written> {
  if (file === '-') return { archive: await fill(process.stdout), file, bytes: 0 };
  const output = await OutputFile.open(file, { replace: true });
  try {
    const archive = await fill(output.stream());
    const { size } = await output.handle.stat();
    await output.finish();
    return { archive, file, bytes: size };
  } catch (error) {
    throw output.explain(error);
  } finally {
    await output.abandon();
  }
}

function tell({ terminal }: ClusterSession, { archive, file, bytes: size }: Written): void {
  const { files, missing } = archive;
  const where = file === '-' ? '' : `${file} (${bytes(size)}): `;
  if (file === '-') terminal.detail(`${files} files`);
  else process.stdout.write(`${where}${files} files. Look through it before you give it away.\n`);
  for (const what of missing.slice(0, TOLD)) terminal.warn(`not in it: ${what}`);
  if (missing.length > TOLD) terminal.warn(`and ${missing.length - TOLD} more: see README.txt in it`);
}

/** What is missing is told on the terminal up to so many lines. */
const TOLD = 8;
