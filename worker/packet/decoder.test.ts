import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  concat,
  EtherType,
  ethernet,
  geneve,
  gre,
  hex,
  IpProtocol,
  ipv4,
  ipv6,
  LinkType,
  linuxSll,
  linuxSll2,
  mssOption,
  nullLoopback,
  packetOf,
  pppoeSession,
  snap,
  TunnelPort,
  tcp,
  timestampOption,
  udp,
  vxlan,
} from '../../test/packets/index.ts';
import { Decoder, type DecoderCounters } from './decoder.ts';
import type { Packet } from './packet.ts';

const ends = { src: '10.1.2.3', dst: '192.168.200.4' };
const ends6 = { src: 'fd00::a:1', dst: '2001:db8::ffff:2' };
const segment = tcp({
  srcPort: 40_000,
  dstPort: 8080,
  seq: 0xfffffff0,
  ack: 0x80000001,
  flags: 0x18,
  window: 0xfff0,
  urgent: 9,
  payload: 'hello',
});
const packet4 = ipv4({ ...ends, id: 0xbeef, payload: segment });
const packet6 = ipv6({ ...ends6, payload: segment });

interface Decoded {
  packet: Packet;
  isTcp: boolean;
  payload: string;
  counters: DecoderCounters;
}

function decode(frame: Uint8Array, linkType: number = LinkType.ethernet, wireLength = frame.length): Decoded {
  const decoder = new Decoder();
  // Other packets' bytes lie around it, as in a buffer that a source has filled.
  const surroundings = new Uint8Array(frame.length + 200).fill(0x45);
  surroundings.set(frame, 100);
  const packet = packetOf({ time: 1, frame: surroundings, wireLength }, linkType);
  packet.start = 100;
  packet.end = 100 + frame.length;
  const isTcp = decoder.decode(packet);
  const payload = Buffer.from(packet.data.subarray(packet.payloadStart, packet.payloadEnd)).toString(
    'latin1',
  );
  return { packet, isTcp, payload, counters: decoder.counters };
}

/** The one counter that moved. */
function verdict(frame: Uint8Array, linkType?: number, wireLength?: number): string {
  const { counters, isTcp } = decode(frame, linkType, wireLength);
  const moved = Object.entries(counters).filter(([, count]) => count > 0);
  expect(moved).toHaveLength(1);
  expect(moved[0]![1]).toBe(1);
  expect(isTcp).toBe(moved[0]![0] === 'tcp');
  return moved[0]![0];
}

describe('fields', () => {
  test('of IPv4 and TCP, from literal bytes', () => {
    // Ethernet, IPv4 (id 1234, 10.0.0.1 to 10.0.0.2), TCP 49152 to 80 with timestamps 256 and 255, then "hi".
    const frame = hex(`
      020000000002 020000000001 0800
      45000036 12340000 40060000 0a000001 0a000002
      c0000050 00000064 000000c8 80180400 00000000 0101080a 00000100 000000ff
      6869`);
    const { packet, payload } = decode(frame);
    expect(packet).toMatchObject({
      ipVersion: 4,
      src0: 0,
      src1: 0,
      src2: 0xffff,
      src3: 0x0a000001,
      dst3: 0x0a000002,
      ipId: 0x1234,
      srcPort: 49_152,
      dstPort: 80,
      seq: 100,
      ack: 200,
      flags: 0x18,
      window: 1024,
      urgent: 0,
      tsVal: 256,
      tsEcr: 255,
      payloadLength: 2,
    });
    expect(payload).toBe('hi');
  });

  test('that pass 2^31 are signed', () => {
    const { packet } = decode(ethernet({ payload: packet4 }));
    expect(packet).toMatchObject({
      dst3: 0xc0a8c804 | 0,
      seq: -16,
      ack: 0x80000001 | 0,
      window: 0xfff0,
      urgent: 9,
      ipId: 0xbeef,
    });
  });

  test('of IPv6', () => {
    const { packet, payload } = decode(ethernet({ payload: packet6 }));
    expect(packet).toMatchObject({
      ipVersion: 6,
      src0: 0xfd000000 | 0,
      src1: 0,
      src2: 0,
      src3: 0x000a0001,
      dst0: 0x20010db8,
      dst1: 0,
      dst2: 0,
      dst3: 0xffff0002 | 0,
      ipId: -1,
      srcPort: 40_000,
      payloadLength: 5,
    });
    expect(payload).toBe('hello');
  });

  test('of the packet before do not stay', () => {
    const decoder = new Decoder();
    const stamped = ipv4({
      ...ends,
      payload: tcp({ srcPort: 1, dstPort: 2, options: timestampOption(7, 8), payload: 'x' }),
    });
    const packet = packetOf(ethernet({ payload: stamped }));
    decoder.decode(packet);
    expect(packet).toMatchObject({ tsVal: 7, tsEcr: 8 });
    const next = ethernet({ payload: packet6 });
    packet.data = next;
    packet.end = packet.wireLength = next.length;
    decoder.decode(packet);
    expect(packet).toMatchObject({ tsVal: 0, tsEcr: 0, ipVersion: 6, ipId: -1 });
  });
});

