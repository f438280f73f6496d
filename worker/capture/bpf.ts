/**
 * Capture filters in libpcap's language (pcap-filter(7)). They run in the kernel and keep out what can be of
 * no use; the decoder decides on the rest. They avoid the words `vlan` and `mpls`, which shift all that
 * follows and which `any` refuses.
 */

/** What TCP may be in. */
const CANDIDATES = [
  'tcp',
  // IPv6 with extension headers: hop-by-hop, routing, fragment, authentication, destination options, mobility.
  'ip6[6] = 0 or ip6[6] = 43 or ip6[6] = 44 or ip6[6] = 51 or ip6[6] = 60 or ip6[6] = 135',
  // Fragments but the first: they bear no ports.
  'ip[6:2] & 0x1fff != 0',
  // Tags that the network card has left in the frame (others the kernel hides), PPPoE, MPLS.
  'ether proto 0x8100 or ether proto 0x88a8 or ether proto 0x9100 or ether proto 0x8864 or ether proto 0x8847',
  // VXLAN and Geneve; GRE and IP in IP.
  'udp port 4789 or udp port 8472 or udp port 6081',
  'ip proto 47 or ip proto 4 or ip proto 41 or ip6 proto 47 or ip6 proto 4 or ip6 proto 41',
];

export interface CaptureFilterOptions {
  /**
   * TCP ports whose packets are left out, bare or in a tunnel: those of the hub, so that the worker does not
   * capture what it sends because of what it captured.
   */
  excludedPorts?: readonly number[];
  /** What the user wants of the rest, in libpcap's language. */
  expression?: string;
}

/** The filter for `openLive`. */
export function captureFilter(options: CaptureFilterOptions = {}): string {
  const { excludedPorts = [], expression = '' } = options;
  const parts = [anyOf(CANDIDATES)];
  if (excludedPorts.length > 0) parts.push(`not ${anyOf(excludedPorts.flatMap(portAnywhere))}`);
  // Last, because `vlan` in it would shift what comes behind it.
  if (expression.trim() !== '') parts.push(`(${expression})`);
  return parts.join(' and ');
}

/** A TCP port, of packets as they are and of those inside VXLAN, Geneve, IP in IP. */
function portAnywhere(port: number): string[] {
  return [
    `tcp port ${port}`,
    `(udp dst port 4789 or udp dst port 8472) and ${innerFrame('udp', '16', port)}`,
    `udp dst port 6081 and ${innerFrame('udp', '16 + ((udp[8] & 0x3f) * 4)', port)}`,
    `ip proto 4 and ${innerIpv4('ip', '20', port)}`,
  ];
}

/** An Ethernet frame with TCP at `offset` of the outer `header`. */
function innerFrame(header: string, offset: string, port: number): string {
  const type = `${header}[${offset} + 12 : 2]`;
  const ipv4 = `${type} = 0x0800 and ${innerIpv4(header, `${offset} + 14`, port)}`;
  const ipv6 = `${type} = 0x86dd and ${innerIpv6(header, `${offset} + 14`, port)}`;
  return anyOf([ipv4, ipv6]);
}

function innerIpv4(header: string, offset: string, port: number): string {
  const noOptions = `${header}[${offset}] = 0x45`;
  return `(${noOptions} and ${header}[${offset} + 9] = 6 and ${ports(header, `${offset} + 20`, port)})`;
}

function innerIpv6(header: string, offset: string, port: number): string {
  return `(${header}[${offset} + 6] = 6 and ${ports(header, `${offset} + 40`, port)})`;
}

function ports(header: string, offset: string, port: number): string {
  return `(${header}[${offset} : 2] = ${port} or ${header}[${offset} + 2 : 2] = ${port})`;
}

function anyOf(alternatives: readonly string[]): string {
  return `(${alternatives.map((alternative) => `(${alternative})`).join(' or ')})`;
}
