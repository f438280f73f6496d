/** People in the shop: each wanders through it at a walking pace, and is not always well behaved. */

import { setTimeout as sleep } from 'node:timers/promises';
import { PRODUCT_COUNT } from './catalogue.ts';
import type { Chance } from './chance.ts';
import { Caller, type CallOptions, nextSpan, type Place } from './service.ts';

export interface Customer {
  address: string;
  agent: string;
  /** Accept-Encoding. */
  codings: string;
  /** Opens a connection for each request. */
  hasty: boolean;
}

const PAUSE_MS = [60, 450] as const;
const WRONG_PASSWORD = 0.15;
const TEST_CARD = '4111111111111111';

/** Shops until `stop`. A request that fails is a customer's everyday life: they go on. */
export async function shopAround(
  customer: Customer,
  front: Place,
  chance: Chance,
  stop: AbortSignal,
): Promise<void> {
  const caller = new Caller(customer.address);
  const visit = new Visit(customer, caller, front, chance);
  while (!stop.aborted) {
    await visit.step().catch(() => {});
    await sleep(chance.between(...PAUSE_MS), undefined, { signal: stop }).catch(() => {});
  }
  caller.close();
}

class Visit {
  private readonly customer: Customer;
  private readonly caller: Caller;
  private readonly front: Place;
  private readonly chance: Chance;
  private readonly cart: string;
  private token = '';
  private lastOrder = '';
  private etag = '';

  constructor(customer: Customer, caller: Caller, front: Place, chance: Chance) {
    this.customer = customer;
    this.caller = caller;
    this.front = front;
    this.chance = chance;
    this.cart = `c${chance.between(1e5, 9e5)}`;
  }

  /** One thing a customer does. */
  async step(): Promise<void> {
    const steps = [
      this.home,
      this.login,
      this.browse,
      this.browse,
      this.look,
      this.look,
      this.image,
      this.search,
    ];
    const more = [
      this.fill,
      this.fill,
      this.review,
      this.order,
      this.order,
      this.receipt,
      this.profile,
      this.stray,
      this.download,
    ];
    await this.chance.pick([...steps, ...more]).call(this);
  }

  private async ask(path: string, options: CallOptions = {}) {
    const { agent, codings, hasty } = this.customer;
    return await this.caller.call(this.front, path, {
      ...options,
      trace: nextSpan(undefined),
      once: hasty,
      headers: {
        'user-agent': agent,
        'accept-encoding': codings,
        cookie: `session=demo-session-${this.cart}; theme=dark`,
        ...(this.token === '' ? {} : { authorization: `Bearer ${this.token}` }),
        ...options.headers,
      },
    });
  }

  private async home(): Promise<void> {
    await this.ask('/');
  }

  private async login(): Promise<void> {
    const password = this.chance.happens(WRONG_PASSWORD) ? 'demo-wrong' : 'demo-password';
    const answer = await this.ask('/login', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ username: 'marina', password, remember: 'yes' }).toString(),
    });
    if (answer.status === 200) this.token = (JSON.parse(answer.body.toString()) as { token: string }).token;
  }

  private async browse(): Promise<void> {
    await this.ask(`/products?page=${this.chance.between(0, 4)}&sort=price`);
  }

  private async look(): Promise<void> {
    const again = this.etag !== '' && this.chance.happens(0.4);
    const id = again ? this.etag.slice(2, -3) : this.chance.between(0, PRODUCT_COUNT + 10);
    const answer = await this.ask(
      `/products/${id}`,
      again ? { headers: { 'if-none-match': this.etag } } : {},
    );
    if (answer.status === 200) this.etag = String(answer.headers.etag ?? '');
  }

  private async image(): Promise<void> {
    await this.ask(`/images/${this.chance.between(0, PRODUCT_COUNT - 1)}.png`);
  }

  private async search(): Promise<void> {
    await this.ask(`/search?q=${this.chance.pick(['brass', 'tidal', 'nothing'])}&apiKey=demo-api-key`);
  }

  private async fill(): Promise<void> {
    await this.ask(`/carts/${this.cart}/items`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        product: this.chance.between(0, PRODUCT_COUNT + 20),
        quantity: this.chance.between(1, 3),
      }),
    });
  }

  private async review(): Promise<void> {
    await this.ask(`/carts/${this.cart}`);
  }

  private async order(): Promise<void> {
    const answer = await this.ask('/orders', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        cart: this.cart,
        customer: {
          firstname: 'Marina',
          lastname: 'Example',
          address: '1 Quay Street',
          phoneNumber: '+44 20 7946 0000',
        },
        card: { cardNumber: TEST_CARD, cvv: this.chance.happens(0.1) ? '000' : '123' },
        note: 'leave it with the harbour master',
      }),
    });
    if (answer.status === 201) this.lastOrder = String(answer.headers.location ?? '');
  }

  private async receipt(): Promise<void> {
    await this.ask(this.lastOrder === '' ? '/orders/1/receipt' : this.lastOrder);
  }

  private async profile(): Promise<void> {
    const boundary = 'demo-boundary-5f3a';
    const parts = [
      ['name="nickname"', 'skipper'],
      ['name="password"', 'demo-new-password'],
      ['name="photo"; filename="me.txt"\r\nContent-Type: text/plain', 'not much of a photo'],
    ].map(([head, value]) => `--${boundary}\r\nContent-Disposition: form-data; ${head}\r\n\r\n${value}\r\n`);
    await this.ask('/profile', {
      method: 'POST',
      headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
      body: `${parts.join('')}--${boundary}--\r\n`,
    });
  }

  private async stray(): Promise<void> {
    const path = this.chance.pick(['/favicon.ico', '/admin.php', '/robots.txt']);
    await this.ask(path, { method: this.chance.pick(['GET', 'HEAD']) });
  }

  private async download(): Promise<void> {
    await this.ask('/export.csv');
  }
}