describe('link types', () => {
  const tagged = (...vlans: (number | { id: number; protocol: number })[]) =>
    ethernet({ payload: packet4, vlans });
  const snapFrame = ethernet({
    payload: concat(hex('aaaa03 000000 0800'), packet4),
    etherType: 8 + packet4.length,
  });
  const mpls = ethernet({ payload: concat(hex('00010040 00011140'), packet6), etherType: 0x8847 });
  const shortPpp = ethernet({
    payload: concat(hex('1100 0001 002e 21'), packet4),
    etherType: EtherType.pppoeSession,
  });
  test.each([
    ['Ethernet', LinkType.ethernet, ethernet({ payload: packet4 })],
    ['VLAN', LinkType.ethernet, tagged(5)],
    ['QinQ', LinkType.ethernet, tagged({ id: 5, protocol: EtherType.qinq }, 6)],
    ['three tags, the outer ones of old', LinkType.ethernet, tagged({ id: 5, protocol: 0x9100 }, 6, 7)],
    ['priority tag (VLAN 0)', LinkType.ethernet, tagged(0)],
    [
      'PPPoE',
      LinkType.ethernet,
      ethernet({ payload: pppoeSession(packet6), etherType: EtherType.pppoeSession }),
    ],
    [
      'PPPoE in VLAN',
      LinkType.ethernet,
      ethernet({ payload: pppoeSession(packet4), etherType: EtherType.pppoeSession, vlans: [9] }),
    ],
    ['PPPoE with the protocol in one byte', LinkType.ethernet, shortPpp],
    ['MPLS', LinkType.ethernet, mpls],
    ['IEEE 802.3 with SNAP', LinkType.ethernet, snapFrame],
    ['raw IPv4', LinkType.raw, packet4],
    ['raw IPv6', LinkType.raw, packet6],
    ['raw IP of BSD', 12, packet4],
    ['raw IP of OpenBSD', 14, packet6],
    ['LINKTYPE_IPV4', LinkType.ipv4, packet4],
    ['LINKTYPE_IPV6', LinkType.ipv6, packet6],
    ['null, little endian', LinkType.null, nullLoopback(packet4, 'little')],
    ['null, big endian', LinkType.null, nullLoopback(packet4, 'big')],
    ['null, IPv6 of FreeBSD', LinkType.null, nullLoopback(packet6, 'little', 28)],
    ['null, IPv6 of macOS', LinkType.null, nullLoopback(packet6, 'little', 30)],
    ['loop', LinkType.loop, nullLoopback(packet6, 'big', 24)],
    ['Linux cooked', LinkType.linuxSll, linuxSll({ payload: packet4, packetType: 3 })],
    [
      'Linux cooked, VLAN',
      LinkType.linuxSll,
      linuxSll({ payload: concat(hex('0005 86dd'), packet6), etherType: EtherType.vlan }),
    ],
    ['Linux cooked, version 2', LinkType.linuxSll2, linuxSll2({ payload: packet6 })],
  ])('%s', (_, linkType, frame) => {
    const { packet, isTcp, payload } = decode(frame, linkType);
    expect(isTcp).toBe(true);
    expect(packet).toMatchObject({ srcPort: 40_000, dstPort: 8080, payloadLength: 5 });
    expect(payload).toBe('hello');
  });

  test('Linux cooked, version 2, says the interface', () => {
    const frame = linuxSll2({ payload: packet4, interfaceIndex: 12 });
    expect(decode(frame, LinkType.linuxSll2).packet.interfaceId).toBe(12);
  });

  test.each([
    ['IEEE 802.11', 105],
    ['none', -1],
  ])('%s is not known', (_, linkType) => {
    expect(verdict(ethernet({ payload: packet4 }), linkType)).toBe('unsupportedLink');
  });
});

