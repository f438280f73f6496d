/** `remora check --local`: what capturing on this machine takes. */

import { accessSync, constants, existsSync, readdirSync, statfsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PAGE_DIRECTORY } from '../../hub/paths.ts';
import { CaptureError } from '../../worker/capture/error.ts';
import { loadLibpcap } from '../../worker/capture/libpcap.ts';
import { openLive } from '../../worker/capture/live.ts';
import { bytes } from '../output/units.ts';
import type { Settings } from '../settings/table.ts';
import { requireFreePort } from '../tap/port.ts';
import { type Finding, type Findings, failed, failedBy, ok, warning } from './finding.ts';

/** The oldest that package.json allows. */
const LEAST_NODE = [20, 19] as const;

export async function* checkLocal(settings: Settings): Findings {
  yield node();
  const libpcap = loadedLibpcap();
  yield libpcap;
  if (libpcap.verdict === 'ok') yield capture(settings);
  yield await database();
  yield page();
  yield await port(settings);
  yield disk(settings);
}

function node(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const text = `Node.js ${process.versions.node} on ${process.platform} ${process.arch}`;
  const [leastMajor, leastMinor] = LEAST_NODE;
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return ok('NODE', text);
  return failed('NODE', `${text} is too old`, `Remora needs ${LEAST_NODE.join('.')} or later.`);
}

function loadedLibpcap(): Finding {
  try {
    const names = loadLibpcap()
      .findalldevs()
      .map(({ name }) => name);
    return ok('LIBPCAP', `libpcap is there, with ${names.length} interfaces`, { interfaces: names });
  } catch (error) {
    return failedBy('LIBPCAP', error);
  }
}

/** Only trying tells: rights come from a user, from file capabilities, from a container's settings. */
function capture({ interface: name, bpf, snaplen, bufferSize }: Settings): Finding {
  try {
    openLive({
      ...{ interface: name, filter: bpf, snapLength: snaplen, bufferSize },
      sink: () => {},
      onFailure: () => {},
    }).close();
    return ok('CAPTURE', `packets on interface ${name} may be captured`);
  } catch (error) {
    const code = error instanceof CaptureError ? error.code : 'CAPTURE';
    return failedBy(code, error);
  }
}

async function database(): Promise<Finding> {
  try {
    const { default: Database } = await import('better-sqlite3');
    const database = new Database(':memory:');
    const { version } = database.prepare('SELECT sqlite_version() AS version').get() as { version: string };
    database.close();
    return ok('SQLITE', `SQLite ${version} is there`);
  } catch (error) {
    return failed(
      'SQLITE',
      `SQLite cannot be loaded: ${(error as Error).message.split('\n')[0]}`,
      'It is compiled at installation: npm rebuild better-sqlite3 --foreground-scripts.',
    );
  }
}

function page(): Finding {
  return existsSync(join(PAGE_DIRECTORY, 'index.html'))
    ? ok('PAGE', 'the page is built')
    : warning('PAGE', 'the page is not built: -o text and -o json work', 'Build it with npm run build.');
}

async function port({ port: number }: Settings): Promise<Finding> {
  try {
    if (number !== 0) await requireFreePort(number);
    return ok('PORT', number === 0 ? 'any free port will do' : `port ${number} is free`);
  } catch (error) {
    return failedBy('PORT', error);
  }
}

function disk({ dataDir, storageLimit }: Settings): Finding {
  try {
    const there = nearestThere(dataDir);
    accessSync(there, constants.R_OK | constants.W_OK | constants.X_OK);
    const { bavail, bsize } = statfsSync(there);
    const free = bavail * bsize;
    const used = there === dataDir ? sizeOf(dataDir) : 0;
    const text = `${dataDir} can be written: ${bytes(used)} used, ${bytes(free)} free`;
    if (free + used >= storageLimit) return ok('DISK', text, { used, free, storageLimit });
    return warning(
      'DISK',
      `${text}, less than --storage-limit ${bytes(storageLimit)}`,
      `Free something, choose another place with --data-dir, or keep less with --storage-limit.`,
    );
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return failed('DISK', `${dataDir} cannot be written (${code})`, 'Choose another: --data-dir DIR.');
  }
}

/** Where it would be made, if it is not there. */
function nearestThere(directory: string): string {
  return existsSync(directory) || dirname(directory) === directory
    ? directory
    : nearestThere(dirname(directory));
}

/** Bytes of the files in a directory and those below. */
function sizeOf(directory: string): number {
  let sum = 0;
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) sum += sizeOf(path);
    else sum += statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  }
  return sum;
}
