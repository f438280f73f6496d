import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ethernet,
  hex,
  IpProtocol,
  ipv4,
  ipv4Fragments,
  ipv6,
  ipv6Fragments,
  packetOf,
  TunnelPort,
  tcp,
  udp,
  vxlan,
} from '../../test/packets/index.ts';
import { Decoder } from './decoder.ts';
import type { FragmentLimits } from './fragments.ts';

const ends = { src: '10.0.0.1', dst: '10.0.0.2' };
const ends6 = { src: 'fd00::1', dst: 'fd00::2' };
const text = Array.from({ length: 500 }, (_, i) => String.fromCharCode(97 + (i % 26))).join('');
const segment = tcp({ srcPort: 1000, dstPort: 80, seq: 77, payload: text });
const whole4 = (id = 9) => ipv4({ ...ends, id, payload: segment });
const whole6 = ipv6({ ...ends6, payload: segment });

interface Fed {
  /** Payloads of the segments that came out, in order. */
  segments: string[];
  decoder: Decoder;
}

/** Feeds IP packets, at the given times in µs or 1 ms apart. */
function feed(packets: readonly Uint8Array[], times: readonly number[] = [], limits?: FragmentLimits): Fed {
  const decoder = new Decoder(limits);
  const segments: string[] = [];
  packets.forEach((ip, i) => {
    const packet = packetOf({
      time: times[i] ?? i * 1000,
      frame: ethernet({ payload: ip, minimumLength: 60 }),
    });
    if (!decoder.decode(packet)) return;
    const captured = packet.data.subarray(packet.payloadStart, packet.payloadEnd);
    segments.push(Buffer.from(captured).toString('latin1'));
    expect(packet.payloadLength).toBe(text.length);
  });
  return { segments, decoder };
}

describe('whatever the order of the fragments', () => {
  test.each([
    ['IPv4', ipv4Fragments(whole4(), 104)],
    ['IPv6', ipv6Fragments(whole6, 104, 5)],
  ])('%s', (_, fragments) => {
    expect(fragments.length).toBe(5);
    fc.assert(
      fc.property(fc.shuffledSubarray(fragments, { minLength: fragments.length }), (order) => {
        const { segments, decoder } = feed(order);
        expect(segments).toEqual([text]);
        expect(decoder.fragmentCounters).toEqual({
          fragments: 5,
          datagramsReassembled: 1,
          datagramsExpired: 0,
          datagramsDropped: 0,
        });
        expect(decoder.fragmentsHeld).toBe(0);
      }),
      { numRuns: 60 },
    );
  });
});

test('ports, addresses and IP id are those of the whole', () => {
  const decoder = new Decoder();
  const packets = ipv4Fragments(whole4(0x1234), 64).map((ip) => packetOf(ethernet({ payload: ip })));
  const results = packets.map((packet) => decoder.decode(packet));
  expect(results.indexOf(true)).toBe(packets.length - 1);
  expect(packets.at(-1)).toMatchObject({
    ipId: 0x1234,
    srcPort: 1000,
    dstPort: 80,
    seq: 77,
    src3: 0x0a000001,
  });
  expect(decoder.counters).toMatchObject({ tcp: 1, notTcp: 0, malformed: 0 });
});

test('datagrams of different identifications, protocols and addresses are kept apart', () => {
  const datagrams = [
    ipv4Fragments(whole4(1), 256),
    ipv4Fragments(whole4(2), 256),
    ipv4Fragments(ipv4({ src: '10.0.0.9', dst: '10.0.0.2', id: 1, payload: segment }), 256),
    ipv4Fragments(ipv4({ ...ends, id: 1, protocol: IpProtocol.udp, payload: new Uint8Array(520) }), 256),
    ipv6Fragments(whole6, 256, 1),
    ipv6Fragments(whole6, 256, 2),
  ];
  const interleaved = [0, 1, 2].flatMap((i) => datagrams.map((fragments) => fragments[i]!));
  const { segments, decoder } = feed(interleaved);
  expect(segments).toEqual([text, text, text, text, text]);
  expect(decoder.counters).toMatchObject({ tcp: 5, notTcp: 1 });
});

