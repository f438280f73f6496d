import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { isLeftover, newMark, readMark, toAnnotations, whoAmI } from './mark.ts';

test('what is written into annotations is read back', () => {
  const mark = newMark(true);
  expect(readMark({ name: 'remora-hub', annotations: { other: 'x', ...toAnnotations(mark) } })).toEqual(mark);
  expect(mark.by).toBe(whoAmI());
  expect(newMark(true).session).not.toBe(mark.session);
});

test('what others made has no mark', () => {
  expect(readMark({ name: 'remora-hub' })).toBeUndefined();
  expect(readMark({ name: 'remora-hub', annotations: { 'meta.helm.sh/release-name': 'r' } })).toBeUndefined();
});

test('left over is only a tap of this user on this machine whose process has ended', () => {
  const { pid: ended } = spawnSync(process.execPath, ['-e', '']);
  const mark = { ...newMark(false), pid: ended };
  expect(isLeftover(mark)).toBe(true);
  expect(isLeftover({ ...mark, pid: process.pid })).toBe(false);
  expect(isLeftover({ ...mark, by: 'ana@laptop' })).toBe(false);
  expect(isLeftover({ ...mark, kept: true })).toBe(false);
});
