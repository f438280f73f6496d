import { PassThrough } from 'node:stream';
import type { WriteStream } from 'node:tty';
import { expect, test } from 'vitest';
import { Terminal } from '../output/terminal.ts';
import { WorkerWatch } from './worker-watch.ts';

const terminal = new Terminal(new PassThrough() as unknown as WriteStream, {}, false);
const watch = (kind: 'local' | 'files') => new WorkerWatch(kind, terminal);
const failed = { event: 'failed', code: 'X', message: 'no right to capture', remedy: 'Use sudo.' };

test('a worker that fails before it captures is not started again', () => {
  const worker = watch('local');
  worker.event(failed);
  expect(worker.judge()).toBe('fail');
  expect(worker.failure).toMatchObject({ code: 'X', message: 'no right to capture', remedy: 'Use sudo.' });
});

test('a live worker that dies later is started again, and an old failure forgotten when it captures', async () => {
  const worker = watch('local');
  worker.event({ event: 'capturing', sources: ['any'] });
  await worker.capturing;
  expect(worker.judge()).toBe('restart');
  worker.event(failed);
  expect(worker.judge()).toBe('restart');
  worker.event({ event: 'capturing', sources: ['any'] });
  expect(worker.failure).toBeUndefined();
});

test('a worker of files is done at their end, and also where they are damaged', () => {
  const read = watch('files');
  read.event({ event: 'capturing', sources: ['a.pcap'] });
  expect(read.judge()).toBe('restart');
  read.event({ event: 'done', counters: {} });
  expect(read.judge()).toBe('done');

  const damaged = watch('files');
  damaged.event({ event: 'capturing', sources: ['a.pcap'] });
  damaged.event(failed);
  expect(damaged.judge()).toBe('done');
});

test('progress is a share, and unknown where the size is', () => {
  const worker = watch('files');
  worker.event({ event: 'progress', position: 50, size: 200 });
  expect(worker.progress).toBe(0.25);
  worker.event({ event: 'progress', position: 50 });
  expect(worker.progress).toBeUndefined();
});

test('events it does not know are no trouble', () => {
  const worker = watch('local');
  worker.event({});
  worker.event({ event: 'news' });
  expect(worker.judge()).toBe('fail');
});