describe('lengths', () => {
  test('Ethernet padding is not payload', () => {
    const bare = ipv4({ ...ends, payload: tcp({ srcPort: 1, dstPort: 2 }) });
    const { packet, isTcp } = decode(ethernet({ payload: bare, minimumLength: 60 }));
    expect(isTcp).toBe(true);
    expect(packet.payloadLength).toBe(0);
    expect(packet.payloadEnd).toBe(packet.payloadStart);
  });

  test('a total length of 0 (TSO) and a payload length of 0 (BIG TCP) mean: to the end of the frame', () => {
    const payload = tcp({ srcPort: 1, dstPort: 2, payload: 'x'.repeat(70_000) });
    const frames = [
      ipv4({ ...ends, payload, totalLength: 0 }),
      ipv6({ ...ends6, payload, payloadLength: 0 }),
    ];
    for (const packet of frames)
      expect(decode(ethernet({ payload: packet })).packet.payloadLength).toBe(70_000);
  });

  test('what the snapshot length cut off is a hole of known size', () => {
    const payload = tcp({ srcPort: 1, dstPort: 2, payload: 'abcdefgh'.repeat(100) });
    for (const whole of [ipv4({ ...ends, payload }), ipv6({ ...ends6, payload })]) {
      const frame = ethernet({ payload: whole });
      const { frame: cut } = snap({ time: 0, frame }, frame.length - 790);
      const { packet, payload: captured } = decode(cut, LinkType.ethernet, frame.length);
      expect(packet.payloadLength).toBe(800);
      expect(captured).toBe('abcdefghab');
    }
  });

  test('options cut off by the snapshot length: ports and length are known, the payload is a hole', () => {
    const options = concat(mssOption(1460), timestampOption(5, 6));
    const frame = ethernet({
      payload: ipv4({ ...ends, payload: tcp({ srcPort: 1, dstPort: 2, options, payload: 'abc' }) }),
    });
    const { packet, isTcp, payload } = decode(
      frame.subarray(0, 14 + 20 + 22),
      LinkType.ethernet,
      frame.length,
    );
    expect(isTcp).toBe(true);
    expect(packet).toMatchObject({ dstPort: 2, payloadLength: 3, tsVal: 0 });
    expect(payload).toBe('');
  });

  test('a mirror that cut packets and wrote the short length: the IP header knows the true one', () => {
    const frame = ethernet({
      payload: ipv4({ ...ends, payload: tcp({ srcPort: 1, dstPort: 2, payload: 'abcdef' }) }),
    });
    const { packet, payload } = decode(frame.subarray(0, frame.length - 4));
    expect(packet.payloadLength).toBe(6);
    expect(payload).toBe('ab');
  });

  test('the snapshot length may end before the headers do: not malformed', () => {
    for (const whole of [packet4, packet6]) {
      const frame = ethernet({ payload: whole });
      const headers = frame.length - 5;
      for (let length = 0; length < headers; length++) {
        expect(verdict(frame.subarray(0, length), LinkType.ethernet, frame.length)).toBe('headersCut');
      }
      for (let length = headers; length <= frame.length; length++) {
        expect(verdict(frame.subarray(0, length), LinkType.ethernet, frame.length)).toBe('tcp');
      }
    }
  });

  test('IPv4 options are passed over', () => {
    const frame = ethernet({
      payload: ipv4({ ...ends, options: hex('94040000 0707040a000001'), payload: segment }),
    });
    expect(decode(frame).payload).toBe('hello');
  });
});

