import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TargetsMessage } from '../../flow/wire.ts';
import { Packet } from '../packet/packet.ts';
import { parseTargetEntry } from './target-entry.ts';
import { TARGET_LIMITS, TargetSet } from './target-set.ts';

/** A packet as the decoder leaves it. Addresses in the four words of its second part. */
function packet(src: number[], srcPort: number, dst: number[], dstPort: number): Packet {
  const made = new Packet();
  [made.src0, made.src1, made.src2, made.src3] = src as [number, number, number, number];
  [made.dst0, made.dst1, made.dst2, made.dst3] = dst as [number, number, number, number];
  made.srcPort = srcPort;
  made.dstPort = dstPort;
  return made;
}

function v4(a: number, b: number, c: number, d: number): number[] {
  return [0, 0, 0xffff, (a << 24) | (b << 16) | (c << 8) | d];
}

const POD = v4(10, 244, 1, 7);
const HIGH_POD = v4(200, 244, 1, 7);
const NODE = v4(192, 168, 0, 2);
const OTHER = v4(10, 244, 1, 8);
const V6_POD = [0xfd00_0000 | 0, 0, 0, 7];

function reset(...add: string[]): TargetsMessage {
  return { type: 'targets', reset: true, add, remove: [] };
}

function setOf(...entries: string[]): TargetSet {
  const targets = new TargetSet();
  targets.apply(reset(...entries));
  return targets;
}

test('nothing is wanted before the hub has said so, and what is not is counted', () => {
  const targets = new TargetSet();
  expect(targets.takes(packet(POD, 40000, OTHER, 80))).toBe(false);
  expect(targets.takes(packet(OTHER, 80, POD, 40000))).toBe(false);
  expect(targets.counters.packetsUntargeted).toBe(2);
});

test.each([
  ['as client', packet(POD, 40000, OTHER, 80), true],
  ['as server', packet(OTHER, 40000, POD, 80), true],
  ['not at all', packet(OTHER, 40000, NODE, 80), false],
])('a pod by its address: %s', (_, packet, expected) => {
  expect(setOf('10.244.1.7').takes(packet)).toBe(expected);
});

test('addresses beyond 128.0.0.0 and of IPv6', () => {
  const targets = setOf('200.244.1.7', 'fd00::7');
  expect(targets.takes(packet(HIGH_POD, 1, OTHER, 2))).toBe(true);
  expect(targets.takes(packet(OTHER, 1, V6_POD, 2))).toBe(true);
  expect(targets.takes(packet([0xfd00_0000 | 0, 0, 7, 0], 1, OTHER, 2))).toBe(false);
  expect(targets.takes(packet([0, 0, 0, HIGH_POD[3]!], 1, OTHER, 2))).toBe(false);
});

test('an address with a port: the server of that port, and its answers', () => {
  const targets = setOf('192.168.0.2:8088', '[fd00::7]:443');
  expect(targets.takes(packet(OTHER, 40000, NODE, 8088))).toBe(true);
  expect(targets.takes(packet(NODE, 8088, OTHER, 40000))).toBe(true);
  expect(targets.takes(packet(NODE, 40000, OTHER, 8088))).toBe(false);
  expect(targets.takes(packet(OTHER, 40000, NODE, 8089))).toBe(false);
  expect(targets.takes(packet(OTHER, 40000, V6_POD, 443))).toBe(true);
  expect(targets.takes(packet(OTHER, 443, V6_POD, 80))).toBe(false);
});

test('a whole address beside one of its ports', () => {
  const targets = setOf('192.168.0.2:8088', '192.168.0.2');
  expect(targets.takes(packet(OTHER, 1, NODE, 2))).toBe(true);
  targets.apply({ type: 'targets', reset: false, add: [], remove: ['192.168.0.2'] });
  expect(targets.takes(packet(OTHER, 1, NODE, 2))).toBe(false);
  expect(targets.takes(packet(OTHER, 1, NODE, 8088))).toBe(true);
});

