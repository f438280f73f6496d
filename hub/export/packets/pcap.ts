import { LINKTYPE_RAW } from '../../../flow/wire.ts';
import type { ExportedPacket, PacketFormat, PacketWriter } from './format.ts';

const MAGIC = 0xa1b2c3d4;
const FILE_HEADER = 24;
const RECORD_HEADER = 16;
/** What libpcap takes. */
const SNAP_LENGTH = 262_144;

/** The format that every tool reads (draft-ietf-opsawg-pcap): packets, and nothing about them. */
export const PCAP: PacketFormat = {
  name: 'pcap',
  mediaType: 'application/vnd.tcpdump.pcap',
  description: 'the packets, for tools that do not know pcapng',
  overhead: RECORD_HEADER,
  writer: () => new PcapWriter(),
};

const NOTHING = new Uint8Array(0);

class PcapWriter implements PacketWriter {
  begin(): Uint8Array {
    const header = Buffer.alloc(FILE_HEADER);
    header.writeUInt32LE(MAGIC, 0);
    header.writeUInt16LE(2, 4);
    header.writeUInt16LE(4, 6);
    header.writeUInt32LE(SNAP_LENGTH, 16);
    header.writeUInt32LE(LINKTYPE_RAW, 20);
    return header;
  }

  names(): Uint8Array {
    return NOTHING;
  }

  packet({ time, data, wireLength }: ExportedPacket): Uint8Array {
    const record = Buffer.alloc(RECORD_HEADER + data.length);
    const seconds = Math.floor(time / 1e6);
    record.writeUInt32LE(seconds, 0);
    record.writeUInt32LE(Math.floor(time - seconds * 1e6), 4);
    record.writeUInt32LE(data.length, 8);
    record.writeUInt32LE(Math.max(wireLength, data.length), 12);
    record.set(data, RECORD_HEADER);
    return record;
  }

  statistics(): Uint8Array {
    return NOTHING;
  }
}
