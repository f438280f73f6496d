import { describe, expect, test } from 'vitest';
import {
  addressBytes,
  Conversation,
  concat,
  EtherType,
  ethernet,
  geneve,
  gre,
  hex,
  IpProtocol,
  impair,
  ipv4,
  ipv4Fragments,
  ipv6,
  ipv6Fragments,
  linuxSll,
  linuxSll2,
  nullLoopback,
  PcapngBuilder,
  packetOf,
  pcapFile,
  pppoeSession,
  snap,
  type TimedFrame,
  tcp,
  timestampOption,
  udp,
  vxlan,
} from './index.ts';

const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const same = (bytes: Uint8Array, digits: string) => expect(toHex(bytes)).toBe(digits.replace(/\s+/g, ''));

describe('bytes and addresses', () => {
  test('hex reads digits and refuses anything else', () => {
    expect(hex('00 ff\n7f')).toEqual(Uint8Array.of(0, 255, 127));
    expect(() => hex('0')).toThrow(TypeError);
    expect(() => hex('0g')).toThrow(TypeError);
  });

  test.each([
    ['10.0.0.255', '0a0000ff'],
    ['::', '00000000000000000000000000000000'],
    ['::1', '00000000000000000000000000000001'],
    ['fe80::', 'fe800000000000000000000000000000'],
    ['2001:db8::a:b', '20010db80000000000000000000a000b'],
    ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
  ])('the address %s', (text, digits) => {
    same(addressBytes(text), digits);
  });

  test.each(['10.0.0', '10.0.0.256', '1:2:3', '1:2:3:4:5:6:7:8::9'])('%s is no address', (text) => {
    expect(() => addressBytes(text)).toThrow(TypeError);
  });
});

describe('headers, byte by byte', () => {
  // The checksums of these packets were computed by another program.
  test('IPv4 and TCP', () => {
    const segment = tcp({
      srcPort: 40_000,
      dstPort: 80,
      seq: 1000,
      flags: 2,
      options: timestampOption(1, 0),
    });
    same(
      ipv4({ src: '10.0.0.1', dst: '10.0.0.2', id: 1, dontFragment: true, payload: segment }),
      `4500 0034 0001 4000 40 06 26c1 0a000001 0a000002
       9c40 0050 000003e8 00000000 8002 ffff c24f 0000 0101080a 00000001 00000000`,
    );
  });

  test('IPv6 and UDP', () => {
    const datagram = udp({ srcPort: 1, dstPort: 2, payload: 'abc' });
    same(
      ipv6({ src: '::1', dst: '::2', protocol: IpProtocol.udp, payload: datagram }),
      `60000000 000b 11 40 00000000000000000000000000000001 00000000000000000000000000000002
       0001 0002 000b 3b70 616263`,
    );
  });

  test('IPv6 extension headers are chained and padded', () => {
    const packet = ipv6({
      src: '::1',
      dst: '::2',
      extensions: [
        { type: IpProtocol.hopByHop, body: hex('0502') },
        { type: IpProtocol.routing, body: new Uint8Array(7) },
      ],
      payload: new Uint8Array(0),
    });
    same(packet.subarray(4, 8), '0018 00 40');
    same(packet.subarray(40), '2b00 0502 00000000 0601 00000000000000 00000000000000');
  });

  test('Ethernet with tags and padding', () => {
    const frame = ethernet({
      payload: hex('60'),
      vlans: [{ id: 5, protocol: EtherType.qinq }, 6],
      minimumLength: 30,
    });
    same(frame, '020000000002 020000000001 88a8 0005 8100 0006 86dd 60 00000000000000');
  });

  test('PPPoE, loopback, Linux cooked', () => {
    same(pppoeSession(hex('45 00')), '1100 0001 0004 0021 4500');
    same(nullLoopback(hex('45')), '02000000 45');
    same(nullLoopback(hex('60'), 'big'), '0000001e 60');
    same(linuxSll({ payload: hex('45'), packetType: 4 }), '0004 0001 0006 020000000001 0000 0800 45');
    same(
      linuxSll2({ payload: hex('60'), interfaceIndex: 258 }),
      '86dd 0000 00000102 0001 00 06 020000000001 0000 60',
    );
  });

  test('tunnels', () => {
    same(vxlan({ vni: 0x123456, frame: hex('aa') }), '08000000 12345600 aa');
    same(
      geneve({ vni: 1, protocol: 0x6558, options: hex('00000000'), payload: hex('bb') }),
      '0100 6558 00000100 00000000 bb',
    );
    same(gre({ protocol: 0x0800, payload: hex('cc') }), '0000 0800 cc');
    same(
      gre({ protocol: 0x6558, checksum: 1, key: 2, sequence: 3, payload: '' }),
      'b000 6558 00000001 00000002 00000003',
    );
  });
});

describe('fragments', () => {
  const payload = Uint8Array.from({ length: 100 }, (_, i) => i);
  test('of IPv4: offsets, flags, lengths, all of the payload', () => {
    const packet = ipv4({ src: '10.0.0.1', dst: '10.0.0.2', id: 7, protocol: 99, payload });
    const fragments = ipv4Fragments(packet, 48);
    expect(fragments.map((one) => toHex(one.subarray(2, 8)))).toEqual([
      '004400072000',
      '004400072006',
      '00180007000c',
    ]);
    expect(concat(...fragments.map((one) => one.subarray(20)))).toEqual(payload);
  });

  test('of IPv6: a header that says where each belongs', () => {
    const packet = ipv6({ src: '::1', dst: '::2', protocol: 99, payload });
    const fragments = ipv6Fragments(packet, 48, 0xabcdef01);
    expect(fragments.map((one) => toHex(one.subarray(40, 48)))).toEqual([
      '63000001abcdef01',
      '63000031abcdef01',
      '63000060abcdef01',
    ]);
    expect(concat(...fragments.map((one) => one.subarray(48)))).toEqual(payload);
  });
});

