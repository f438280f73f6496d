import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { expect, test } from 'vitest';
import { type NodeObject, nodeCidrs } from './node-addresses.ts';

function node(annotations: Record<string, string>, more: Partial<NodeObject> = {}): NodeObject {
  return { metadata: { name: 'n', annotations }, ...more };
}

const addresses = (...of: [type: string, address: string][]): Partial<NodeObject> => ({
  status: { addresses: of.map(([type, address]) => ({ type, address })) },
});

test('internal addresses of both families; external ones only of a node that has no other', () => {
  const dual = node(
    {},
    addresses(['InternalIP', '10.0.0.7'], ['InternalIP', 'FD00:0::7'], ['Hostname', 'n']),
  );
  const cloud = node({}, addresses(['InternalIP', '10.0.0.8'], ['ExternalIP', '203.0.113.8']));
  const edge = node({}, addresses(['ExternalIP', '203.0.113.9'], ['ExternalDNS', 'edge.example']));
  expect(nodeCidrs([dual, cloud, edge])).toEqual([
    '10.0.0.7/32',
    '10.0.0.8/32',
    '203.0.113.9/32',
    'fd00::7/128',
  ]);
});

test('of the pod addresses of a node the first two, which are those of an overlay and of a bridge', () => {
  const dual = node(
    {},
    { spec: { podCIDR: '10.244.1.0/24', podCIDRs: ['10.244.1.0/24', 'fd00:10:244:1::/64'] } },
  );
  const old = node({}, { spec: { podCIDR: '10.244.2.128/25' } });
  const tiny = node({}, { spec: { podCIDRs: ['10.9.9.9/32'] } });
  expect(nodeCidrs([dual, old, tiny])).toEqual([
    '10.244.1.0/31',
    '10.244.2.128/31',
    '10.9.9.9/32',
    'fd00:10:244:1::/127',
  ]);
});

test.each([
  ['Calico', 'projectcalico.org/IPv4Address', '192.168.0.63/24', ['192.168.0.63/32']],
  ['Calico, IP in IP', 'projectcalico.org/IPv4IPIPTunnelAddr', '10.1.70.0', ['10.1.70.0/32']],
  ['Calico, VXLAN', 'projectcalico.org/IPv4VXLANTunnelAddr', '192.168.25.64', ['192.168.25.64/32']],
  ['Calico, VXLAN of IPv6', 'projectcalico.org/IPv6VXLANTunnelAddr', 'fd00::1:0', ['fd00::1:0/128']],
  ['Calico, WireGuard', 'projectcalico.org/IPv4WireguardInterfaceAddr', '10.1.70.1', ['10.1.70.1/32']],
  ['flannel', 'flannel.alpha.coreos.com/public-ip', '172.16.0.4', ['172.16.0.4/32']],
  ['Cilium', 'network.cilium.io/ipv4-cilium-host', '10.244.0.28', ['10.244.0.28/32']],
  ['older Cilium', 'io.cilium.network.ipv6-cilium-host', 'fd02::9c', ['fd02::9c/128']],
  [
    'OVN',
    'k8s.ovn.org/node-subnets',
    '{"default":["10.128.2.0/23","fd01:0:0:3::/64"]}',
    ['10.128.2.2/32', 'fd01:0:0:3::2/128'],
  ],
  [
    'older OVN',
    'k8s.ovn.org/node-subnets',
    '{"default":"10.128.0.0/23","blue":"10.200.0.0/24"}',
    ['10.128.0.2/32'],
  ],
  [
    'OVN, gateway',
    'k8s.ovn.org/node-gateway-router-lrp-ifaddrs',
    '{"default":{"ipv4":"100.64.0.4/16"},"blue":{"ipv4":"100.65.0.4/16"}}',
    ['100.64.0.4/32'],
  ],
  [
    'older OVN, gateway',
    'k8s.ovn.org/node-gateway-router-lrp-ifaddr',
    '{"ipv4":"100.64.0.8/16","ipv6":"fd98::8/64"}',
    ['100.64.0.8/32', 'fd98::8/128'],
  ],
])('the address that %s writes on the node', (_, name, value, expected) => {
  expect(nodeCidrs([node({ [name]: value })])).toEqual(expected);
});

test.each([
  '',
  'none',
  '10.0.0',
  '010.0.0.1',
  '10.0.0.1.nip.io',
  'fe80::1%eth0',
  '10.0.0.256',
  '0x0a000001',
  '{}',
])('what is no address is passed over: %j', (text) => {
  const names = ['projectcalico.org/IPv4Address', 'flannel.alpha.coreos.com/public-ip'];
  const json = ['k8s.ovn.org/node-subnets', 'k8s.ovn.org/node-gateway-router-lrp-ifaddrs'];
  const annotations = Object.fromEntries([...names, ...json].map((name) => [name, text]));
  const wrong = node(annotations, { spec: { podCIDRs: [text] }, ...addresses(['InternalIP', text]) });
  expect(nodeCidrs([wrong])).toEqual([]);
});

test('a node without anything', () => {
  expect(nodeCidrs([{ metadata: { name: 'n' } }])).toEqual([]);
});

test('whatever nodes say, the result is valid ranges of at most two addresses, the same in any order', () => {
  const text = fc.oneof(fc.ipV4(), fc.ipV4Extended(), fc.ipV6(), fc.string(), fc.json());
  const some = fc.array(
    fc.record({
      internal: text,
      pods: fc.tuple(fc.oneof(fc.ipV4(), fc.ipV6()), fc.nat(130)),
      subnets: fc.json(),
    }),
  );
  fc.assert(
    fc.property(some, (facts) => {
      const nodes = facts.map(({ internal, pods, subnets }) =>
        node(
          { 'k8s.ovn.org/node-subnets': subnets, 'flannel.alpha.coreos.com/public-ip': internal },
          { spec: { podCIDRs: [pods.join('/')] }, ...addresses(['InternalIP', internal]) },
        ),
      );
      const cidrs = nodeCidrs(nodes);
      for (const cidr of cidrs) {
        const [address, bits] = ipaddr.parseCIDR(cidr);
        expect(bits).toBeGreaterThanOrEqual(address.kind() === 'ipv4' ? 31 : 127);
      }
      expect(nodeCidrs(nodes.toReversed())).toEqual(cidrs);
      expect(nodeCidrs([...nodes, ...nodes])).toEqual(cidrs);
    }),
  );
});
