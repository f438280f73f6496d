import type { Body, Endpoint } from '../../flow/flow.ts';

/** Who calls whom in the made-up shop, how often, and what they say. */

export const SERVICES = {
  shopper: { ip: '203.0.113.24', name: '203.0.113.24', port: 52114 },
  web: pod('web', 'shop', '10.1.0.11', 8080),
  catalogue: pod('catalogue', 'shop', '10.1.0.12', 8080),
  cart: pod('cart', 'shop', '10.1.1.13', 8080),
  orders: pod('orders', 'shop', '10.1.1.14', 8080),
  search: pod('search', 'shop', '10.1.0.15', 9200),
  payments: pod('payments', 'billing', '10.1.2.21', 8080),
  ledger: pod('ledger', 'billing', '10.1.2.22', 8080),
  invoices: pod('invoices', 'billing', '10.1.2.23', 8080),
  psp: { ip: '198.51.100.7', name: 'api.psp.example', port: 443 },
} satisfies Record<string, Endpoint>;

function pod(name: string, namespace: string, ip: string, port: number): Endpoint {
  const last = Number(ip.split('.').at(-1));
  return {
    ip,
    port,
    name,
    namespace,
    workload: name,
    service: name,
    pod: `${name}-${(last * 7919).toString(16)}-${(last * 104729).toString(36).slice(0, 5)}`,
    node: last % 2 === 0 ? 'node-a' : 'node-b',
  };
}

type Service = keyof typeof SERVICES;

export interface Route {
  from: Service;
  to: Service;
  method: string;
  target: (n: number) => string;
  /** Median, ms. */
  median: number;
  status: (draw: number) => number;
  weight: number;
  request?: (n: number) => Body;
  response?: (n: number, status: number) => Body;
}

const ok = (): number => 200;
const json = (value: unknown, more: Partial<Body> = {}): Body => ({
  mime: 'application/json',
  text: JSON.stringify(value),
  ...more,
});
const failure = (code: string, message: string): Body => json({ error: { code, message, retry: true } });

export const ROUTES: Route[] = [
  {
    from: 'shopper',
    to: 'web',
    method: 'GET',
    target: (n) => `/products/${n % 400}`,
    median: 38,
    status: (draw) => (draw < 0.03 ? 404 : draw < 0.06 ? 304 : 200),
    weight: 16,
    response: (n) => ({
      mime: 'text/html',
      encoding: 'gzip',
      decodedSize: 412,
      text: `<!doctype html>\n<html lang="en">\n  <head><title>Product ${n % 400}</title></head>\n  <body>\n    <h1>Tea kettle no. ${n % 400}</h1>\n    <p class="price">24.90</p>\n  </body>\n</html>\n`,
    }),
  },
  {
    from: 'web',
    to: 'catalogue',
    method: 'GET',
    target: (n) => `/v1/products/${n % 400}?currency=EUR&fields=name,price,stock`,
    median: 6,
    status: ok,
    weight: 22,
    response: (n) =>
      json(
        {
          id: n % 400,
          name: `Tea kettle no. ${n % 400}`,
          price: { amount: 24.9, currency: 'EUR' },
          stock: [
            { warehouse: 'Bergen', count: n % 17 },
            { warehouse: 'Lisboa', count: n % 5 },
          ],
          tags: ['kitchen', 'steel', '1.2 l'],
          discontinued: false,
        },
        { encoding: 'gzip', decodedSize: 230 },
      ),
  },
  {
    from: 'catalogue',
    to: 'search',
    method: 'POST',
    target: () => '/products/_search',
    median: 14,
    status: ok,
    weight: 9,
    request: (n) => json({ query: { match: { name: 'kettle' } }, size: 20, from: n % 60 }),
    response: (n) => json({ took: 11, hits: { total: 61, hits: [{ _id: String(n % 400), _score: 4.1 }] } }),
  },
  {
    from: 'web',
    to: 'cart',
    method: 'POST',
    target: (n) => `/carts/${(n % 900) + 1000}/items`,
    median: 12,
    status: (draw) => (draw < 0.02 ? 409 : 201),
    weight: 12,
    request: (n) => json({ product: n % 400, quantity: 1 + (n % 3), session: '[REDACTED]' }),
    response: (n) => json({ items: 1 + (n % 6), total: 24.9 * (1 + (n % 6)) }),
  },
  {
    from: 'web',
    to: 'orders',
    method: 'POST',
    target: () => '/orders?api_key=[REDACTED]',
    median: 95,
    status: (draw) => (draw < 0.07 ? 503 : draw < 0.09 ? 0 : 201),
    weight: 6,
    request: (n) =>
      json({
        cart: 1000 + (n % 900),
        customer: {
          id: 77_000 + (n % 500),
          firstName: '[REDACTED]',
          address: '[REDACTED]',
          zip: '[REDACTED]',
        },
        payment: { kind: 'card', cardNumber: '[REDACTED]', cvv: '[REDACTED]' },
      }),
    response: (n, status) =>
      status === 503
        ? failure('PAYMENT_UNAVAILABLE', 'payments did not answer within 2000 ms')
        : json({ order: 500_000 + n, state: 'accepted' }),
  },
  {
    from: 'orders',
    to: 'payments',
    method: 'POST',
    target: () => '/v2/charges',
    median: 180,
    status: (draw) => (draw < 0.06 ? 504 : draw < 0.1 ? 402 : 200),
    weight: 6,
    request: () => ({
      mime: 'application/x-www-form-urlencoded',
      text: 'amount=2490&currency=EUR&card_number=[REDACTED]&capture=true',
    }),
    response: (n, status) =>
      status === 504
        ? failure('UPSTREAM_TIMEOUT', 'no answer from api.psp.example within 2000 ms')
        : json({ id: `ch_${n.toString(36)}`, status: status === 200 ? 'succeeded' : 'declined' }),
  },
  {
    from: 'payments',
    to: 'psp',
    method: 'POST',
    target: () => '/charges',
    median: 150,
    status: ok,
    weight: 5,
    request: () => ({ mime: 'application/octet-stream', withheld: 'encrypted' }),
    response: () => ({ mime: 'application/octet-stream', withheld: 'binary' }),
  },
  {
    from: 'payments',
    to: 'ledger',
    method: 'PUT',
    target: (n) => `/entries/${n}`,
    median: 5,
    status: () => 204,
    weight: 5,
    request: (n) => ({
      mime: 'application/xml',
      text: `<?xml version="1.0"?>\n<entry id="${n}">\n  <amount currency="EUR">24.90</amount>\n  <iban>[REDACTED]</iban>\n</entry>\n`,
    }),
  },
  {
    from: 'orders',
    to: 'invoices',
    method: 'GET',
    target: (n) => `/invoices/${n}.pdf`,
    median: 64,
    status: ok,
    weight: 2,
    response: () => ({
      mime: 'application/pdf',
      base64: Buffer.from('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj<</Type/Catalog>>endobj\n', 'latin1').toString(
        'base64',
      ),
      truncated: 48_200,
    }),
  },
  {
    from: 'shopper',
    to: 'web',
    method: 'GET',
    target: () => '/static/logo.png',
    median: 3,
    status: ok,
    weight: 4,
    response: () => ({ mime: 'image/png', base64: LOGO }),
  },
];

// A 16 by 16 square of one colour.
const LOGO =
  'iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAFklEQVR42mPgzqsnCTGMahjVMHw1AABlRfgBeL82DAAAAABJRU5ErkJggg==';

export const WEIGHTS = ROUTES.reduce((sum, route) => sum + route.weight, 0);