test('a node port on any address, and everything', () => {
  const targets = setOf('*:30080');
  expect(targets.takes(packet(OTHER, 40000, NODE, 30080))).toBe(true);
  expect(targets.takes(packet(OTHER, 40000, NODE, 30081))).toBe(false);
  expect(setOf('*').takes(packet(OTHER, 1, NODE, 2))).toBe(true);
});

test('changes add and remove; a reset forgets', () => {
  const targets = setOf('10.244.1.7');
  targets.apply({ type: 'targets', reset: false, add: ['10.244.1.8'], remove: ['10.244.1.7'] });
  expect(targets.takes(packet(POD, 1, NODE, 2))).toBe(false);
  expect(targets.takes(packet(OTHER, 1, NODE, 2))).toBe(true);
  targets.apply(reset('10.244.1.7'));
  expect(targets.takes(packet(OTHER, 1, NODE, 2))).toBe(false);
  expect(targets.takes(packet(POD, 1, NODE, 2))).toBe(true);
});

test('a change in several messages holds when the last has come, and until then what held before', () => {
  const targets = setOf('10.244.1.7');
  targets.apply({ ...reset('10.244.1.8'), more: true });
  expect(targets.takes(packet(POD, 1, NODE, 2))).toBe(true);
  expect(targets.takes(packet(OTHER, 1, NODE, 2))).toBe(false);
  targets.apply({ type: 'targets', reset: false, more: true, add: ['10.244.9.9'], remove: [] });
  targets.apply({ type: 'targets', reset: false, add: ['192.168.0.2'], remove: ['10.244.9.9'] });
  expect(targets.takes(packet(POD, 1, v4(10, 244, 9, 9), 2))).toBe(false);
  expect(targets.takes(packet(OTHER, 1, POD, 2))).toBe(true);
  expect(targets.size).toBe(2);
});

test('a connection that was cut within a change begins anew', () => {
  const targets = setOf('10.244.1.7');
  targets.apply({ ...reset('10.244.1.8'), more: true });
  targets.apply(reset('192.168.0.2'));
  expect(targets.size).toBe(1);
  expect(targets.takes(packet(OTHER, 1, POD, 2))).toBe(false);
});

test.each([
  [''],
  ['pod'],
  ['1.2.3'],
  ['1.2.3.4:'],
  ['1.2.3.4:0'],
  ['1.2.3.4:65536'],
  ['1.2.3.4/8'],
  ['[1.2.3.4]'],
  ['*:'],
  ['*:*'],
  ['010.1.1.1.1'],
])('"%s" is no entry: it is left out and counted', (entry) => {
  const targets = setOf('10.244.1.7', entry);
  expect(targets.counters.targetEntriesRefused).toBe(1);
  expect(targets.size).toBe(1);
  expect(targets.takes(packet(POD, 1, NODE, 2))).toBe(true);
  expect(targets.takes(packet(NODE, 1, OTHER, 2))).toBe(false);
});

test('an address of IPv4 is the same however it is written', () => {
  expect(parseTargetEntry('::ffff:10.244.1.7')).toEqual(parseTargetEntry('10.244.1.7'));
});

test('the entries are bounded', () => {
  const targets = new TargetSet();
  const add = Array.from({ length: TARGET_LIMITS.targetEntries + 5 }, (_, n) => `*:${n}`);
  targets.apply({ type: 'targets', reset: true, more: true, add, remove: [] });
  expect(targets.counters.targetEntriesRefused).toBe(5);
});

test('any set of addresses and ports is found again, and nothing else is', () => {
  const octets = fc.tuple(fc.constantFrom(10, 200), fc.nat(3), fc.nat(3), fc.nat(3));
  const port = fc.constantFrom(0, 1, 80, 65535);
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(octets, port)), octets, port, (entries, asked, at) => {
      const texts = entries.map(([ip, port]) => (port === 0 ? ip.join('.') : `${ip.join('.')}:${port}`));
      const targets = setOf(...texts);
      const expected =
        texts.includes(asked.join('.')) || (at !== 0 && texts.includes(`${asked.join('.')}:${at}`));
      expect(targets.takes(packet(v4(...asked), at, v4(9, 9, 9, 9), 9))).toBe(expected);
    }),
  );
});
