import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  Conversation,
  concat,
  LinkType,
  PcapngBuilder,
  pcapFile,
  pcapngFile,
  randomNumbers,
  snap,
  type TimedFrame,
} from '../../test/packets/index.ts';
import { COPY_ROOM } from '../packet/frame-memory.ts';
import { Packet } from '../packet/packet.ts';
import { CaptureError } from './error.ts';
import { openFile } from './file.ts';
import type { FileStats } from './source.ts';

interface Seen {
  time: number;
  frame: string;
  wireLength: number;
  linkType: number;
  interfaceId: number;
}

interface Reading {
  packets: Seen[];
  stats: FileStats;
  position: number;
  size: number | undefined;
  error: CaptureError | undefined;
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'capture-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Reads a file to its end or to its damage. */
async function read(path: string, stdin?: Readable): Promise<Reading> {
  const file = await openFile(path, stdin);
  const packet = new Packet();
  const packets: Seen[] = [];
  let error: CaptureError | undefined;
  try {
    do {
      while (file.next(packet)) packets.push(seen(packet));
    } while (await file.fill());
  } catch (caught) {
    expect(caught).toBeInstanceOf(CaptureError);
    error = caught as CaptureError;
    expect(file.next(packet)).toBe(false);
    await expect(file.fill()).rejects.toBe(error);
  }
  await file.close();
  return { packets, stats: file.stats, position: file.position, size: file.size, error };
}

/** What somebody keeps in the room for copies, from one packet to the next, harms none. */
function seen({ time, data, copyRoom, start, end, wireLength, linkType, interfaceId }: Packet): Seen {
  expect(copyRoom % 8).toBe(0);
  expect(copyRoom).toBeGreaterThanOrEqual(end);
  const frame = Buffer.from(data.subarray(start, end)).toString('hex');
  expect(data.fill(0xaa, copyRoom).length).toBe(copyRoom + COPY_ROOM);
  return { time, frame, wireLength, linkType, interfaceId };
}

function asSeen(timed: TimedFrame, linkType: number = LinkType.ethernet): Seen {
  return {
    time: timed.time,
    frame: Buffer.from(timed.frame).toString('hex'),
    wireLength: timed.wireLength ?? timed.frame.length,
    linkType,
    interfaceId: timed.interfaceId ?? 0,
  };
}

let files = 0;
async function readBytes(bytes: Uint8Array): Promise<Reading> {
  const path = join(folder, `${files++}`);
  await writeFile(path, bytes);
  return read(path);
}

const talk = new Conversation({ step: 250 }).handshake();
talk.client.send('GET / HTTP/1.1\r\nHost: shop\r\n\r\n');
talk.server.send(`HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n${'x'.repeat(5000)}`);
talk.close();
const frames = talk.packets;
const expected = frames.map((frame) => asSeen(frame));

describe('pcap', () => {
  test.each([
    { byteOrder: 'little', resolution: 'us' },
    { byteOrder: 'big', resolution: 'us' },
    { byteOrder: 'little', resolution: 'ns' },
    { byteOrder: 'big', resolution: 'ns' },
    { byteOrder: 'little', modified: true },
    { byteOrder: 'big', modified: true },
  ] as const)('gives every packet of %j', async (options) => {
    const reading = await readBytes(pcapFile(frames, options));
    expect(reading.error).toBeUndefined();
    expect(reading.packets).toEqual(expected);
    expect(reading.stats).toEqual({
      packets: frames.length,
      bytes: frames.reduce((sum, { frame }) => sum + frame.length, 0),
      kernelDrops: 0,
      interfaceDrops: 0,
      ...{ namesLeftOut: 0, marksLeftOut: 0 },
      overloadDrops: 0,
    });
    expect(reading.position).toBe(reading.size);
  });

  test('keeps the fraction of a microsecond', async () => {
    const file = pcapFile([{ time: 1_000_000_000_000.125, frame: new Uint8Array(4) }], {
      resolution: 'ns',
    });
    expect((await readBytes(file)).packets[0]!.time).toBe(1_000_000_000_000.125);
  });

  test('says what the snapshot length cut off', async () => {
    const cut = frames.map((frame) => snap(frame, 60));
    const { packets } = await readBytes(pcapFile(cut, { snapLength: 60 }));
    expect(packets).toEqual(cut.map((frame) => asSeen(frame)));
    expect(packets.some(({ frame, wireLength }) => wireLength > frame.length / 2)).toBe(true);
  });

  test('reads the link type without the frame check sequence bits', async () => {
    const file = pcapFile(frames.slice(0, 1), { linkType: LinkType.linuxSll2 });
    file[23] = 0x14; // a check sequence of 4 bytes
    expect((await readBytes(file)).packets[0]!.linkType).toBe(LinkType.linuxSll2);
  });

  test('a capture without packets is not an error', async () => {
    expect(await readBytes(pcapFile([]))).toMatchObject({ packets: [], error: undefined });
  });

  test('reads packets across the ends of its chunks, and packets as long as libpcap allows', async () => {
    const random = randomNumbers(7);
    const many: TimedFrame[] = [];
    for (let i = 0; i < 60; i++) {
      const frame = new Uint8Array(i % 9 === 0 ? 262_144 : Math.floor(random() * 70_000)).fill(i);
      many.push({ time: i * 1000, frame });
    }
    const { packets, error } = await readBytes(pcapFile(many));
    expect(error).toBeUndefined();
    expect(packets).toEqual(many.map((frame) => asSeen(frame)));
  });

  test('a length that cannot be is damage, and says where', async () => {
    const file = pcapFile(frames);
    const third = 24 + 2 * 16 + frames[0]!.frame.length + frames[1]!.frame.length;
    new DataView(file.buffer).setUint32(third + 8, 0x7fffffff, true);
    const { packets, error } = await readBytes(file);
    expect(packets).toEqual(expected.slice(0, 2));
    expect(error).toMatchObject({ code: 'CAPTURE_DAMAGED' });
    expect(error!.message).toContain(`byte ${third}`);
    expect(error!.message).toContain('packet 3');
  });
});

/** Name resolution block (draft-ietf-opsawg-pcapng §4.5) of so many addresses, each with one name. */
function manyNames(count: number): Uint8Array {
  const body = Buffer.alloc(12 * count + 4);
  for (let i = 0; i < count; i++) {
    body.writeUInt16LE(1, 12 * i);
    body.writeUInt16LE(8, 12 * i + 2);
    body.writeUInt32BE(0x0a000000 + i, 12 * i + 4);
    body.write('abc', 12 * i + 8, 'latin1');
  }
  return body;
}

test('more names than can be kept, in one block: the rest are left out, and the packets are there', async () => {
  const path = join(folder, 'names.pcapng');
  await writeFile(path, concat(new PcapngBuilder().block(4, manyNames(400_000)).bytes(), pcapngFile(frames)));
  const file = await openFile(path);
  const packet = new Packet();
  let packets = 0;
  do {
    while (file.next(packet)) packets++;
  } while (await file.fill());
  expect(packets).toBe(frames.length);
  const names = file.takeNames();
  expect(names).toHaveLength(50_000);
  expect(names[1]).toEqual(['10.0.0.1', 'abc']);
  await file.close();
});

describe('pcapng', () => {
  test.each([
    ['little', undefined],
    ['big', undefined],
    ['little', 9],
    ['big', 3],
    ['little', 0x80 | 20],
  ] as const)('gives every packet: %s endian, if_tsresol %s', async (byteOrder, tsResol) => {
    const file = pcapngFile(frames, { byteOrder, ...(tsResol === undefined ? {} : { tsResol }) });
    const { packets, error } = await readBytes(file);
    expect(error).toBeUndefined();
    expect(packets.map(({ frame }) => frame)).toEqual(expected.map(({ frame }) => frame));
    const unit = tsResol === 3 ? 1000 : 1;
    packets.forEach(({ time }, i) => {
      expect(Math.abs(time - expected[i]!.time)).toBeLessThanOrEqual(unit);
    });
  });

  test('adds if_tsoffset, also a negative one', async () => {
    for (const tsOffset of [1_000_000, -5]) {
      const { packets } = await readBytes(pcapngFile(frames, { tsOffset }));
      expect(packets).toEqual(expected);
    }
  });

  test('keeps interfaces apart, each with its link type and its clock', async () => {
    const file = new PcapngBuilder()
      .interface({ linkType: LinkType.ethernet, tsResol: 6 })
      .interface({ linkType: LinkType.raw, tsResol: 9, name: 'wg0' })
      .packet({ ...frames[0]!, interfaceId: 1 }, 'a comment')
      .packet({ ...frames[1]!, interfaceId: 0 })
      .bytes();
    const { packets } = await readBytes(file);
    expect(packets).toEqual([
      { ...expected[0], linkType: LinkType.raw, interfaceId: 1 },
      { ...expected[1], linkType: LinkType.ethernet, interfaceId: 0 },
    ]);
  });

  test('a section has its own byte order and interfaces; their numbers go on', async () => {
    const file = new PcapngBuilder('little')
      .interface()
      .packet(frames[0]!)
      .section('big', 'written elsewhere')
      .interface({ linkType: LinkType.raw, tsResol: 9 })
      .packet(frames[1]!)
      .section('little')
      .interface()
      .packet(frames[2]!)
      .bytes();
    const { packets, error } = await readBytes(file);
    expect(error).toBeUndefined();
    expect(packets).toEqual([
      expected[0],
      { ...expected[1], linkType: LinkType.raw, interfaceId: 1 },
      { ...expected[2], interfaceId: 2 },
    ]);
  });

  test('simple packets are of the first interface, cut at its snapshot length, at the time before', async () => {
    const file = new PcapngBuilder()
      .interface({ snapLength: 10 })
      .packet(frames[0]!)
      .simplePacket({ time: 0, frame: new Uint8Array(10).fill(7), wireLength: 99 })
      .bytes();
    const { packets } = await readBytes(file);
    expect(packets[1]).toEqual({
      time: frames[0]!.time,
      frame: '07'.repeat(10),
      wireLength: 99,
      linkType: LinkType.ethernet,
      interfaceId: 0,
    });
  });

  test('reads the packet block of old and passes over blocks it does not know', async () => {
    const file = new PcapngBuilder('big')
      .block(0x0bad, new Uint8Array(3 << 20))
      .interface()
      .block(0x80000001)
      .obsoletePacket(frames[0]!)
      .block(4, new Uint8Array(8))
      .obsoletePacket(frames[1]!, 3)
      .bytes();
    const { packets, error } = await readBytes(file);
    expect(error).toBeUndefined();
    expect(packets).toEqual(expected.slice(0, 2));
  });

  test('adds up the last statistics of each interface', async () => {
    const file = new PcapngBuilder()
      .interface()
      .interface()
      .statistics({ interfaceId: 0, interfaceDrops: 1n, kernelDrops: 10n })
      .statistics({ interfaceId: 1, interfaceDrops: 2n, kernelDrops: 20n })
      .statistics({ interfaceId: 0, interfaceDrops: 5n, kernelDrops: 50n })
      .statistics({ interfaceId: 9, kernelDrops: 1000n })
      .bytes();
    expect((await readBytes(file)).stats).toMatchObject({ interfaceDrops: 7, kernelDrops: 70 });
  });

  test.each([
    ['no block behind a length', (file: DataView, at: number) => file.setUint32(at + 4, 13, true)],
    ['a length too short for its kind', (file: DataView, at: number) => file.setUint32(at + 4, 16, true)],
    ['a length beyond reason', (file: DataView, at: number) => file.setUint32(at + 4, 0x7ffffffc, true)],
    ['another length at the end', (file: DataView, at: number) => file.setUint32(at + 4, 120, true)],
    ['an interface that is not described', (file: DataView, at: number) => file.setUint32(at + 8, 4, true)],
    ['a packet longer than its block', (file: DataView, at: number) => file.setUint32(at + 20, 5000, true)],
  ])('damage: %s', async (_, damage) => {
    const before = new PcapngBuilder().interface().packet(frames[0]!);
    const at = before.bytes().length;
    const file = before.packet(frames[1]!).packet(frames[2]!).bytes();
    damage(new DataView(file.buffer), at);
    const { packets, error } = await readBytes(file);
    expect(packets).toEqual(expected.slice(0, 1));
    expect(error).toMatchObject({ code: 'CAPTURE_DAMAGED' });
    expect(error!.message).toMatch(/byte \d+/);
  });
});

describe('cut off', () => {
  const kinds: [string, Uint8Array][] = [
    ['pcap', pcapFile(frames)],
    ['pcapng', pcapngFile(frames)],
    ['pcapng with a long unknown block', new PcapngBuilder().block(77, new Uint8Array(2 << 20)).bytes()],
  ];
  test.each(kinds)('%s: wherever it ends, the whole packets are given', async (_, file) => {
    const random = randomNumbers(3);
    for (let i = 0; i < 30; i++) {
      const length = Math.min(file.length - 1, 32 + Math.floor(random() * file.length));
      const { packets, error } = await readBytes(file.subarray(0, length));
      expect(packets).toEqual(expected.slice(0, packets.length));
      if (error === undefined) continue; // cut exactly between two records
      expect(error.code).toBe('CAPTURE_TRUNCATED');
      expect(error.message).toContain(`byte ${length}`);
      expect(error.message).toContain(`packet ${packets.length + 1}`);
    }
  });

  test('one byte less than whole is cut off', async () => {
    for (const [, file] of kinds) {
      const { error } = await readBytes(file.subarray(0, file.length - 1));
      expect(error?.code).toBe('CAPTURE_TRUNCATED');
    }
  });

  test('inside the file header', async () => {
    await expect(readBytes(pcapFile([]).subarray(0, 20))).rejects.toMatchObject({
      code: 'CAPTURE_TRUNCATED',
    });
  });
});

describe('gzip', () => {
  const file = pcapFile(frames);

  test('is told by its first bytes; position and size are those on the disk', async () => {
    const compressed = gzipSync(file);
    const reading = await readBytes(compressed);
    expect(reading.packets).toEqual(expected);
    expect(reading.size).toBe(compressed.length);
    expect(reading.position).toBe(compressed.length);
  });

  test('has any number of members, cut anywhere', async () => {
    const members = [file.subarray(0, 11), file.subarray(11, 1000), file.subarray(1000)];
    const { packets, error } = await readBytes(concat(...members.map((member) => gzipSync(member))));
    expect(error).toBeUndefined();
    expect(packets).toEqual(expected);
  });

  test('holds pcapng as well', async () => {
    expect((await readBytes(gzipSync(pcapngFile(frames)))).packets).toEqual(expected);
  });

  const random = randomNumbers(5);
  const noise: TimedFrame[] = Array.from({ length: 400 }, (_, i) => ({
    time: i,
    frame: Uint8Array.from({ length: 500 }, () => random() * 256),
  }));

  test('cut off: what can be decompressed is given', async () => {
    const compressed = gzipSync(pcapFile(noise));
    const { packets, error } = await readBytes(compressed.subarray(0, compressed.length / 2));
    expect(error).toMatchObject({ code: 'CAPTURE_TRUNCATED' });
    expect(error!.message).toContain(`byte ${Math.floor(compressed.length / 2)}`);
    // Noise does not compress: half of the bytes hold half of the packets.
    expect(packets.length).toBeGreaterThan(190);
    expect(packets).toEqual(noise.slice(0, packets.length).map((frame) => asSeen(frame)));
  });

  test('damaged: what comes before is given, but for the last few kilobytes', async () => {
    const members = [gzipSync(pcapFile(noise)), gzipSync(pcapFile(noise).subarray(24))];
    members[1]!.fill(0xff, 10, 200);
    const { packets, error } = await readBytes(concat(...members));
    expect(error).toMatchObject({ code: 'CAPTURE_DAMAGED' });
    expect(packets.length).toBeGreaterThan(380);
    expect(packets).toEqual(noise.slice(0, packets.length).map((frame) => asSeen(frame)));
  });

  test('that holds something else is said to be no capture', async () => {
    await expect(readBytes(gzipSync('hello world'))).rejects.toMatchObject({ code: 'CAPTURE_NOT_A_CAPTURE' });
  });
});

describe('standard input', () => {
  test('in pieces of any size, plain or compressed', async () => {
    for (const bytes of [pcapFile(frames), pcapngFile(frames), gzipSync(pcapFile(frames))]) {
      for (const size of [1, 7, 1000]) {
        const pieces: Uint8Array[] = [];
        for (let at = 0; at < bytes.length; at += size)
          pieces.push(Uint8Array.from(bytes.subarray(at, at + size)));
        const { packets, size: known, position } = await read('-', Readable.from(pieces));
        expect(packets).toEqual(expected);
        expect(known).toBeUndefined();
        expect(position).toBe(bytes.length);
      }
    }
  });

  test('packets are given as they come, not when the writer is done', async () => {
    const stdin = new Readable({ read() {} });
    const bytes = pcapFile(frames.slice(0, 2));
    stdin.push(bytes.subarray(0, 24 + 16 + frames[0]!.frame.length));
    const file = await openFile('-', stdin);
    const packet = new Packet();
    while (!file.next(packet)) expect(await file.fill()).toBe(true);
    expect(seen(packet)).toEqual(expected[0]);
    await file.close();
  });
});

test('a reading error of standard input is a CaptureError', async () => {
  const stdin = new Readable({ read() {} });
  stdin.push(pcapFile(frames.slice(0, 1)));
  const file = await openFile('-', stdin);
  expect(file.next(new Packet())).toBe(true);
  stdin.destroy(new Error('the disk is on fire'));
  await expect(file.fill()).rejects.toMatchObject({ code: 'CAPTURE_NOT_READABLE' });
  await file.close();
});

describe('what is no capture', () => {
  test.each([
    ['nothing', ''],
    ['one byte', 'x'],
    ['text', 'GET / HTTP/1.1\r\n'],
    ['a magic number of two bytes', '\xd4\xc3'],
  ])('%s', async (_, text) => {
    const bytes = Buffer.from(text, 'latin1');
    await expect(readBytes(bytes)).rejects.toMatchObject({
      name: 'CaptureError',
      code: 'CAPTURE_NOT_A_CAPTURE',
    });
    await expect(read('-', Readable.from([bytes]))).rejects.toMatchObject({ code: 'CAPTURE_NOT_A_CAPTURE' });
  });

  test('a path where there is nothing, and a folder', async () => {
    await expect(read(join(folder, 'absent.pcap'))).rejects.toMatchObject({ code: 'CAPTURE_NOT_FOUND' });
    await expect(read(folder)).rejects.toMatchObject({ code: 'CAPTURE_NOT_READABLE' });
  });
});

test('random damage never throws anything but a CaptureError, and gives no packet that was not there', async () => {
  const random = randomNumbers(11);
  const originals = [pcapFile(frames), pcapngFile(frames), pcapngFile(frames, { byteOrder: 'big' })];
  for (let i = 0; i < 300; i++) {
    const bytes = Uint8Array.from(originals[i % originals.length]!);
    for (let flips = 1 + random() * 4; flips > 0; flips--) {
      bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
    }
    try {
      const { packets } = await read('-', Readable.from([bytes]));
      expect(packets.every(({ frame, wireLength }) => frame.length / 2 <= wireLength)).toBe(true);
    } catch (error) {
      expect(error).toBeInstanceOf(CaptureError);
    }
  }
});
