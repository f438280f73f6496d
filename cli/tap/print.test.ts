import { expect, test } from 'vitest';
import { compileFilter } from '../../flow/filter.ts';
import type { Flow } from '../../flow/flow.ts';
import type { ResultOutput } from '../output/stdout.ts';
import { printFlows } from './print.ts';

const flow = (id: string) => ({ id }) as Flow;
const format = ({ id }: Flow) => `${id}\n`;
const every = compileFilter('');
const never = new AbortController().signal;

function memoryOutput(write: (text: string) => Promise<void> = async () => {}) {
  const closed = new AbortController();
  let text = '';
  const output: ResultOutput = {
    closed: closed.signal,
    async write(chunk) {
      text += chunk;
      await write(String(chunk));
    },
  };
  return { output, close: () => closed.abort(), text: () => text };
}

test('prints every flow that matches, in order', async () => {
  const { output, text } = memoryOutput();
  async function* source() {
    yield [flow('a'), flow('b')];
    yield [];
    yield [flow('c')];
  }
  await printFlows(
    source(),
    { ...compileFilter(''), matches: ({ id }) => id !== 'b' },
    format,
    output,
    never,
  );
  expect(text()).toBe('a\nc\n');
});

test('asks for no further batch before the last one is written', async () => {
  let given = 0;
  let finishWrite: () => void = () => {};
  const { output } = memoryOutput(
    () =>
      new Promise((resolve) => {
        finishWrite = resolve;
      }),
  );
  async function* source() {
    for (; given < 3; given++) yield [flow(String(given))];
  }
  const printing = printFlows(source(), every, format, output, never);
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(given).toBe(0);
  finishWrite();
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(given).toBe(1);
  finishWrite();
  await new Promise((resolve) => setTimeout(resolve, 10));
  finishWrite();
  await printing;
});

test('what was read before an error is printed, then the error is told', async () => {
  const { output, text } = memoryOutput();
  async function* source() {
    yield [flow('a')];
    throw new Error('damaged at byte 99');
  }
  await expect(printFlows(source(), every, format, output, never)).rejects.toThrow('damaged at byte 99');
  expect(text()).toBe('a\n');
});

test.each(['stop', 'closed'] as const)('ends on %s while the source is silent', async (why) => {
  const { output, close } = memoryOutput();
  const stop = new AbortController();
  async function* silent(): AsyncGenerator<Flow[]> {
    await new Promise(() => {});
  }
  const printing = printFlows(silent(), every, format, output, stop.signal);
  if (why === 'stop') stop.abort();
  else close();
  await printing;
});
