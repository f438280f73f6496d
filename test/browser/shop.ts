import type { FlowRow } from '../../flow/api.ts';
import type { Body, Completeness, Connection, Endpoint, Flow } from '../../flow/flow.ts';
import { ROUTES, SERVICES, WEIGHTS } from './shop-routes.ts';

/** The traffic of a small shop, made up from a number: the same number is always the same flow. */

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

/** A connection that was refused: nothing of it but the two packets. */
export function shopRefusal(id: string, src: string, dst: string, port: number, start: number): Connection {
  const end = (name: string, at: number): Endpoint => ({ ip: '10.0.0.9', port: at, name, namespace: 'shop' });
  const [client, server] = [end(src, 40_000), end(dst, port)];
  const connection = shopConnection(id, undefined);
  const side = { ...connection.client, keepAlives: 0, bytes: 0, packets: 1 };
  const { handshakeMs: _, ...refused } = {
    ...connection,
    src: client,
    dst: server,
    client: side,
    server: side,
  };
  const at = new Date(start).toISOString();
  return { ...refused, start: at, end: at, closed: 'refused', closedBy: 'server' };
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
