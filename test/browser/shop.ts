import type { FlowRow } from '../../flow/api.ts';
import type { Body, Completeness, Connection, Endpoint, Flow } from '../../flow/flow.ts';

/** The traffic of a small shop, made up from a number: the same number is always the same flow. */

const SERVICES = {
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

interface Route {
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

const ROUTES: Route[] = [
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

const WEIGHTS = ROUTES.reduce((sum, route) => sum + route.weight, 0);

/** Three draws of 0 to 1 from a number (mulberry32). */
function draws(n: number): [number, number, number] {
  const next = (salt: number): number => {
    let t = (n + salt + 0x6d2b79f5) | 0;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  return [next(0), next(0x9e3779b9), next(0x3c6ef372)];
}

export function flowId(n: number, timeMs: number): string {
  return `${Math.round(timeMs * 1000)
    .toString(16)
    .padStart(14, '0')}-${n.toString(16).padStart(8, '0')}`;
}

/** The n-th flow of the shop, at a time in ms since the epoch. */
export function shopFlow(n: number, timeMs: number): Flow {
  const [pick, luck, speed] = draws(n);
  let at = pick * WEIGHTS;
  const route =
    ROUTES.find((one) => {
      at -= one.weight;
      return at < 0;
    }) ?? ROUTES[0]!;
  const status = route.status(luck);
  const slow = status >= 502 ? 2000 : speed > 0.995 ? 1400 : 0;
  const serverMs = slow + route.median * (0.5 + 2 * speed ** 4 + 0.6 * luck);
  const src = SERVICES[route.from];
  const dst = SERVICES[route.to];
  const target = route.target(n);
  const host = route.to === 'web' ? 'shop.example' : `${dst.name}:${dst.port}`;
  const [path = '/', query = ''] = target.split('?');
  const requestBody = route.request?.(n);
  const responseBody = status === 304 || status === 204 ? undefined : route.response?.(n, status);
  const completeness: Completeness[] = [];
  if (status === 0) completeness.push('one-sided');
  if (luck > 0.992) completeness.push('gap');
  if (responseBody?.truncated !== undefined) completeness.push('truncated');
  const redacted = JSON.stringify([target, requestBody, responseBody]).split('[REDACTED]').length;
  const headers: [string, string][] = [
    ['Host', host],
    ['User-Agent', route.from === 'shopper' ? 'Mozilla/5.0 (X11; Linux x86_64)' : 'shop-client/4.2'],
    ['Accept', '*/*'],
    ['Accept-Encoding', 'gzip, br'],
    ['Authorization', '[REDACTED]'],
    ['Cookie', 'session=[REDACTED]; theme=dark'],
    ['X-Request-Id', flowId(n, timeMs)],
    ['traceparent', `00-${n.toString(16).padStart(32, '4')}-${n.toString(16).padStart(16, '7')}-01`],
  ];
  if (requestBody !== undefined) {
    headers.push(['Content-Type', requestBody.mime], ['Content-Length', String(size(requestBody))]);
  }
  const elapsedMs = 0.3 + serverMs + 0.8;
  return {
    id: flowId(n, timeMs),
    time: new Date(timeMs).toISOString().replace('Z', `${String(n % 1000).padStart(3, '0')}Z`),
    protocol: { name: 'http', version: '1.1' },
    node: dst.name === 'web' ? 'node-b' : 'node-a',
    src: { ...src, port: 32_768 + (n % 28_000) },
    dst,
    request: {
      method: route.method,
      target,
      url: `http://${host}${target}`,
      path,
      query: Object.fromEntries(new URLSearchParams(query)),
      host,
      headers,
      cookies: { session: '[REDACTED]', theme: 'dark' },
      bodySize: size(requestBody),
      ...(requestBody === undefined ? {} : { body: requestBody }),
    },
    ...(status === 0
      ? {}
      : {
          response: {
            status,
            reason: REASONS[status] ?? '',
            headers: [
              ['Date', new Date(timeMs).toUTCString()],
              ['Server', 'envoy'],
              ...(responseBody === undefined
                ? []
                : [['Content-Type', responseBody.mime] as [string, string]]),
              ...(responseBody?.encoding === undefined
                ? []
                : [['Content-Encoding', responseBody.encoding] as [string, string]]),
              ['Set-Cookie', 'session=[REDACTED]; Path=/; HttpOnly'],
              ['Cache-Control', 'no-store'],
            ] as [string, string][],
            bodySize: size(responseBody),
            ...(responseBody === undefined ? {} : { body: responseBody }),
          },
          elapsedMs,
        }),
    timing: {
      requestMs: 0.3,
      ...(status === 0
        ? {}
        : { serverMs, clientMs: elapsedMs + 0.9, networkMs: 0.9, ttfbMs: 0.3 + serverMs, responseMs: 0.8 }),
    },
    completeness: completeness.length === 0 ? ['complete'] : completeness,
    ...(completeness.includes('gap') ? { gapBytes: 1448 } : {}),
    redacted: redacted + 2,
    bytes: { request: 420 + size(requestBody), response: status === 0 ? 0 : 260 + size(responseBody) },
    fingerprint: `${n.toString(16)}.${(n * 3).toString(16)}.1b4`,
    connection: `5f3a91c0-${n % 64}`,
  };
}

const REASONS: Record<number, string> = {
  200: 'OK',
  201: 'Created',
  204: 'No Content',
  304: 'Not Modified',
  402: 'Payment Required',
  404: 'Not Found',
  409: 'Conflict',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

function size(body: Body | undefined): number {
  if (body === undefined) return 0;
  return (body.truncated ?? 0) + (body.text?.length ?? (body.base64?.length ?? 900) * 0.75);
}

export function rowOf(flow: Flow): FlowRow {
  return {
    id: flow.id,
    time: flow.time,
    protocol: flow.protocol.name,
    node: flow.node,
    src: flow.src,
    dst: flow.dst,
    method: flow.request?.method ?? '',
    host: flow.request?.host ?? '',
    path: flow.request?.target ?? '',
    status: flow.response?.status ?? 0,
    requestSize: flow.request?.bodySize ?? 0,
    responseSize: flow.response?.bodySize ?? 0,
    mime: flow.response?.body?.mime ?? '',
    elapsedMs: flow.elapsedMs ?? null,
    completeness: flow.completeness,
    redacted: flow.redacted,
  };
}

export function shopConnection(id: string, flow: Flow | undefined): Connection {
  const end = flow ?? shopFlow(1, Date.now());
  const side = { keepAlives: 1, zeroWindows: 0, conflictBytes: 0, duplicates: 0, lostBytes: 0 };
  return {
    id,
    node: end.node,
    src: end.src,
    dst: end.dst,
    start: new Date(Date.parse(end.time) - 12_000).toISOString(),
    end: new Date(Date.parse(end.time) + 4_000).toISOString(),
    handshakeMs: 0.41,
    closedBy: 'server',
    closed: 'fin',
    client: { ...side, bytes: 18_422, packets: 61, retransmissions: 0 },
    server: { ...side, bytes: 240_118, packets: 190, retransmissions: 3, duplicates: 2, lostBytes: 1448 },
  };
}
