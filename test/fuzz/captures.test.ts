/** Captures spoiled in every way that a network, a file or an enemy can spoil them, through the whole worker. */
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { beforeAll, expect, test } from 'vitest';
import { CaptureError } from '../../worker/capture/error.ts';
import { openFile } from '../../worker/capture/file.ts';
import { Packet } from '../../worker/packet/packet.ts';
import { PcapngBuilder, pcapFile } from '../packets/index.ts';
import { CAMPAIGN_TIMEOUT_MS, campaign } from './campaign.ts';
import { corpusCaptures, ownCapture } from './captures.ts';
import { Chance } from './chance.ts';
import { type Capture, readThrough } from './check.ts';
import { mutate, mutateBytes } from './mutate.ts';

let bases: Capture[];

beforeAll(async () => {
  const own = Array.from({ length: 20 }, (_, n) => ownCapture(new Chance(n)));
  bases = [...own.filter(({ frames }) => frames.length > 0), ...(await corpusCaptures())];
});

test('as they are, they pass every check', () => {
  let exchanges = 0;
  for (const base of bases) exchanges += readThrough(base).counters['exchanges']!;
  expect(exchanges).toBeGreaterThan(50);
});

test('spoiled captures', { timeout: CAMPAIGN_TIMEOUT_MS }, async () => {
  await campaign('spoiled captures', {
    cases: 400,
    run: (chance) => void readThrough(mutate(chance.pick(bases), chance, bases)),
  });
});

test('spoiled capture files', { timeout: CAMPAIGN_TIMEOUT_MS }, async () => {
  await campaign('spoiled capture files', {
    cases: 150,
    run: async (chance) => {
      const file = mutateBytes(fileOf(chance.pick(bases), chance), chance);
      for (const capture of await framesOf(
        chance.happens(0.2) ? mutateBytes(gzipSync(file), chance) : file,
      )) {
        readThrough(capture);
      }
    },
  });
});

function fileOf({ frames, linkType }: Capture, chance: Chance): Uint8Array {
  const byteOrder = chance.pick(['little', 'big'] as const);
  const some = frames.slice(0, chance.between(1, 100));
  if (chance.happens(0.5)) {
    return pcapFile(some, {
      linkType,
      byteOrder,
      resolution: chance.pick(['us', 'ns']),
      modified: chance.happens(0.1),
    });
  }
  const builder = new PcapngBuilder(byteOrder).interface({ linkType, tsResol: chance.pick([6, 9, 0x94]) });
  for (const frame of some) builder.packet({ ...frame, interfaceId: 0 });
  return builder.bytes();
}

/** What can be read of a file, a capture for each link type: damage ends it, nothing else may. */
async function framesOf(bytes: Uint8Array): Promise<Iterable<Capture>> {
  const captures = new Map<number, Capture>();
  try {
    const file = await openFile('-', Readable.from([bytes]));
    try {
      const packet = new Packet();
      do {
        while (file.next(packet)) keep(captures, packet);
      } while (await file.fill());
    } finally {
      await file.close();
    }
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
  }
  return captures.values();
}

function keep(captures: Map<number, Capture>, packet: Packet): void {
  const { linkType, time, wireLength } = packet;
  if (!(packet.start >= 0 && packet.start <= packet.end && packet.end <= packet.data.length)) {
    throw new Error(`a packet in [${packet.start}, ${packet.end}) of ${packet.data.length} bytes`);
  }
  const capture = captures.get(linkType) ?? { linkType, frames: [] };
  captures.set(linkType, capture);
  capture.frames.push({ time, wireLength, frame: packet.data.slice(packet.start, packet.end) });
}