test('where fragments overlap, the bytes that came first stand', () => {
  const other = Uint8Array.from(segment, (byte, i) => (i < 20 ? byte : 0x2a));
  const part = (from: Uint8Array, start: number, end: number) =>
    ipv4({
      ...ends,
      id: 3,
      fragmentOffset: start,
      moreFragments: end < segment.length,
      payload: from.subarray(start, end),
    });
  const { segments } = feed([
    part(segment, 160, 240),
    part(other, 80, 320), // around the first one
    part(segment, 0, 120), // into the second one
    part(segment, 280, segment.length),
  ]);
  const expected = text.split('');
  for (let i = 80; i < 320; i++) if (i < 160 || i >= 240) expected[i - 20] = '*';
  expect(segments).toEqual([expected.join('')]);
});

test('copies of fragments do not count twice, nor the whole datagram seen again on another interface', () => {
  const fragments = ipv4Fragments(whole4(), 256);
  const { segments, decoder } = feed([...fragments.flatMap((one) => [one, one]), ...fragments]);
  expect(segments).toEqual([text]);
  expect(decoder.fragmentsHeld).toBe(0);
});

test('an identification used again later is a new datagram', () => {
  const fragments = ipv4Fragments(whole4(), 256);
  const times = [0, 1, 2, 900_000, 900_001, 900_002];
  expect(feed([...fragments, ...fragments], times).segments).toEqual([text, text]);
});

test('what the snapshot length cut off a fragment is a hole in the segment', () => {
  const decoder = new Decoder();
  const fragments = ipv4Fragments(whole4(), 256).map((ip) => ethernet({ payload: ip }));
  const packets = fragments.map((frame) =>
    packetOf({ time: 0, frame: frame.subarray(0, 134), wireLength: frame.length }),
  );
  const last = packets.at(-1)!;
  expect(packets.map((packet) => decoder.decode(packet))).toEqual([false, false, true]);
  const captured = last.data.subarray(last.payloadStart, last.payloadEnd);
  // 134 bytes less Ethernet, IP and TCP headers; the rest of the first fragment was not captured.
  expect(Buffer.from(captured).toString()).toBe(text.slice(0, 80));
  expect(last.payloadLength).toBe(text.length);
});

test('the outer packet of a tunnel may be in fragments', () => {
  const frame = ethernet({ payload: whole4() });
  const outer = ipv4({
    src: '172.16.0.1',
    dst: '172.16.0.2',
    id: 8,
    protocol: IpProtocol.udp,
    payload: udp({ srcPort: 1, dstPort: TunnelPort.vxlan, payload: vxlan({ vni: 1, frame }) }),
  });
  expect(feed(ipv4Fragments(outer, 128)).segments).toEqual([text]);
});

test('extension headers behind the fragment header of IPv6', () => {
  const behind = ipv6({
    ...ends6,
    extensions: [{ type: IpProtocol.destinationOptions, body: hex('01020000') }],
    payload: segment,
  });
  expect(feed(ipv6Fragments(behind, 128, 1)).segments).toEqual([text]);
});

