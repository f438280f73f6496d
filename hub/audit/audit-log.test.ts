import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { AuditLog } from './audit-log.ts';

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'remora-audit-'));
  path = join(directory, 'audit.log');
  onTestFinished(() => rmSync(directory, { recursive: true }));
});

const linesOf = (file: string) =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

test('a line for each entry, with its time, for the owner alone, behind what was there', async () => {
  writeFileSync(path, '{"event":"before"}\n', { mode: 0o644 });
  const log = new AuditLog(directory);
  await Promise.all(['a\n"b', 'c', 'd'].map((event) => log.append({ event })));
  expect(linesOf(path).map(({ event }) => event)).toEqual(['before', 'a\n"b', 'c', 'd']);
  expect(linesOf(path)[1].time).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('a file that is full becomes the old one; both are bounded', async () => {
  const log = new AuditLog(directory, 1000);
  for (let n = 0; n < 100; n++) await log.append({ n });
  const [old, last] = [`${path}.1`, path].map(linesOf);
  for (const file of [path, `${path}.1`]) {
    expect(statSync(file).size).toBeLessThanOrEqual(1000);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  }
  const numbers = [...old!, ...last!].map(({ n }) => n);
  expect(numbers).toEqual(Array.from(numbers, (_, i) => 100 - numbers.length + i));
});

test('a line that a full disk had cut takes none of the next one', async () => {
  writeFileSync(path, '{"event":"cut');
  await new AuditLog(directory).append({ event: 'next' });
  expect(JSON.parse(readFileSync(path, 'utf8').split('\n')[1]!)).toMatchObject({ event: 'next' });
});

test('what cannot be written is an error, and the next entry is tried anew', async () => {
  mkdirSync(path);
  const log = new AuditLog(directory);
  await expect(log.append({})).rejects.toMatchObject({ code: 'AUDIT_UNWRITABLE', status: 503 });
  rmSync(path, { recursive: true });
  await log.append({ event: 'again' });
  expect(linesOf(path)).toHaveLength(1);
});

test('a link is not followed', async () => {
  const elsewhere = join(directory, 'elsewhere');
  writeFileSync(elsewhere, '');
  symlinkSync(elsewhere, path);
  await expect(new AuditLog(directory).append({})).rejects.toMatchObject({ code: 'AUDIT_UNWRITABLE' });
  expect(readFileSync(elsewhere, 'utf8')).toBe('');
});
