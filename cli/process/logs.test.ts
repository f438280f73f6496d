import { PassThrough } from 'node:stream';
import type { WriteStream } from 'node:tty';
import { expect, test } from 'vitest';
import { Terminal } from '../output/terminal.ts';
import { LastLog, showLog } from './logs.ts';

function shown(verbose: boolean, ...lines: string[]): string {
  const stream = new PassThrough();
  const terminal = new Terminal(stream as unknown as WriteStream, {}, verbose);
  for (const line of lines) showLog(terminal, 'hub', line);
  return String(stream.read() ?? '');
}

const info = '{"level":30,"msg":"listening"}';
const warn = '{"level":40,"msg":"slow disk"}';

test('warnings are shown as one line of text, the rest only when asked for', () => {
  expect(shown(false, info, warn, 'at foo (bar.js:1)')).toBe('warning: hub: slow disk\n');
  expect(shown(true, info, warn, 'plain')).toBe('hub: listening\nwarning: hub: slow disk\nhub: plain\n');
});

test('what a log says cannot drive the terminal', () => {
  expect(shown(false, JSON.stringify({ level: 50, msg: 'x\u001b[2J' }))).toBe('warning: hub: x\\u001b[2J\n');
});

test('lines that look like JSON and are not are shown as they are', () => {
  expect(shown(true, '{"level":', '{}')).toBe('hub: {"level":\nhub: {}\n');
});

test('the reason of a death is the last error logged, else the exception', () => {
  const log = new LastLog();
  expect(log.reason()).toBeUndefined();
  log.add('TypeError: x is not a function');
  log.add('    at foo (bar.js:1)');
  expect(log.reason()).toEqual({ text: 'TypeError: x is not a function', certain: false });
  log.add('{"level":60,"msg":"cannot open","err":{"message":"disk full"},"remedy":"Make room."}');
  log.add(info);
  expect(log.reason()).toMatchObject({ text: 'cannot open: disk full', remedy: 'Make room.', certain: true });
});
