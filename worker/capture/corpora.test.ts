import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { CORPORA, hasCorpora } from '../../test/conformance/corpora.ts';
import { Decoder } from '../packet/decoder.ts';
import { Packet } from '../packet/packet.ts';
import { openFile } from './file.ts';

/** What `capinfos` and `tshark` say of a capture. */
interface Expected {
  packets: number;
  tcpPackets: number;
  ipFragments: number;
  truncatedPackets: number;
  capturedBytes: number;
  /** Seconds. */
  firstTime: string;
  lastTime: string;
}

const SUFFIX = '.expected.json';
const expectations = hasCorpora
  ? readdirSync(CORPORA, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith(SUFFIX))
      .map((path) => ({ path, json: JSON.parse(readFileSync(join(CORPORA, path), 'utf8')) }))
  : [];

test.skipIf(!hasCorpora)(
  'captures of other projects give the packets that other programs see in them',
  async () => {
    for (const { path: expectedPath, json } of expectations) {
      if (json.capture === undefined) continue;
      const capture: Expected = json.capture;
      const path = expectedPath.slice(0, -SUFFIX.length);
      const { cutOff, times, file, decoder, truncated } = await readAll(join(CORPORA, path));
      const first = Number(capture.firstTime);
      expect({ path, cutOff }).toEqual({ path, cutOff: path.endsWith('-cut.pcap') });
      expect({ path, packets: file.packets, bytes: file.bytes, truncated }).toEqual({
        path,
        packets: capture.packets,
        bytes: capture.capturedBytes,
        truncated: capture.truncatedPackets,
      });
      expect(Math.abs(times[0]! / 1e6 - first)).toBeLessThan(2e-6);
      expect(Math.abs(times.at(-1)! / 1e6 - Number(capture.lastTime))).toBeLessThan(2e-6);
      // tshark counts the packet that completes a datagram as TCP, and its fragments not.
      expect({ path, tcp: decoder.counters.tcp }).toEqual({ path, tcp: capture.tcpPackets });
      expect(decoder.fragmentCounters.fragments).toBe(capture.ipFragments);
    }
  },
);

test.skipIf(!hasCorpora)('captures of nodes give the packets that tcpdump wrote', async () => {
  for (const { path: expectedPath, json } of expectations) {
    const captures: { file: string; packets: number }[] = json.captures ?? [];
    for (const { file: name, packets } of captures) {
      const { file, decoder } = await readAll(join(CORPORA, dirname(expectedPath), name));
      expect({ name, packets: file.packets }).toEqual({ name, packets });
      expect(decoder.counters).toMatchObject({ malformed: 0, headersCut: 0, unsupportedLink: 0 });
    }
  }
});

async function readAll(path: string) {
  const file = await openFile(path);
  const packet = new Packet();
  const decoder = new Decoder();
  const times: number[] = [];
  let truncated = 0;
  let cutOff = false;
  try {
    do {
      while (file.next(packet)) {
        times.push(packet.time);
        if (packet.wireLength > packet.end - packet.start) truncated++;
        decoder.decode(packet);
      }
    } while (await file.fill());
  } catch (error) {
    cutOff = (error as { code?: string }).code === 'CAPTURE_TRUNCATED';
    if (!cutOff) throw error;
  } finally {
    await file.close();
  }
  return { file: file.stats, times, decoder, truncated, cutOff };
}
