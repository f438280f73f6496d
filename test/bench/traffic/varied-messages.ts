import { randomNumbers } from '../../packets/index.ts';
import type { Messages } from './messages.ts';

const WORDS =
  'account active address amount archive audience backend balance batch billing branch broker budget bucket cache campaign catalogue category channel city client cluster colour comment company config contract cost country coupon currency customer default delivery depot detail device digest discount domain draft email engine entry error event expires export feature filter format gateway group handler header height history import index input invoice item kind label language last latency level limit line link list locale location manager margin member message method metric mode module number object offer option order origin owner package page parent partner path payload period person phase plan policy price priority product profile project provider quantity queue range rate reason record region remark report request reserve result review role route rule sample schedule score section segment sender series service session shape shipment signal site size source stage start state status stock store summary supplier support table target tax team term ticket title topic total track traffic transfer trend type unit update usage value variant vendor version view visit warehouse weight window worker zone'.split(
    ' ',
  );
const AGENTS = ['okhttp/4.12.0', 'Go-http-client/1.1', 'python-requests/2.31.0', 'curl/8.5.0', 'axios/1.6.7'];
const CLIENTS = 300;
const SHAPES = 400;
const DEEPEST = 2;

type Write = () => string;

/**
 * Messages of many kinds, with little in them that was seen before: hundreds of clients with lines of their own in an order
 * of their own, hundreds of shapes of JSON, compact and indented, with identifiers, dates, sentences and links in it, in
 * requests too. What Remora remembers of earlier messages helps less here than in the other captures, and less than it
 * would between the services of one cluster.
 */
export class VariedMessages implements Messages {
  private readonly random: () => number;
  private readonly clients: readonly (readonly Write[])[];
  private readonly shapes: readonly Write[];

  constructor(seed: number) {
    this.random = randomNumbers(seed);
    this.clients = Array.from({ length: CLIENTS }, () => this.client());
    this.shapes = Array.from({ length: SHAPES }, () => this.shape(0));
  }

  request(): Buffer {
    const lines = this.pick(this.clients);
    const hasBody = this.random() < 0.3;
    const body = hasBody ? this.pick(this.shapes)() : '';
    const path = `/${this.word()}/v${this.below(4)}/${this.word()}s/${this.below(1e7)}`;
    const query =
      this.random() < 0.6 ? `?${this.word()}=${this.word()}&${this.word()}=${this.below(1e4)}` : '';
    const head = `${hasBody ? 'POST' : 'GET'} ${path}${query} HTTP/1.1\r\n${lines.map((line) => line()).join('')}`;
    const about = `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`;
    return Buffer.from(`${head}${hasBody ? about : ''}\r\n${body}`);
  }

  answer(least: number, most: number): Buffer {
    const body = this.body(least + this.below(most - least));
    return Buffer.from(
      `HTTP/1.1 ${this.pick(['200 OK', '200 OK', '200 OK', '201 Created', '404 Not Found'])}\r\n` +
        `Date: Mon, 01 Jan 2024 00:${this.digits()}:${this.digits()} GMT\r\nContent-Type: application/json\r\n` +
        `Server: ${this.word()}/${this.below(9)}.${this.below(30)}\r\nETag: "${this.hex(16)}"\r\n` +
        `X-Response-Time: ${this.below(9000)}us\r\nVary: Accept-Encoding\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  }

  private body(size: number): string {
    const item = this.pick(this.shapes);
    const parts: string[] = [];
    for (let length = 0; length < size; length += parts.at(-1)!.length) parts.push(item());
    const text = `{"${this.word()}":[${parts.join(',')}]}`;
    return this.random() < 0.2 ? JSON.stringify(JSON.parse(text), null, 2) : text;
  }

  /** The lines of the heads of one client. */
  private client(): Write[] {
    const host = `Host: ${this.word()}.${this.word()}.svc.cluster.local:${8000 + this.below(999)}\r\n`;
    const agent = `User-Agent: ${this.pick(AGENTS)} ${this.word()}-${this.below(99)}\r\n`;
    const lines: Write[] = [
      () => host,
      () => agent,
      () => 'Accept: application/json, */*;q=0.5\r\n',
      () => 'Accept-Encoding: gzip\r\n',
      () => `X-Request-Id: ${this.uuid()}\r\n`,
      () => `traceparent: 00-${this.hex(32)}-${this.hex(16)}-01\r\n`,
      () => `X-Forwarded-For: 10.${this.below(256)}.${this.below(256)}.${this.below(256)}\r\n`,
      () => `Cookie: ${this.word()}=${this.hex(20)}; session=${this.hex(32)}\r\n`,
      () => `Referer: https://${this.word()}.example/${this.word()}/${this.below(1e5)}\r\n`,
      () => `If-None-Match: "${this.hex(12)}"\r\n`,
    ];
    return lines
      .map((line) => ({ line, rank: this.random() }))
      .sort((a, b) => a.rank - b.rank)
      .slice(0, 5 + this.below(6))
      .map(({ line }) => line);
  }

  /** Objects with the same members. */
  private shape(depth: number): Write {
    const members = Array.from({ length: 3 + this.below(7) }, () => {
      const name = `"${this.word()}${this.capitalised()}":`;
      const value = this.value(depth);
      return () => name + value();
    });
    return () => `{${members.map((member) => member()).join(',')}}`;
  }

  private value(depth: number): Write {
    const kinds: Write[] = [
      () => String(this.below(1e6)),
      () => (this.random() * 1000).toFixed(this.below(6)),
      () => String(this.random() < 0.5),
      () => 'null',
      () => `"${this.uuid()}"`,
      () => `"2024-0${1 + this.below(9)}-${this.digits()}T${this.digits()}:${this.digits()}:00Z"`,
      () => `"${this.capitalised()} ${this.word()} ${this.word()}, ${this.word()} ${this.below(100)}."`,
      () => `"${this.word()}"`,
      () => `"https://${this.word()}.example/${this.word()}/${this.below(1e5)}"`,
      () => `"${this.word().toUpperCase()}_${this.word().toUpperCase()}"`,
    ];
    if (depth < DEEPEST && this.random() < 0.2) return this.shape(depth + 1);
    const kind = this.pick(kinds);
    return this.random() < 0.1 ? () => `[${kind()},${kind()},${kind()}]` : kind;
  }

  private uuid(): string {
    return `${this.hex(8)}-${this.hex(4)}-4${this.hex(3)}-a${this.hex(3)}-${this.hex(12)}`;
  }

  private hex(length: number): string {
    let text = '';
    while (text.length < length) text += this.below(0x1000000).toString(16).padStart(6, '0');
    return text.slice(0, length);
  }

  private digits(): string {
    return String(10 + this.below(18));
  }

  private word(): string {
    return this.pick(WORDS);
  }

  private capitalised(): string {
    const word = this.word();
    return word[0].toUpperCase() + word.slice(1);
  }

  private pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }

  private below(limit: number): number {
    return Math.floor(this.random() * limit);
  }
}
