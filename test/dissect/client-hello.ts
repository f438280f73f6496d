/** A TLS record with a ClientHello (RFC 8446 §4.1.2) that asks for `name`; with extensions of so many bytes before and after. */
export function clientHello(
  name: string,
  { before = 0, after = 0 }: { before?: number; after?: number } = {},
): Buffer<ArrayBuffer> {
  const text = Buffer.from(name, 'latin1');
  const extensions = Buffer.concat([
    ...(before > 0 ? [extension(0x0a0a, Buffer.alloc(before))] : []),
    extension(0, vector(2, Buffer.concat([Buffer.of(0), vector(2, text)]))),
    ...(after > 0 ? [extension(0x1a1a, Buffer.alloc(after))] : []),
  ]);
  const body = Buffer.concat([
    Buffer.of(3, 3),
    Buffer.alloc(32, 7),
    vector(1, Buffer.alloc(32, 8)),
    vector(2, Buffer.of(0x13, 0x01, 0x13, 0x02)),
    vector(1, Buffer.of(0)),
    vector(2, extensions),
  ]);
  const handshake = Buffer.concat([Buffer.of(1, 0), vector(2, body)]);
  return Buffer.concat([Buffer.of(22, 3, 1), vector(2, handshake)]);
}

function extension(type: number, data: Buffer): Buffer {
  return Buffer.concat([Buffer.of(type >> 8, type & 0xff), vector(2, data)]);
}

function vector(width: 1 | 2, data: Buffer): Buffer {
  const length = width === 1 ? Buffer.of(data.length) : Buffer.of(data.length >> 8, data.length & 0xff);
  return Buffer.concat([length, data]);
}
