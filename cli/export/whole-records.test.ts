import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WholeRecords } from './whole-records.ts';

/** A pcapng block (draft-ietf-opsawg-pcapng §3.1) with so many bytes in it. */
function block(type: number, body: Buffer, big: boolean): Buffer {
  const out = Buffer.alloc(body.length + 12);
  const write = (value: number, at: number) =>
    big ? out.writeUInt32BE(value, at) : out.writeUInt32LE(value, at);
  write(type, 0);
  write(out.length, 4);
  body.copy(out, 8);
  write(out.length, out.length - 4);
  return out;
}

function pcapng(big: boolean, sizes: readonly number[]): Buffer[] {
  const section = Buffer.alloc(16, 0xff);
  if (big) section.writeUInt32BE(0x1a2b3c4d, 0);
  else section.writeUInt32LE(0x1a2b3c4d, 0);
  return [block(0x0a0d0d0a, section, big), ...sizes.map((size) => block(6, Buffer.alloc(size * 4), big))];
}

function pcap(big: boolean, sizes: readonly number[]): Buffer[] {
  const word = (value: number) => {
    const out = Buffer.alloc(4);
    if (big) out.writeUInt32BE(value >>> 0);
    else out.writeUInt32LE(value >>> 0);
    return out;
  };
  return [
    Buffer.concat([word(0xa1b2c3d4), Buffer.alloc(20)]),
    ...sizes.map((size) => Buffer.concat([word(1), word(2), word(size), word(size), Buffer.alloc(size)])),
  ];
}

test.each([
  ['pcapng', pcapng],
  ['pcap', pcap],
] as const)(
  '%s: wherever it is cut and however it comes, all records before the cut are whole',
  (kind, make) => {
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.array(fc.nat({ max: 40 }), { minLength: 1, maxLength: 8 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 50 }),
        (big, sizes, where, step) => {
          const records = make(big, sizes);
          const all = Buffer.concat(records);
          const cut = Math.floor(all.length * where);
          const whole = new WholeRecords(kind);
          for (let at = 0; at < cut; at += step) whole.push(all.subarray(at, Math.min(cut, at + step)));
          let expected = 0;
          for (const record of records) {
            if (expected + record.length > cut) break;
            expected += record.length;
          }
          expect(whole.end).toBe(expected);
        },
      ),
    );
  },
);
