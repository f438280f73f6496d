/** The thread of a recorder's disk: encrypts and writes, so that packets need not wait for either. */
import { parentPort, workerData } from 'node:worker_threads';
import type { DiskProblem, FromDisk, ToDisk } from './disk-messages.ts';
import { SegmentFiles } from './segment-files.ts';

const port = parentPort!;
const files = new SegmentFiles(String(workerData));
// Of a worker that has died.
attempt(() => files.clear());

port.on('message', (message: ToDisk) => {
  if (message.kind === 'write') write(message.number, message.size, message.buffer);
  else if (message.kind === 'read') read(message.number);
  else if (message.kind === 'remove') attempt(() => files.remove(message.number));
  else {
    attempt(() => files.clear());
    port.close();
  }
});

function write(number: number, size: number, buffer: ArrayBuffer): void {
  const problem = attempt(() => files.write(number, new Uint8Array(buffer, 0, size)));
  const answer: FromDisk = { kind: 'written', number, buffer, ...(problem && { problem }) };
  port.postMessage(answer, [buffer]);
}

function read(number: number): void {
  let bytes = new ArrayBuffer(0);
  const problem = attempt(() => {
    bytes = files.read(number).buffer;
  });
  if (problem === undefined) port.postMessage({ kind: 'read', number, bytes } satisfies FromDisk, [bytes]);
  else port.postMessage({ kind: 'read', number, bytes: problem } satisfies FromDisk);
}

/** What went wrong, if something did. */
function attempt(action: () => void): DiskProblem | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    const { code = 'UNREADABLE', message } = error as NodeJS.ErrnoException;
    return { code, message };
  }
}