describe('TCP options', () => {
  const stamps = (options: Uint8Array) => {
    const payload = tcp({ srcPort: 1, dstPort: 2, options, payload: 'data' });
    const { packet, payload: data } = decode(ethernet({ payload: ipv4({ ...ends, payload }) }));
    expect(data).toBe('data');
    return [packet.tsVal, packet.tsEcr];
  };
  test.each([
    ['aligned', timestampOption(0x11223344, 0x55667788), [0x11223344, 0x55667788]],
    ['signed', timestampOption(0xffffffff, 0x80000000), [-1, 0x80000000 | 0]],
    ['of a SYN of Linux', hex('020405b4 0402 080a 00000001 00000002 01 030307'), [1, 2]],
    ['behind an unknown option', hex('fd04aaaa 080a 00000003 00000004'), [3, 4]],
    ['none', mssOption(1460), [0, 0]],
    ['behind the end of options', hex('00 080a 00000001 00000002'), [0, 0]],
    ['of a wrong length', hex('080b 00000001 00000002 00'), [0, 0]],
    ['length 0', hex('0300 080a 00000001 00000002'), [0, 0]],
    ['longer than the header', hex('03ff 080a 00000001 00000002'), [0, 0]],
    ['cut in its kind', hex('01010108'), [0, 0]],
  ])('timestamps: %s', (_, options, expected) => {
    expect(stamps(options)).toEqual(expected);
  });
});

describe('IPv6 extension headers', () => {
  test.each([
    ['hop-by-hop', [{ type: IpProtocol.hopByHop, body: hex('0502 0000') }]],
    ['routing', [{ type: IpProtocol.routing, body: new Uint8Array(22) }]],
    ['destination options', [{ type: IpProtocol.destinationOptions, body: hex('010400000000') }]],
    ['mobility', [{ type: 135, body: hex('0000000000') }]],
    [
      'many',
      [
        { type: IpProtocol.hopByHop, body: hex('0104') },
        { type: IpProtocol.destinationOptions, body: hex('0104') },
        { type: IpProtocol.routing, body: hex('0104') },
        { type: IpProtocol.destinationOptions, body: new Uint8Array(100) },
      ],
    ],
    ['fragment that is a whole', [{ type: IpProtocol.fragment, body: hex('0000 00000001') }]],
  ])('%s', (_, extensions) => {
    expect(decode(ethernet({ payload: ipv6({ ...ends6, extensions, payload: segment }) })).payload).toBe(
      'hello',
    );
  });

  test('authentication counts in words', () => {
    const header = concat(hex('06 04 0000'), new Uint8Array(20)); // next: TCP; 24 bytes
    const frame = ethernet({ payload: ipv6({ ...ends6, protocol: 51, payload: concat(header, segment) }) });
    expect(decode(frame).payload).toBe('hello');
  });

  test.each([
    ['encrypted', 50],
    ['no next header', 59],
    ['ICMPv6', 58],
  ])('%s is not TCP', (_, protocol) => {
    expect(verdict(ethernet({ payload: ipv6({ ...ends6, protocol, payload: segment }) }))).toBe('notTcp');
  });
});