describe('limits', () => {
  const limits: FragmentLimits = { datagrams: 10, bytes: 1 << 20, timeout: 1_000_000 };

  test('a datagram that stays incomplete is given up after its time', () => {
    const [first, ...rest] = ipv4Fragments(whole4(1), 256);
    const { segments, decoder } = feed([first!, ...rest], [0, 1_500_000, 1_500_001], limits);
    expect(segments).toEqual([]);
    expect(decoder.fragmentCounters.datagramsExpired).toBe(1);
  });

  test('the oldest gives way where there are too many', () => {
    const firsts = Array.from({ length: 15 }, (_, id) => ipv4Fragments(whole4(id), 256)[0]!);
    const { decoder } = feed(firsts, [], limits);
    expect(decoder.fragmentsHeld).toBe(10);
    expect(decoder.fragmentCounters.datagramsDropped).toBe(5);
    const rest = ipv4Fragments(whole4(14), 256).slice(1);
    const { segments } = feed([...firsts, ...rest], [], limits);
    expect(segments).toEqual([text]);
  });

  test('the oldest gives way where they hold too much', () => {
    const lasts = Array.from({ length: 100 }, (_, id) =>
      ipv4({ ...ends, id, fragmentOffset: 64_000, payload: new Uint8Array(800) }),
    );
    const { decoder } = feed(lasts, [], { datagrams: 1000, bytes: 1 << 20, timeout: 30e6 });
    expect(decoder.fragmentsHeld).toBeLessThanOrEqual(16);
    expect(decoder.fragmentCounters.datagramsDropped).toBe(100 - decoder.fragmentsHeld);
  });

  test('100,000 fragments of as many datagrams stay within them', () => {
    const decoder = new Decoder(limits);
    const frame = ethernet({ payload: ipv4Fragments(whole4(), 256)[1]! });
    const packet = packetOf(frame);
    for (let i = 0; i < 100_000; i++) {
      frame[18] = i >> 8;
      frame[19] = i;
      frame[29] = i >> 16;
      packet.data = frame;
      packet.time = i;
      decoder.decode(packet);
    }
    expect(decoder.fragmentsHeld).toBeLessThanOrEqual(10);
    expect(decoder.fragmentCounters.fragments).toBe(100_000);
  });
});

describe('fragments that cannot be', () => {
  const fragment = (fields: { fragmentOffset: number; moreFragments: boolean; length: number }) =>
    ipv4({ ...ends, id: 1, ...fields, payload: new Uint8Array(fields.length) });
  test.each([
    ['past the largest datagram', [fragment({ fragmentOffset: 65_528, moreFragments: false, length: 16 })]],
    ['a middle one of odd length', [fragment({ fragmentOffset: 8, moreFragments: true, length: 13 })]],
    [
      'two ends',
      [
        fragment({ fragmentOffset: 64, moreFragments: false, length: 8 }),
        fragment({ fragmentOffset: 128, moreFragments: false, length: 8 }),
      ],
    ],
    [
      'behind the end',
      [
        fragment({ fragmentOffset: 64, moreFragments: false, length: 8 }),
        fragment({ fragmentOffset: 128, moreFragments: true, length: 8 }),
      ],
    ],
  ])('%s', (_, packets) => {
    const { decoder } = feed(packets);
    expect(decoder.counters.malformed).toBe(1);
    expect(decoder.fragmentsHeld).toBe(0);
  });

  test('of what carries no TCP are not kept', () => {
    const icmp = ipv4({ ...ends, protocol: 1, moreFragments: true, payload: new Uint8Array(64) });
    const { decoder } = feed([icmp]);
    expect(decoder.counters.notTcp).toBe(1);
    expect(decoder.fragmentsHeld).toBe(0);
  });

  test('at random: nothing is thrown, nothing but whole datagrams comes out', () => {
    const decoder = new Decoder({ datagrams: 4, bytes: 100_000, timeout: 1_000_000 });
    fc.assert(
      fc.property(
        fc.nat(3),
        fc.nat(0x1fff),
        fc.boolean(),
        fc.nat(400),
        fc.nat(400),
        (id, offset, more, length, cut) => {
          const ip = ipv4({
            ...ends,
            id,
            fragmentOffset: offset * 8,
            moreFragments: more,
            payload: new Uint8Array(length),
          });
          const frame = ethernet({ payload: ip });
          const packet = packetOf({
            time: 0,
            frame: frame.subarray(0, Math.max(0, frame.length - cut)),
            wireLength: frame.length,
          });
          decoder.decode(packet);
          expect(packet.end).toBeLessThanOrEqual(packet.data.length);
          expect(decoder.fragmentsHeld).toBeLessThanOrEqual(4);
        },
      ),
      { numRuns: 3000 },
    );
  });
});
