import { isAddressName } from '../../../flow/address-names.ts';
import { type ExchangeMark, formatMark } from '../../../flow/exchange-mark.ts';
import type { Endpoint, Flow, Hop } from '../../../flow/flow.ts';
import { parseTime } from '../../../flow/time.ts';
import { nameByHost, nameOfClient } from '../../ingest/namer.ts';
import { isBetween } from './ends.ts';
import { isOnlyNamed, NameTable } from './names.ts';
import { NextRequests } from './next-requests.ts';

/** The acknowledgement of an exchange's last bytes comes so much later, µs. */
const ACKNOWLEDGED = 50e3;

/** Longer targets of requests are cut in comments, in UTF-16 units: there is one for each flow of a file. */
const LONGEST_PATH = 200;

const NONE: readonly string[] = [];

/** What is wanted of one worker. */
export interface WantedOfWorker {
  readonly session: string;
  readonly node: string;
  /** Number of the connection, from, to (exclusive; µs), and so on. */
  readonly numbers: number[];
  /** When each flow began, µs. */
  readonly times: number[];
}

/** Where an exchange was seen: a flow, or one of its ways. */
type Way = Pick<Hop, 'connection' | 'node' | 'time' | 'elapsedMs' | 'src' | 'dst'>;

/** What is to be said of an exchange. */
interface Comment {
  readonly mark: ExchangeMark & { readonly ends: NonNullable<ExchangeMark['ends']> };
  /** For people. */
  readonly text: string;
}

/** The packets that belong to flows. */
export class WantedPackets {
  readonly workers = new Map<string, WantedOfWorker>();
  readonly names: NameTable;
  flows = 0;
  /** By the packet that begins an exchange: connection and time. */
  readonly #comments = new Map<string, Comment[]>();
  readonly #page: string;
  readonly #next = new NextRequests();
  /** What is to be said of the next packet, whichever it is. */
  #remarks: string[] = [];

  /** `page`: where Remora's page is, without a final slash. */
  constructor(page: string, names = new NameTable()) {
    this.#page = page;
    this.names = names;
  }

  add(flow: Flow): void {
    const { id, hops } = flow;
    this.flows++;
    this.names.add(flow.src);
    this.names.add(flow.dst);
    const text = this.#textOf(flow);
    const ways: readonly Way[] = hops ?? [flow];
    for (const [n, way] of ways.entries()) {
      const { src, dst } = way;
      this.names.add(src);
      this.names.add(dst);
      const ends = { src: { ip: src.ip, port: src.port }, dst: { ip: dst.ip, port: dst.port } };
      const service = dst.service === this.names.serviceOf(dst.ip) ? undefined : (dst.service ?? '');
      this.#want(way, {
        mark: { flow: id, way: n + 1, ways: ways.length, service, ...this.#namesOf(way, flow), ends },
        text,
      });
    }
  }

  /** Has something said with the next packet. */
  remark(sentence: string): void {
    this.#remarks.push(sentence);
  }

  /** Whether a packet, as of `commentsOn`, is none of these: the next request on the connection has begun. */
  isBeyond(connection: string, time: number, packet: Uint8Array): boolean {
    return this.#next.isBeyond(connection, time, packet);
  }

  /** What is to be said of a packet (from the IP header on) of a connection (named as in flows); each comment once. */
  commentsOn(connection: string, time: number, packet: Uint8Array): readonly string[] {
    if (this.#comments.size === 0 && this.#remarks.length === 0) return NONE;
    const key = `${connection} ${Math.floor(time)}`;
    const comments = this.#comments.get(key)?.map((comment) => formatComment(comment, packet)) ?? NONE;
    this.#comments.delete(key);
    if (this.#remarks.length === 0) return comments;
    const remarks = this.#remarks;
    this.#remarks = [];
    return [...remarks, ...comments];
  }

  #want({ connection, node, time, elapsedMs }: Way, comment: Comment): void {
    const dash = connection.lastIndexOf('-');
    const session = connection.slice(0, dash);
    const number = Number(connection.slice(dash + 1));
    const begin = parseTime(time);
    let wanted = this.workers.get(session);
    if (wanted === undefined) {
      wanted = { session, node, numbers: [], times: [] };
      this.workers.set(session, wanted);
    }
    const end = begin + (elapsedMs ?? 0) * 1000;
    wanted.numbers.push(number, begin, Math.ceil(end + ACKNOWLEDGED));
    this.#next.want(connection, begin, Math.ceil(end));
    wanted.times.push(begin);
    const key = `${connection} ${begin}`;
    const others = this.#comments.get(key);
    if (others === undefined) this.#comments.set(key, [comment]);
    else others.push(comment);
  }

  /** What the ends were called, where whoever reads the file would call them otherwise. */
  #namesOf({ src, dst }: Way, { request }: Flow): Pick<ExchangeMark, 'name' | 'clientName'> {
    const asked = nameByHost(dst.ip, dst.port, request?.host ?? '');
    const name = this.#nameOf(dst, asked, nameByHost(dst.ip, dst.port, ''));
    const clientName = this.#nameOf(src, nameOfClient(src.ip), nameOfClient(src.ip));
    return { ...(name === undefined ? {} : { name }), ...(clientName === undefined ? {} : { clientName }) };
  }

  #nameOf(end: Endpoint, guess: string, byAddress: string): string | undefined {
    const { ip, name } = end;
    if (!isOnlyNamed(end) || name === (this.names.nameOf(ip) ?? guess)) return undefined;
    if (name === byAddress) return '';
    return isAddressName(name) ? name : undefined;
  }

  #textOf({ id, request, response }: Flow): string {
    const asked = request === undefined ? '(request not seen)' : `${request.method} ${short(request.path)}`;
    return `${asked} → ${response?.status ?? 'no answer'} ${this.#page}/?flow=${id}`;
  }
}

/** Where the packet has other addresses than the exchange's ends, these are told too: whoever reads the file knows the flow again. */
function formatComment({ mark, text }: Comment, packet: Uint8Array): string {
  const ends = isBetween(packet, mark.ends) ? undefined : mark.ends;
  return `${formatMark({ ...mark, ends })}: ${text}`;
}

/** A slice would hold the whole path in memory: what is kept is a copy. */
function short(path: string): string {
  if (path.length <= LONGEST_PATH) return path;
  return `${Buffer.from(path.slice(0, LONGEST_PATH)).toString()}…`;
}
