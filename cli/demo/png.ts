/** A real image without a file: a small tile in the product's colours (PNG, ISO/IEC 15948). */

import { crc32, deflateSync } from 'node:zlib';

const SIZE = 48;
const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const EIGHT_BIT_RGB = [8, 2, 0, 0, 0];

export function tilePng(seed: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(SIZE, 0);
  header.writeUInt32BE(SIZE, 4);
  header.set(EIGHT_BIT_RGB, 8);

  const row = 1 + SIZE * 3;
  const pixels = Buffer.alloc(SIZE * row);
  for (let y = 0; y < SIZE; y++) {
    for (let x = 0; x < SIZE; x++) {
      const on = ((x >> 3) + (y >> 3) + seed) & 1;
      const at = y * row + 1 + x * 3;
      pixels[at] = on ? 40 : (seed * 53) & 0xff;
      pixels[at + 1] = on ? (seed * 97) & 0xff : 150;
      pixels[at + 2] = (seed * 29 + x * 2) & 0xff;
    }
  }
  const chunks = [chunk('IHDR', header), chunk('IDAT', deflateSync(pixels)), chunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([SIGNATURE, ...chunks]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}
