import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { confirmRaw } from './confirm-raw.ts';

async function answered(text: string, isTTY = true): Promise<string> {
  const [input, output] = [new PassThrough(), new PassThrough()].map((one) => Object.assign(one, { isTTY }));
  input!.end(text);
  await confirmRaw(input!, output!);
  return String(output!.read());
}

test('who types yes is told before what that means', async () => {
  expect(await answered('yes\n')).toMatch(/passwords.*audit log.*Type yes/s);
  await answered(' YES \r\n');
});

test.each(['no\n', 'y\n', '\n', '', 'no\nyes\n'])('%j is no yes', async (text) => {
  await expect(answered(text)).rejects.toMatchObject({ code: 'NOT_CONFIRMED', exit: 1 });
});

test('where there is no terminal, nobody is asked', async () => {
  await expect(answered('yes\n', false)).rejects.toMatchObject({ code: 'USAGE', exit: 2 });
});
