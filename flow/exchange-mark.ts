import { hostPort } from './address.ts';
import { isAddressName } from './address-names.ts';

export interface SocketAddress {
  readonly ip: string;
  readonly port: number;
}

/** What an exported file says of an exchange on the packet that begins it, so that whoever reads the file sees the flow that it was written from. */
export interface ExchangeMark {
  readonly flow: string;
  /** Which of a flow's ways over sidecars this is, from 1, and how many there are: `Flow.hops`, in their order. */
  readonly way: number;
  readonly ways: number;
  /** The service that was called, where the server's address is told with another one; '': none. */
  readonly service?: string | undefined;
  /** What the server, and the client, was called, where whoever reads the file would call it otherwise; '': by its address. */
  readonly name?: string | undefined;
  readonly clientName?: string | undefined;
  /** The flow's two ends, where the packet bears other addresses: translation is between them. */
  readonly ends?: { readonly src: SocketAddress; readonly dst: SocketAddress } | undefined;
}

/** A mark, and the packet that bears it: time in µs, and its addresses as `hostPort` writes them. */
export interface MarkedPacket {
  readonly time: number;
  readonly from: string;
  readonly to: string;
  readonly mark: ExchangeMark;
}

/** The mark's words; a colon and what is to be read by people only may follow. */
export function formatMark({ flow, way, ways, service, name, clientName, ends }: ExchangeMark): string {
  const place = ways > 1 ? `, way ${way} of ${ways}` : '';
  const called = service === undefined ? '' : service === '' ? ', of no service' : `, of service ${service}`;
  const named = name === undefined ? '' : name === '' ? ', of no name' : `, of name ${name}`;
  const by = clientName === undefined ? '' : clientName === '' ? ', by no name' : `, by name ${clientName}`;
  const between =
    ends === undefined
      ? ''
      : `, from ${hostPort(ends.src.ip, ends.src.port)} to ${hostPort(ends.dst.ip, ends.dst.port)}`;
  return `flow ${flow}${place}${called}${named}${by}${between}`;
}

/** Every mark begins so. */
export const MARK_START = 'flow ';
/** No mark is longer, in bytes. */
export const MAX_MARK = 800;

const SOCKET = /((?:\d{1,3}\.){3}\d{1,3}|\[[0-9a-f:.]{2,45}\]):(\d{1,5})/.source;
const NAME = /(?:no name|name ([a-z0-9._-]{1,253}))()/i.source;
const MARK = new RegExp(
  `^flow ([0-9a-f-]{1,64})(?:, way ([1-9]) of ([1-9]))?(?:, of (?:no service|service ([a-z0-9-]{1,63}))())?(?:, of ${NAME})?(?:, by ${NAME})?(?:, from ${SOCKET} to ${SOCKET})?:`,
);

/** The mark that a comment begins with. undefined where it has none, or one that says no more than whose packet it is. */
export function parseMark(comment: string): ExchangeMark | undefined {
  const found = MARK.exec(comment);
  if (found === null) return undefined;
  const [, flow, way = '1', ways = '1', service, called, ...rest] = found;
  const [name, isNamed, clientName, isBy, srcIp, srcPort, dstIp, dstPort] = rest;
  if (![name, clientName].every((text) => text === undefined || isAddressName(text))) return undefined;
  const mark: ExchangeMark = {
    ...{ flow: flow!, way: Number(way), ways: Number(ways) },
    ...(called === undefined ? {} : { service: service ?? '' }),
    ...(isNamed === undefined ? {} : { name: name ?? '' }),
    ...(isBy === undefined ? {} : { clientName: clientName ?? '' }),
  };
  if (mark.way > mark.ways) return undefined;
  if (dstIp === undefined) {
    const saysMore = mark.ways > 1 || [called, isNamed, isBy].some((one) => one !== undefined);
    return saysMore ? mark : undefined;
  }
  return { ...mark, ends: { src: socket(srcIp!, srcPort!), dst: socket(dstIp, dstPort!) } };
}

function socket(ip: string, port: string): SocketAddress {
  return { ip: ip.startsWith('[') ? ip.slice(1, -1) : ip, port: Number(port) & 0xffff };
}
