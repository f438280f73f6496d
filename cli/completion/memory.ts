/** What lookups found, in files of their own under the user's cache directory: for the next Tab. */

import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Candidate } from './complete.ts';

export interface Remembered {
  candidates: Candidate[];
  /** ms. */
  age: number;
}

/** Older than this nothing is believed, and what is this old is deleted. */
const MAX_AGE_MS = 3_600_000;

/** undefined where nothing usable is there. */
export function recall(directory: string, question: string): Remembered | undefined {
  try {
    const file = fileFor(directory, question);
    const age = Date.now() - statSync(file).mtimeMs;
    if (age < 0 || age > MAX_AGE_MS) return undefined;
    const candidates = JSON.parse(readFileSync(file, 'utf8')) as unknown;
    return Array.isArray(candidates) ? { candidates: candidates as Candidate[], age } : undefined;
  } catch {
    return undefined;
  }
}

/** False where a lookup of the same has begun less than `limitMs` ago. Throws where the directory cannot be written. */
export function beginLookup(directory: string, question: string, limitMs: number): boolean {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const marker = fileFor(directory, question, 'asked');
  const since = statSync(marker, { throwIfNoEntry: false })?.mtimeMs;
  if (since !== undefined && Math.abs(Date.now() - since) < limitMs) return false;
  writeFileSync(marker, '', { mode: 0o600 });
  return true;
}

/** Throws where the directory cannot be written. */
export function remember(directory: string, question: string, candidates: readonly Candidate[]): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = fileFor(directory, question);
  const written = `${file}.${process.pid}`;
  writeFileSync(written, JSON.stringify(candidates), { mode: 0o600 });
  renameSync(written, file);
  rmSync(fileFor(directory, question, 'asked'), { force: true });
  forgetOld(directory);
}

function forgetOld(directory: string): void {
  for (const name of readdirSync(directory)) {
    const file = join(directory, name);
    const since = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (Date.now() - since > MAX_AGE_MS) rmSync(file, { force: true });
  }
}

/** Questions name contexts and files: nothing for a file's name. */
function fileFor(directory: string, question: string, kind = 'json'): string {
  return join(directory, `${createHash('sha256').update(question).digest('hex').slice(0, 32)}.${kind}`);
}
