import { randomNumbers } from '../../packets/index.ts';
import type { Messages } from './messages.ts';

const WORDS = ['red', 'wool', 'sock', 'left', 'striped', 'warm', 'night', 'holiday', 'classic', 'sport'];
const ITEMS = 4096;
/** One item in so many has a field that must be redacted. */
const SECRET_EVERY = 10;

/** Requests and answers of a shop's services: JSON, with a secret here and there. The same seed, the same messages. */
export class ShopMessages implements Messages {
  private readonly random: () => number;
  /** Items of lists, with the comma behind each. */
  private readonly items: readonly Buffer[];
  private readonly secrets: readonly Buffer[];
  private count = 0;

  constructor(seed: number) {
    this.random = randomNumbers(seed);
    this.items = Array.from({ length: ITEMS }, () => this.item(''));
    this.secrets = Array.from({ length: ITEMS / SECRET_EVERY }, () =>
      this.item(`,"apiKey":"k-${this.below(1e9)}"`),
    );
  }

  request(): Buffer {
    const n = this.count++;
    const id = n.toString(16).padStart(8, '0');
    return Buffer.from(
      `GET /api/v1/catalogue/items/${n}?page=${n % 10}&size=20 HTTP/1.1\r\nHost: catalogue.shop:8080\r\n` +
        'User-Agent: shop-frontend/2.4 (linux; x64)\r\nAccept: application/json\r\nAccept-Encoding: identity\r\n' +
        `X-Request-Id: 5b1f3c52-${id}\r\ntraceparent: 00-4bf92f3577b34da6a3ce929d${id}-00f067aa0ba902b7-01\r\n` +
        'Connection: keep-alive\r\n\r\n',
      'latin1',
    );
  }

  /** Answers with a body of `least` to `most` bytes, and up to an item more. */
  answer(least: number, most: number): Buffer {
    const body = this.body(least + this.below(most - least));
    const head =
      `HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${body.length}\r\n` +
      `Date: Mon, 01 Jan 2024 00:00:00 GMT\r\nETag: W/"${this.below(1e9).toString(16)}"\r\n` +
      'Connection: keep-alive\r\nKeep-Alive: timeout=5\r\n\r\n';
    return Buffer.concat([Buffer.from(head, 'latin1'), body]);
  }

  /** A list of items, as JSON. */
  body(size: number): Buffer {
    const parts: Buffer[] = [Buffer.from('{"items":[')];
    for (let length = 12, n = 1; length < size; n++) {
      const from = n % SECRET_EVERY === 0 ? this.secrets : this.items;
      const item = from[this.below(from.length)];
      parts.push(item);
      length += item.length;
    }
    const last = parts.pop()!;
    parts.push(last.subarray(0, last.length - 1), Buffer.from(']}'));
    return Buffer.concat(parts);
  }

  private item(more: string): Buffer {
    const word = () => WORDS[this.below(WORDS.length)];
    return Buffer.from(
      `{"id":${this.below(1e9)},"name":"${word()} ${word()}","price":${(this.random() * 100).toFixed(2)},` +
        `"tags":["${word()}","${word()}"],"available":${this.random() > 0.1}${more}},`,
    );
  }

  private below(limit: number): number {
    return Math.floor(this.random() * limit);
  }
}
