import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PacketFormat } from './format.ts';
import { PCAP } from './pcap.ts';
import { PCAPNG } from './pcapng.ts';

const TIME = 1_763_740_800_123_456;

/** An IPv4 packet with a bare TCP acknowledgement, its checksums left out. */
function packet(node: string, time: number, comments: string[] = []) {
  const data = Buffer.alloc(40);
  data.set([0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
  data[32] = 0x50;
  data[33] = 0x10;
  return { node, connection: 's-1', time, data, wireLength: 1000, comments };
}

function fileOf(format: PacketFormat): Buffer {
  const writer = format.writer();
  return Buffer.concat([
    writer.begin('Remora 1', ['something is missing']),
    writer.names([
      { ip: '10.0.0.1', names: ['cart-1.shop.pod', 'cart-1.shop'] },
      { ip: 'fd00::1', names: ['x'] },
      { ip: 'no address', names: ['y'] },
    ]),
    writer.packet(packet('node-a', TIME, ['flow 1: GET /é', 'second'])),
    writer.packet(packet('node-b', TIME + 1)),
    writer.packet(packet('node-a', TIME + 2)),
    writer.statistics('node-a', TIME + 2, { received: 10, interfaceDrops: 2, kernelDrops: 3 }, ['lost']),
    writer.statistics('node-c', TIME + 2, undefined, []),
  ]);
}

test('classic pcap: a header and records, and nothing else', () => {
  const file = fileOf(PCAP);
  expect(file.length).toBe(24 + 3 * 56);
  expect(file.readUInt32LE(0)).toBe(0xa1b2c3d4);
  expect(file.readUInt32LE(20)).toBe(101);
  expect([24, 28, 32, 36].map((at) => file.readUInt32LE(at))).toEqual([1_763_740_800, 123_456, 40, 1000]);
});

test('pcapng: every block says its length at both ends; interfaces stand before what is of them', () => {
  const file = fileOf(PCAPNG);
  const types: number[] = [];
  for (let at = 0; at < file.length; ) {
    const length = file.readUInt32LE(at + 4);
    expect(length % 4).toBe(0);
    expect(file.readUInt32LE(at + length - 4)).toBe(length);
    types.push(file.readUInt32LE(at));
    at += length;
  }
  expect(types).toEqual([0x0a0d0d0a, 4, 1, 6, 1, 6, 6, 5, 1, 5]);
  expect(file.toString('utf8')).not.toContain('no address');
});

describe.skipIf(spawnSync('tshark', ['--version']).status !== 0)('tshark', () => {
  const directory = mkdtempSync(join(tmpdir(), 'formats-'));
  beforeAll(() => {
    for (const format of [PCAP, PCAPNG]) writeFileSync(join(directory, format.name), fileOf(format));
  });
  afterAll(() => rmSync(directory, { recursive: true }));
  const read = (name: string, ...fields: string[]) => {
    const args = ['-r', join(directory, name), '-T', 'fields', ...fields.flatMap((field) => ['-e', field])];
    return execFileSync('tshark', ['-N', 'n', ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    })
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t'));
  };

  test('reads pcapng with times, nodes, names and comments', () => {
    const rows = read(
      'pcapng',
      'frame.time_epoch',
      'frame.interface_name',
      'ip.src_host',
      'frame.comment',
      'frame.len',
    );
    expect(rows.map(([, node]) => node)).toEqual(['node-a', 'node-b', 'node-a']);
    expect(rows[0]![0]).toContain('1763740800.123456');
    expect(rows[0]![2]).toBe('cart-1.shop');
    expect(rows[0]![3]).toBe('flow 1: GET /é,second');
    expect(rows[0]![4]).toBe('1000');
  });

  test('reads pcap', () => {
    expect(read('pcap', 'frame.time_epoch', 'ip.src')).toHaveLength(3);
  });
});
