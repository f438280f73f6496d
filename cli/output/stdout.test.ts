import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { resultOutput } from './stdout.ts';

/** A reader that takes chunks when told to. */
function slowReader() {
  const taken: string[] = [];
  const waiting: (() => void)[] = [];
  const stream = new Writable({
    highWaterMark: 1,
    write(chunk, _encoding, done) {
      taken.push(String(chunk));
      waiting.push(done);
    },
  });
  return { stream, taken, takeOne: () => waiting.shift()?.() };
}

const settled = async (promise: Promise<unknown>) =>
  await Promise.race([promise.then(() => true), new Promise((resolve) => setTimeout(resolve, 20, false))]);

test('a write resolves only when the reader has room again', async () => {
  const { stream, taken, takeOne } = slowReader();
  const writing = resultOutput(stream).write('one\n');
  expect(await settled(writing)).toBe(false);
  takeOne();
  expect(await settled(writing)).toBe(true);
  expect(taken).toEqual(['one\n']);
});

test('a reader that has gone is told as closed, and a waiting write is let go', async () => {
  const { stream } = slowReader();
  const output = resultOutput(stream);
  const writing = output.write('one\n');
  stream.destroy(Object.assign(new Error('gone'), { code: 'EPIPE' }));
  expect(await settled(writing)).toBe(true);
  expect(output.closed.aborted).toBe(true);
  await output.write('two\n');
});

test('any other error of the output is an error', async () => {
  const { stream } = slowReader();
  const output = resultOutput(stream);
  const writing = output.write('one\n');
  stream.destroy(Object.assign(new Error('full'), { code: 'ENOSPC' }));
  await expect(writing).rejects.toThrow('cannot write the output (ENOSPC)');
});
