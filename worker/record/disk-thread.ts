/** The thread of a recorder's disk: encrypts and writes, so that packets need not wait for either. */
import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers';
import { parentPort, workerData } from 'node:worker_threads';
import type { DiskOptions, DiskProblem, FromDisk, ToDisk } from './disk-messages.ts';
import { type KeptKey, keepKey } from './key-file.ts';
import { Restoration } from './restoration.ts';
import { removeSegmentFiles, SegmentFiles } from './segment-files.ts';

const port = parentPort!;
const { directory, keyDirectory, roomBytes, segmentBytes } = workerData as DiskOptions;
const kept = keyDirectory === undefined ? undefined : start(keyDirectory);
const files = new SegmentFiles(directory, kept?.key ?? randomBytes(32), segmentBytes);
let restoration: Restoration | undefined;
if (kept === undefined || kept.isNew) attempt(() => removeSegmentFiles(directory));
else attempt(() => restore(new Restoration(files, roomBytes)));

port.on('message', (message: ToDisk) => {
  if (message.kind === 'write') write(message.name, message.size, message.buffer);
  else if (message.kind === 'read') read(message.name);
  else if (message.kind === 'remove') letGo(message.name);
  else {
    restoration = undefined;
    if (kept === undefined) attempt(() => removeSegmentFiles(directory));
    port.close();
  }
});

function start(keyDirectory: string): KeptKey | undefined {
  let key: KeptKey | undefined;
  const problem = attempt(() => {
    key = keepKey(keyDirectory);
  });
  port.postMessage({ kind: 'started', ...(problem && { problem }) } satisfies FromDisk);
  return key;
}

/** A file at a time: what comes meanwhile is written in between. */
function restore(begun: Restoration): void {
  restoration = begun;
  const next = () => {
    if (restoration === undefined) return;
    attempt(() => begun.next());
    if (!begun.isOver) return void setImmediate(next);
    restoration = undefined;
    const { restored, unreadable } = begun;
    port.postMessage({ kind: 'restored', stretches: restored, unreadable } satisfies FromDisk);
  };
  next();
}

function write(name: string, size: number, buffer: SharedArrayBuffer): void {
  const problem = attempt(() => {
    restoration?.makeRoom(size);
    files.write(name, new Uint8Array(buffer, 0, size));
  });
  port.postMessage({ kind: 'written', name, ...(problem && { problem }) } satisfies FromDisk);
}

/** Most often another is written at once, in its place. */
function letGo(name: string): void {
  files.letGo(name);
  setImmediate(() => attempt(() => files.clear()));
}

function read(name: string): void {
  let bytes = new ArrayBuffer(0);
  const problem = attempt(() => {
    bytes = files.read(name).buffer;
  });
  if (problem === undefined) port.postMessage({ kind: 'read', name, bytes } satisfies FromDisk, [bytes]);
  else port.postMessage({ kind: 'read', name, bytes: problem } satisfies FromDisk);
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