describe('conversation', () => {
  /** Sequence number, acknowledgement, flags and length of the TCP payload of an Ethernet frame. */
  const fields = ({ frame }: TimedFrame) => {
    const view = new DataView(frame.buffer, frame.byteOffset + 34);
    return [view.getUint32(4), view.getUint32(8), frame[47], frame.length - 34 - (frame[46]! >> 4) * 4];
  };

  test('numbers, acknowledges and cuts as TCP does', () => {
    const talk = new Conversation({ mss: 10, clientSeq: 100, serverSeq: 0xffffffff }).handshake();
    talk.client.send('x'.repeat(25));
    talk.server.sendUnseen(5);
    talk.server.send('yes');
    talk.close('server');
    expect(talk.packets.map(fields)).toEqual([
      [100, 0, 0x02, 0],
      [0xffffffff, 101, 0x12, 0],
      [101, 0, 0x10, 0],
      [101, 0, 0x10, 10],
      [111, 0, 0x10, 10],
      [121, 0, 0x18, 5],
      [5, 126, 0x18, 3],
      [8, 126, 0x11, 0],
      [126, 9, 0x11, 0],
      [9, 127, 0x10, 0],
    ]);
  });

  test('times go on from packet to packet', () => {
    const talk = new Conversation({ time: 1000, step: 5 }).handshake().wait(100);
    talk.client.reset();
    expect(talk.packets.map(({ time }) => time)).toEqual([1000, 1005, 1010, 1115]);
  });

  test('acknowledges what was sent where that is asked for', () => {
    const talk = new Conversation({ acknowledge: true }).handshake();
    talk.client.send('abc');
    expect(talk.packets).toHaveLength(5);
    expect(fields(talk.packets[4]!)).toEqual([5001, 1004, 0x10, 0]);
  });

  test('between IPv6 addresses, in another link layer', () => {
    const link = (packet: Uint8Array, fromClient: boolean) => concat(fromClient ? 'c' : 's', packet);
    const talk = new Conversation({ clientAddress: '::1', serverAddress: '::2', link }).handshake();
    expect(talk.packets.map(({ frame }) => String.fromCharCode(frame[0]!))).toEqual(['c', 's', 'c']);
    expect(talk.packets[0]!.frame[1]! >> 4).toBe(6);
  });
});

describe('files', () => {
  test('pcap, little endian, microseconds', () => {
    const file = pcapFile([{ time: 3_000_005, frame: hex('aabb'), wireLength: 9 }], {
      linkType: 101,
      snapLength: 2,
    });
    same(
      file,
      `d4c3b2a1 0200 0400 00000000 00000000 02000000 65000000
       03000000 05000000 02000000 09000000 aabb`,
    );
  });

  test('pcap, big endian, nanoseconds', () => {
    same(
      pcapFile([{ time: 3_000_005.5, frame: hex('aa') }], { byteOrder: 'big', resolution: 'ns' }),
      `a1b23c4d 0002 0004 00000000 00000000 00040000 00000001
       00000003 0000157c 00000001 00000001 aa`,
    );
  });

  test('pcapng blocks', () => {
    const file = new PcapngBuilder('big')
      .interface({ linkType: 1, snapLength: 64, tsResol: 9 })
      .packet({ time: 2, frame: hex('aabbcc'), wireLength: 5 })
      .bytes();
    same(
      file,
      `0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001c
       00000001 00000020 0001 0000 00000040 0009 0001 09000000 0000 0000 00000020
       00000006 00000024 00000000 00000000 000007d0 00000003 00000005 aabbcc00 00000024`,
    );
  });
});

describe('bad networks', () => {
  const packets = Array.from({ length: 2000 }, (_, i) => ({ time: i, frame: Uint8Array.of(i >> 8, i) }));
  const numbers = (some: TimedFrame[]) => some.map(({ frame }) => (frame[0]! << 8) | frame[1]!);

  test('none is the identity', () => {
    expect(impair(packets, {})).toEqual(packets);
  });

  test('lose, repeat and change places at about the given rates, the same ones for the same seed', () => {
    const spoilt = impair(packets, { loss: 0.05, duplicate: 0.1, reorder: 0.1, seed: 4 });
    expect(impair(packets, { loss: 0.05, duplicate: 0.1, reorder: 0.1, seed: 4 })).toEqual(spoilt);
    const kept = new Set(numbers(spoilt)).size;
    expect(kept).toBeGreaterThan(1850);
    expect(kept).toBeLessThan(1950);
    expect(spoilt.length - kept).toBeGreaterThan(140);
    const backwards = numbers(spoilt).filter((number, i, all) => i > 0 && number < all[i - 1]!).length;
    expect(backwards).toBeGreaterThan(100);
    expect(spoilt.every(({ time }, i) => i === 0 || time >= spoilt[i - 1]!.time)).toBe(true);
  });
});

test('snap cuts a frame and keeps its length', () => {
  const timed = { time: 1, frame: new Uint8Array(100) };
  expect(snap(timed, 100)).toBe(timed);
  expect(packetOf(snap(timed, 40))).toMatchObject({ start: 0, end: 40, wireLength: 100, linkType: 1 });
});
