import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connectionOf } from '../../test/recorded-packets.ts';
import { Packet } from '../packet/packet.ts';
import { Restoration } from './restoration.ts';
import { Segment } from './segment.ts';
import { SegmentFiles } from './segment-files.ts';
import { Stage } from './stage.ts';

const START = 1e15;

let directory = '';
let files: SegmentFiles;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'remora-restoration-'));
  files = new SegmentFiles(directory, randomBytes(32), 4096);
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Segments of two packets each, a second apart, the first number being the oldest. */
function write(session: string, numbers: readonly number[], begin = START): void {
  for (const [i, number] of numbers.entries()) {
    const segment = new Segment(number, new ArrayBuffer(4096), new Stage(4096));
    const packet = new Packet();
    packet.data = new Uint8Array(100);
    packet.payloadEnd = 100;
    const time = begin + i * 1e6;
    for (const later of [0, 10]) {
      segment.describe(time + later, connectionOf(5 + later));
      packet.time = time + later;
      segment.append(5 + later, 0, packet);
    }
    segment.settle();
    files.write(`${session}-${number}`, new Uint8Array(segment.buffer, 0, segment.end));
    const written = (time - START) / 1e6 + 1000;
    utimesSync(join(directory, `packets-${session}-${number}.aes`), written, written);
  }
}

function readAll(restoration: Restoration): Restoration {
  while (!restoration.isOver) restoration.next();
  return restoration;
}

test('what is in each segment is known, without its bytes', () => {
  write('session-a', [0]);
  const [stretch] = readAll(new Restoration(files, 1e6)).restored;
  expect(stretch).toMatchObject({
    ...{ session: 'session-a', number: 0, first: START, newest: START + 10, packets: 2 },
    connections: Int32Array.of(5, 15),
  });
});

test('sessions come in the order of their packets, segments in that of their numbers, though clocks are set back', () => {
  write('session-b', [9, 10, 11], START + 100e6);
  write('session-c', [0], START + 200e6);
  write('session-a', [1], START + 20e6);
  write('session-a', [2], START + 10e6);
  const { restored } = readAll(new Restoration(files, 1e6));
  expect(restored.map(({ session, number }) => `${session} ${number}`)).toEqual([
    ...['session-a 1', 'session-a 2', 'session-b 9', 'session-b 10', 'session-b 11', 'session-c 0'],
  ]);
});

test('what is written meanwhile takes the place of the oldest that were not looked at', () => {
  write('session-a', [0, 1, 2, 3, 4, 5]);
  const { bytes } = files.list()[0]!;
  const restoration = new Restoration(files, 6.5 * bytes);
  restoration.next();
  restoration.makeRoom(bytes);
  expect(readdirSync(directory)).toHaveLength(5);
  restoration.makeRoom(2 * bytes);
  readAll(restoration);
  expect(restoration.restored.map(({ number }) => number)).toEqual([3, 4, 5]);
  expect(restoration.unreadable).toBe(0);
  restoration.makeRoom(100 * bytes);
  expect(readdirSync(directory)).toHaveLength(3);
});
