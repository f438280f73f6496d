/**
 * The shared libraries that programs and addons were linked with on this machine. Taken from here they fit, whichever
 * Linux with glibc it is.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { DeployError } from '../errors.ts';
import type { Tree } from './tree.ts';

/** `libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x…)`, and the loader: `/lib64/ld-linux-x86-64.so.2 (0x…)`. */
const LIBRARY = /^\s*(?:\S+ => )?(\/\S+) \(0x[0-9a-f]+\)$/;

/** Adds what `binary` needs and `below` does not have, where the loader looks for it. */
export function addLibraries(tree: Tree, binary: string, below?: Tree): void {
  const packages = new Set<string>();
  for (const path of librariesOf(binary)) {
    if (below?.has(path)) continue;
    const file = realpathSync(path);
    tree.file(path, file, 0o755);
    const name = debianPackage(path) ?? debianPackage(file);
    if (name !== undefined) packages.add(name);
  }
  for (const name of packages) addProvenance(tree, name);
}

function librariesOf(binary: string): string[] {
  const lines = run('ldd', [binary])?.split('\n');
  const missing = lines?.find((line) => line.endsWith('not found'));
  if (lines === undefined || missing !== undefined) {
    throw new DeployError(
      'IMAGE_PARTS_MISSING',
      `the libraries of ${binary} cannot be told${missing === undefined ? '' : `: ${missing.trim()}`}`,
      'Images are made on Linux with glibc; libpcap must be installed (Debian: libpcap0.8).',
    );
  }
  return lines.map((line) => LIBRARY.exec(line)?.[1]).filter((path) => path !== undefined);
}

/**
 * What scanners for known weaknesses look for, and the licence. dpkg keeps one file for all packages; images without
 * dpkg keep one for each in status.d (as distroless images do).
 */
function addProvenance(tree: Tree, name: string): void {
  const status = run('dpkg-query', ['--status', name]);
  if (status === undefined) return;
  const [plain] = name.split(':');
  tree.file(`/var/lib/dpkg/status.d/${plain}`, Buffer.from(status));
  const licence = `/usr/share/doc/${plain}/copyright`;
  if (existsSync(licence)) tree.file(licence, realpathSync(licence));
}

/** `libc6:amd64`, where this is Debian or one of its children. */
function debianPackage(path: string): string | undefined {
  return run('dpkg-query', ['--search', path])?.split(': ')[0];
}

function run(program: string, args: string[]): string | undefined {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return undefined;
  }
}
