import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Packet } from '../packet/packet.ts';
import { Connection } from './connection.ts';
import { ConnectionIndex } from './connection-index.ts';

function packetOf(words: number[], reversed: boolean): Packet {
  const packet = new Packet();
  const [a0, a1, a2, a3, aPort, b0, b1, b2, b3, bPort] = words as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  Object.assign(
    packet,
    reversed
      ? {
          src0: b0,
          src1: b1,
          src2: b2,
          src3: b3,
          srcPort: bPort,
          dst0: a0,
          dst1: a1,
          dst2: a2,
          dst3: a3,
          dstPort: aPort,
        }
      : {
          src0: a0,
          src1: a1,
          src2: a2,
          src3: a3,
          srcPort: aPort,
          dst0: b0,
          dst1: b1,
          dst2: b2,
          dst3: b3,
          dstPort: bPort,
        },
  );
  return packet;
}

test('finds each connection from both directions, and no other, while connections come and go', () => {
  // Few values, so that tuples differ in a single word or port, or only in who is who.
  const word = fc.integer({ min: 0, max: 1 });
  const tuple = fc.array(word, { minLength: 10, maxLength: 10 });
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), tuple), { maxLength: 300 }), (operations) => {
      const index = new ConnectionIndex();
      const model = new Map<string, Connection>();
      const nameOf = (words: number[]) => [words.slice(0, 5).join(), words.slice(5).join()].sort().join('>');
      for (const [remove, words] of operations) {
        const there = packetOf(words, false);
        const back = packetOf(words, true);
        const hash = index.hash(there);
        expect(index.hash(back)).toBe(hash);
        const known = model.get(nameOf(words));
        expect(index.find(there, hash)).toBe(known);
        expect(index.find(back, hash)).toBe(known);
        if (remove && known !== undefined) {
          index.remove(known);
          model.delete(nameOf(words));
        } else if (!remove && known === undefined) {
          const connection = new Connection(1, index.takeSlot(), hash, there, true, 0);
          index.add(connection);
          model.set(nameOf(words), connection);
        }
        expect(index.size).toBe(model.size);
      }
    }),
  );
});

test('grows, and places are used again', () => {
  const index = new ConnectionIndex();
  const connections: Connection[] = [];
  for (let i = 0; i < 5000; i++) {
    const packet = packetOf([0, 0, 0xffff, i, 1000, 0, 0, 0xffff, 7, 80], false);
    const connection = new Connection(i, index.takeSlot(), index.hash(packet), packet, true, 0);
    index.add(connection);
    connections.push(connection);
  }
  for (const connection of connections.slice(0, 4000)) index.remove(connection);
  expect([...index.all()]).toEqual(connections.slice(4000));
  expect(index.takeSlot()).toBeLessThan(4000);
  for (let i = 4000; i < 5000; i++) {
    const packet = packetOf([0, 0, 0xffff, i, 1000, 0, 0, 0xffff, 7, 80], true);
    expect(index.find(packet, index.hash(packet))).toBe(connections[i]);
  }
});