describe('tunnels', () => {
  const inner = ethernet({ payload: packet4, vlans: [3] });
  const inUdp = (dstPort: number, payload: Uint8Array) =>
    ipv4({
      src: '172.16.0.1',
      dst: '172.16.0.2',
      protocol: IpProtocol.udp,
      payload: udp({ srcPort: 5, dstPort, payload }),
    });
  const inProtocol = (protocol: number, payload: Uint8Array) =>
    ipv4({ src: '172.16.0.1', dst: '172.16.0.2', protocol, payload });
  const TEB = EtherType.transparentEthernetBridging;

  test.each([
    ['VXLAN', inUdp(TunnelPort.vxlan, vxlan({ vni: 77, frame: inner }))],
    ['VXLAN on the port of Linux', inUdp(TunnelPort.vxlanLinux, vxlan({ vni: 77, frame: inner }))],
    ['Geneve', inUdp(TunnelPort.geneve, geneve({ vni: 1, protocol: TEB, payload: inner }))],
    [
      'Geneve with options, IP inside',
      inUdp(
        TunnelPort.geneve,
        geneve({ vni: 1, protocol: 0x0800, options: new Uint8Array(24), payload: packet4 }),
      ),
    ],
    ['GRE', inProtocol(IpProtocol.gre, gre({ protocol: 0x0800, payload: packet4 }))],
    [
      'GRE with all fields, Ethernet inside',
      inProtocol(IpProtocol.gre, gre({ protocol: TEB, checksum: 0, key: 5, sequence: 9, payload: inner })),
    ],
    ['IP in IP', inProtocol(IpProtocol.ipv4, packet4)],
    [
      'IP in IP in VXLAN',
      inUdp(TunnelPort.vxlan, vxlan({ vni: 1, frame: ethernet({ payload: inProtocol(4, packet4) }) })),
    ],
  ])('%s: addresses and ports are those inside', (_, outer) => {
    const { packet, payload } = decode(ethernet({ payload: outer, minimumLength: 60 }));
    expect(packet).toMatchObject({ src3: 0x0a010203, srcPort: 40_000, ipId: 0xbeef, payloadLength: 5 });
    expect(payload).toBe('hello');
  });

  test('IPv6 in IPv4, IPv4 in IPv6', () => {
    const sixInFour = decode(ethernet({ payload: inProtocol(IpProtocol.ipv6, packet6) }));
    expect(sixInFour.packet).toMatchObject({ ipVersion: 6, src3: 0x000a0001, ipId: -1 });
    const fourInSix = decode(ethernet({ payload: ipv6({ ...ends6, protocol: 4, payload: packet4 }) }));
    expect(fourInSix.packet).toMatchObject({ ipVersion: 4, src0: 0, src2: 0xffff, src3: 0x0a010203 });
  });

  test.each([
    ['VXLAN without a network', inUdp(TunnelPort.vxlan, concat(new Uint8Array(8), inner)), 'notTcp'],
    ['a port of a tunnel as the source only', inUdp(53, vxlan({ vni: 1, frame: inner })), 'notTcp'],
    [
      'ARP inside',
      inUdp(
        TunnelPort.vxlan,
        vxlan({ vni: 1, frame: ethernet({ payload: new Uint8Array(28), etherType: 0x0806 }) }),
      ),
      'notTcp',
    ],
    ['PPTP', inProtocol(IpProtocol.gre, concat(hex('3001880b 00000000'), packet4)), 'notTcp'],
    ['VXLAN that ends in its header', inUdp(TunnelPort.vxlan, hex('08000000')), 'malformed'],
  ])('%s', (_, outer, expected) => {
    expect(verdict(ethernet({ payload: outer }))).toBe(expected);
  });

  test('tunnels in tunnels end somewhere', () => {
    let packet = packet4;
    for (let i = 0; i < 50; i++) packet = inProtocol(IpProtocol.ipv4, packet);
    expect(verdict(ethernet({ payload: packet }))).toBe('malformed');
  });
});

