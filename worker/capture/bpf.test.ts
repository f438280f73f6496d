import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  EtherType,
  ethernet,
  geneve,
  gre,
  hex,
  IpProtocol,
  ipv4,
  ipv4Fragments,
  ipv6,
  LinkType,
  linuxSll,
  pcapFile,
  pppoeSession,
  TunnelPort,
  tcp,
  udp,
  vxlan,
} from '../../test/packets/index.ts';
import { captureFilter } from './bpf.ts';

/** libpcap itself judges: it applies a filter to files as well. */
interface OfflineSession {
  on(event: 'packet' | 'complete', listener: (packet: { header: Buffer }) => void): void;
}
const { createOfflineSession } = createRequire(import.meta.url)('pcap') as {
  createOfflineSession(path: string, options: { filter: string }): OfflineSession;
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'filter-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Names of the frames that pass. */
async function passing(
  frames: Record<string, Uint8Array>,
  filter: string,
  linkType: number = LinkType.ethernet,
): Promise<string[]> {
  const names = Object.keys(frames);
  // Each frame is told by its time.
  const packets = names.map((name, i) => ({ time: i * 1e6, frame: frames[name]! }));
  const path = join(folder, 'frames.pcap');
  writeFileSync(path, pcapFile(packets, { linkType }));
  const passed: string[] = [];
  await new Promise<void>((resolve) => {
    const session = createOfflineSession(path, { filter });
    session.on('packet', ({ header }) => passed.push(names[header.readUInt32LE(0)]!));
    session.on('complete', () => resolve());
  });
  return passed;
}

const ends = { src: '10.0.0.1', dst: '10.0.0.2' };
const ends6 = { src: 'fd00::1', dst: 'fd00::2' };
const segment = (port = 80) => tcp({ srcPort: 40_000, dstPort: port, payload: 'x' });
const packet = (port?: number) => ipv4({ ...ends, payload: segment(port) });
const packet6 = (port?: number) => ipv6({ ...ends6, payload: segment(port) });
const inUdp = (dstPort: number, payload: Uint8Array) =>
  ipv4({ ...ends, protocol: IpProtocol.udp, payload: udp({ srcPort: 9, dstPort, payload }) });

const candidates = {
  ipv4: ethernet({ payload: packet() }),
  ipv6: ethernet({ payload: packet6() }),
  extended: ethernet({
    payload: ipv6({
      ...ends6,
      extensions: [{ type: IpProtocol.hopByHop, body: hex('0502') }],
      payload: segment(),
    }),
  }),
  fragment: ethernet({ payload: ipv4Fragments(packet(), 8)[1]! }),
  vlan: ethernet({ payload: packet(), vlans: [{ id: 7, protocol: EtherType.qinq }, 8] }),
  pppoe: ethernet({ payload: pppoeSession(packet()), etherType: EtherType.pppoeSession }),
  vxlan: ethernet({
    payload: inUdp(TunnelPort.vxlan, vxlan({ vni: 1, frame: ethernet({ payload: packet() }) })),
  }),
  gre: ethernet({
    payload: ipv4({
      ...ends,
      protocol: IpProtocol.gre,
      payload: gre({ protocol: EtherType.ipv4, payload: packet() }),
    }),
  }),
  ipInIp: ethernet({ payload: ipv4({ ...ends, protocol: IpProtocol.ipv4, payload: packet() }) }),
  sixInFour: ethernet({ payload: ipv4({ ...ends, protocol: IpProtocol.ipv6, payload: packet6() }) }),
};
const others = {
  dns: ethernet({ payload: inUdp(53, new Uint8Array(20)) }),
  icmp: ethernet({ payload: ipv4({ ...ends, protocol: 1, payload: new Uint8Array(8) }) }),
  arp: ethernet({ payload: new Uint8Array(28), etherType: EtherType.arp }),
};

test('lets through what TCP may be in, and nothing else', async () => {
  expect(await passing({ ...candidates, ...others }, captureFilter())).toEqual(Object.keys(candidates));
});

test('is valid for the cooked captures of `any`', async () => {
  const frames = {
    tcp: linuxSll({ payload: packet() }),
    hub: linuxSll({ payload: packet(8898) }),
    dns: linuxSll({ payload: inUdp(53, new Uint8Array(20)) }),
  };
  expect(await passing(frames, captureFilter({ excludedPorts: [8898] }), LinkType.linuxSll)).toEqual(['tcp']);
});

test('leaves out excluded ports at either end, bare or in tunnels', async () => {
  const frame = (inner: Uint8Array) => ethernet({ payload: inner });
  const options = new Uint8Array(12);
  const tunnels = (port: number) => ({
    bare: frame(packet(port)),
    answer: frame(ipv4({ ...ends, payload: tcp({ srcPort: port, dstPort: 40_000 }) })),
    bare6: frame(packet6(port)),
    vxlan: frame(inUdp(TunnelPort.vxlan, vxlan({ vni: 1, frame: frame(packet(port)) }))),
    vxlan6: frame(inUdp(TunnelPort.vxlanLinux, vxlan({ vni: 1, frame: frame(packet6(port)) }))),
    geneve: frame(
      inUdp(TunnelPort.geneve, geneve({ vni: 1, protocol: 0x6558, options, payload: frame(packet(port)) })),
    ),
    ipInIp: frame(ipv4({ ...ends, protocol: IpProtocol.ipv4, payload: packet(port) })),
  });
  const filter = captureFilter({ excludedPorts: [8898, 8899] });
  expect(await passing(tunnels(8898), filter)).toEqual([]);
  expect(await passing(tunnels(8899), filter)).toEqual([]);
  expect(await passing(tunnels(8897), filter)).toEqual(Object.keys(tunnels(0)));
});

test("narrows by the user's expression, whatever its precedence", async () => {
  const frames = { web: ethernet({ payload: packet(80) }), hub: ethernet({ payload: packet(8898) }) };
  const filter = captureFilter({ excludedPorts: [8898], expression: 'port 80 or port 8898' });
  expect(await passing(frames, filter)).toEqual(['web']);
  expect(await passing(frames, captureFilter({ expression: 'port 81' }))).toEqual([]);
  expect(await passing(candidates, captureFilter({ expression: 'vlan 7 and vlan 8 and tcp' }))).toEqual([
    'vlan',
  ]);
});
