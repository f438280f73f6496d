import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isInMemory, keepKey } from '../../worker/record/key-file.ts';
import { forgetPackets, packetsPlace } from './packets-place.ts';

const MEMORY = '/dev/shm';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'remora-place-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a data directory has one place for its key, by whichever name, and another one has another', () => {
  const [one, two, link] = ['one', 'two', 'link'].map((name) => join(folder, name));
  mkdirSync(one!);
  mkdirSync(two!);
  symlinkSync(one!, link!);
  const keyOf = (dataDir: string) => packetsPlace(dataDir, {}).keyDirectory;
  expect(keyOf(link!)).toBe(keyOf(one!));
  expect(keyOf(two!)).not.toBe(keyOf(one!));
  expect(packetsPlace(one!, {}).directory).toBe(join(one!, 'packets'));
});

test.runIf(isInMemory(MEMORY))("the user's own directory is taken, where it is in memory", () => {
  const runtime = mkdtempSync(join(MEMORY, 'remora-run-'));
  try {
    expect(packetsPlace(folder, { XDG_RUNTIME_DIR: runtime }).keyDirectory).toMatch(`${runtime}/remora-`);
    expect(packetsPlace(folder, { XDG_RUNTIME_DIR: import.meta.dirname }).keyDirectory).toMatch(
      /^\/dev\/shm\/remora-\d+-[0-9a-f]{16}$/,
    );
  } finally {
    rmSync(runtime, { recursive: true });
  }
});

test.runIf(isInMemory(MEMORY))('what is forgotten is gone, and nothing else', () => {
  const place = {
    directory: join(folder, 'packets'),
    keyDirectory: join(MEMORY, `remora-place-${process.pid}`),
  };
  forgetPackets(place);
  keepKey(place.keyDirectory);
  mkdirSync(place.directory);
  writeFileSync(join(place.directory, 'packets-session-a-0.aes'), '');
  writeFileSync(join(place.directory, 'notes.txt'), '');
  forgetPackets(place);
  expect(existsSync(place.keyDirectory)).toBe(false);
  expect(readdirSync(place.directory)).toEqual(['notes.txt']);
});
