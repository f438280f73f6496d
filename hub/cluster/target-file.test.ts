import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EVERY_POD } from '../../flow/targets.ts';
import { readTargets } from './target-file.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'remora-targets-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

test('JSON, or a file that has it', async () => {
  expect(await readTargets(' {"pods":"web"}')).toEqual({ ...EVERY_POD, pods: 'web' });
  const file = join(directory, 'targets.json');
  writeFileSync(file, '{"refs":["svc/cart"]}');
  expect(await readTargets(file)).toEqual({ ...EVERY_POD, refs: ['svc/cart'] });
});

test.each([
  ['{"pods":"("}', 'missing closing'],
  ['{"pod":"web"}', 'no field "pod"'],
  ['{', 'not JSON'],
  ['/no/such/file', 'ENOENT'],
])('%s is refused, and it is said why', async (text, why) => {
  await expect(readTargets(text)).rejects.toMatchObject({
    code: 'TARGETS_INVALID',
    message: expect.stringContaining(why),
  });
});