describe('what is not TCP, or is broken', () => {
  const ip = (change: (header: Uint8Array) => void) => {
    const packet = Uint8Array.from(packet4);
    change(packet);
    return ethernet({ payload: packet, etherType: EtherType.ipv4 });
  };
  test.each([
    ['ARP', ethernet({ payload: new Uint8Array(28), etherType: EtherType.arp }), 'notTcp'],
    ['spanning tree', ethernet({ payload: hex('424203 0000'), etherType: 39 }), 'notTcp'],
    ['PPPoE discovery', ethernet({ payload: hex('1109 0000 0000 0000'), etherType: 0x8863 }), 'notTcp'],
    [
      'PPP control',
      ethernet({ payload: hex('1100 0001 0004 c021 0000'), etherType: EtherType.pppoeSession }),
      'notTcp',
    ],
    ['ICMP', ethernet({ payload: ipv4({ ...ends, protocol: 1, payload: 'ping' }) }), 'notTcp'],
    [
      'DNS',
      ethernet({
        payload: ipv4({ ...ends, protocol: 17, payload: udp({ srcPort: 1, dstPort: 53, payload: '' }) }),
      }),
      'notTcp',
    ],
    [
      'another IP version',
      ip((header) => {
        header[0] = 0x65;
      }),
      'malformed',
    ],
    [
      'an IP header of 16 bytes',
      ip((header) => {
        header[0] = 0x44;
      }),
      'malformed',
    ],
    [
      'a total length within the header',
      ip((header) => {
        header[3] = 19;
        header[2] = 0;
      }),
      'malformed',
    ],
    [
      'a total length that ends in the TCP header',
      ip((header) => {
        header[3] = 39;
        header[2] = 0;
      }),
      'malformed',
    ],
    [
      'a TCP header of 16 bytes',
      ip((header) => {
        header[32] = 0x40;
      }),
      'malformed',
    ],
    [
      'a TCP header longer than the packet',
      ip((header) => {
        header[32] = 0xf0;
      }),
      'malformed',
    ],
    ['a frame of 3 bytes', hex('020000'), 'malformed'],
    ['nothing', new Uint8Array(0), 'malformed'],
  ])('%s', (_, frame, expected) => {
    expect(verdict(frame)).toBe(expected);
  });
});

describe('any bytes', () => {
  const linkTypes = [...Object.values(LinkType), 12, 14, 105, -1];
  const frames = [
    ethernet({ payload: packet4, vlans: [1, 2] }),
    ethernet({ payload: ipv6({ ...ends6, extensions: [{ type: 0, body: hex('0104') }], payload: segment }) }),
    ethernet({
      payload: ipv4({
        ...ends,
        protocol: IpProtocol.udp,
        payload: udp({
          srcPort: 1,
          dstPort: TunnelPort.vxlan,
          payload: vxlan({ vni: 1, frame: ethernet({ payload: packet6 }) }),
        }),
      }),
    }),
  ];

  /** Whatever was read lies within what was captured, and the decoder goes on working. */
  function holds(decoder: Decoder, frame: Uint8Array, linkType: number, wireLength: number): void {
    const packet = packetOf({ time: 1, frame, wireLength }, linkType);
    if (!decoder.decode(packet)) return;
    expect(packet.payloadStart).toBeGreaterThanOrEqual(0);
    expect(packet.payloadStart).toBeLessThanOrEqual(packet.payloadEnd);
    expect(packet.payloadEnd).toBeLessThanOrEqual(packet.end);
    expect(packet.end).toBeLessThanOrEqual(packet.data.length);
    expect(packet.payloadLength).toBeGreaterThanOrEqual(packet.payloadEnd - packet.payloadStart);
  }

  test('at random', () => {
    const decoder = new Decoder();
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.constantFrom(...linkTypes),
        fc.nat(300),
        (frame, linkType, wire) => holds(decoder, frame, linkType, wire),
      ),
      { numRuns: 3000 },
    );
  });

  test('of true packets with some changed, and the end cut off', () => {
    const decoder = new Decoder();
    const change = fc.tuple(fc.nat(160), fc.nat(255));
    fc.assert(
      fc.property(
        fc.constantFrom(...frames),
        fc.array(change, { maxLength: 6 }),
        fc.nat(160),
        fc.constantFrom(...linkTypes),
        (original, changes, length, linkType) => {
          const frame = original.slice(0, length);
          for (const [at, value] of changes) if (at < frame.length) frame[at] = value;
          holds(decoder, frame, linkType, original.length);
          holds(decoder, frame, LinkType.ethernet, original.length);
        },
      ),
      { numRuns: 4000 },
    );
    expect(decoder.counters.tcp).toBeGreaterThan(0);
    expect(decoder.counters.malformed).toBeGreaterThan(0);
    expect(decoder.counters.headersCut).toBeGreaterThan(0);
  });
});
