import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RecordKind, RecordView } from '../flow/record.ts';
import { Conversation, PcapngBuilder, pcapFile, type TimedFrame } from '../test/packets/index.ts';
import { Replay, type ReplayFile } from './replay.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'remora-replay-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const OPTIONS = { maxBody: 1000, redact: {} };
const START = 1_704_067_200_000_000;

function exchange(path: string, time: number, clientPort: number): TimedFrame[] {
  const talk = new Conversation({ time, clientPort }).handshake();
  talk.client.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
  talk.server.send('HTTP/1.1 204 No Content\r\n\r\n');
  return talk.close().packets;
}

function file(name: string, packets: readonly TimedFrame[], cut = 0): string {
  const path = join(folder, name);
  const bytes = pcapFile(packets);
  writeFileSync(path, bytes.subarray(0, bytes.length - cut));
  return path;
}

async function readAll(files: ReplayFile[]) {
  const replay = await Replay.open(files, OPTIONS);
  const seen: string[] = [];
  const view = new RecordView();
  const sink = (node: string, records: Uint8Array) => {
    for (let at = 0; at < records.length; at += view.length) {
      view.at(records, at);
      if (view.kind === RecordKind.exchange) seen.push(`${node} ${view.path}`);
    }
  };
  while (await replay.step(sink)) {}
  await replay.close();
  return { replay, seen };
}

test('files are read side by side, in the order of their times', async () => {
  const one = file('one.pcap', [...exchange('/1', START, 1001), ...exchange('/3', START + 20_000, 1002)]);
  const two = file('two.pcap', [
    ...exchange('/2', START + 10_000, 1003),
    ...exchange('/4', START + 30_000, 1004),
  ]);
  const { replay, seen } = await readAll([
    { node: 'a', path: one },
    { node: 'b', path: two },
  ]);
  expect(seen.toSorted((x, y) => x.slice(2).localeCompare(y.slice(2)))).toEqual([
    'a /1',
    'b /2',
    'a /3',
    'b /4',
  ]);
  expect(replay.packets).toBe(32);
  expect(replay.position).toBe(replay.size);
  expect(replay.problems).toEqual([]);
});

test('files of one node are one capture, whatever their order on the command line', async () => {
  const packets = exchange('/split', START, 1005);
  const [late, early] = [file('late.pcap', packets.slice(4)), file('early.pcap', packets.slice(0, 4))];
  const { seen } = await readAll([late, early].map((path) => ({ node: 'n', path })));
  expect(seen).toEqual(['n /split']);
});

test('a damaged file gives what is before, and is told; the others are read to their end', async () => {
  const damaged = file(
    'damaged.pcap',
    exchange('/before', START, 1006).concat(exchange('/lost', START, 1007)),
    700,
  );
  const whole = file('whole.pcap', exchange('/whole', START + 50_000, 1008));
  const { replay, seen } = await readAll([
    { node: 'a', path: damaged },
    { node: 'b', path: whole },
  ]);
  expect(seen.toSorted()).toEqual(expect.arrayContaining(['a /before', 'b /whole']));
  expect(replay.problems).toMatchObject([{ code: 'CAPTURE_TRUNCATED' }]);
});

test('what is no capture is refused before anything is read', async () => {
  const words = join(folder, 'words.txt');
  writeFileSync(words, 'no packets here');
  const whole = file('good.pcap', exchange('/', START, 1009));
  const files = [whole, words].map((path) => ({ node: 'n', path }));
  await expect(Replay.open(files, OPTIONS)).rejects.toMatchObject({ code: 'CAPTURE_NOT_A_CAPTURE' });
});

test('packets of all nodes share the room that is given, and none is too old', async () => {
  const one = file('day-one.pcap', exchange('/1', START, 1001));
  const two = file('day-two.pcap', exchange('/2', START + 86_400e6, 1002));
  const files = [
    { node: 'a', path: one },
    { node: 'b', path: two },
    { node: 'a', path: two },
  ];
  const replay = await Replay.open(files, { ...OPTIONS, recordBytes: 6 * 2 ** 20 });
  while (await replay.step(() => {})) {}
  const [a, b] = replay.pipelines.values();
  expect(a!.limits['recordBytes']).toBe(3 * 2 ** 20);
  expect([a!.recorder!.oldest, b!.recorder!.oldest]).toEqual([START, START + 86_400e6]);
  await replay.close();
});

test('what files say of losses is counted for their node', async () => {
  const lossy = (name: string, kernelDrops: bigint) => {
    const builder = new PcapngBuilder().interface();
    for (const packet of exchange('/', START, 1001)) builder.packet(packet);
    const path = join(folder, name);
    writeFileSync(path, builder.statistics({ interfaceId: 0, kernelDrops, interfaceDrops: 2n }).bytes());
    return path;
  };
  const { replay } = await readAll([
    { node: 'a', path: lossy('one.pcapng', 1n) },
    { node: 'b', path: file('plain.pcap', exchange('/', START, 1002)) },
    { node: 'a', path: lossy('two.pcapng', 10n) },
  ]);
  expect(replay.counters('a')).toMatchObject({ packetsCaptured: 16, kernelDrops: 11, interfaceDrops: 4 });
  expect(replay.counters('b')).toMatchObject({ packetsCaptured: 8, kernelDrops: 0, marksLeftOut: 0 });
});
