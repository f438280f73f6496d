/** What every service of the demo shop has: an address of its own, routes, and calls to its neighbours. */

import { randomBytes } from 'node:crypto';
import {
  Agent,
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/** Where a service is, and the name it goes by in Host headers. */
export interface Place {
  name: string;
  address: string;
  port: number;
}

export interface Asked {
  method: string;
  url: URL;
  headers: IncomingMessage['headers'];
  body: Buffer;
  /** `traceparent` for the calls this request leads to: same trace, a span of its own. */
  trace: string;
}

export type Handler = (asked: Asked, response: ServerResponse) => void | Promise<void>;

/** `GET /products/:id` and such; a `:part` matches one segment and is given in `url.searchParams`. */
export type Routes = Record<string, Handler>;

export interface CallOptions {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  trace?: string;
  /** Close the connection after this exchange. */
  once?: boolean;
}

export interface Answered {
  status: number;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

/** Ends quietly with 504 where a neighbour takes longer. */
const CALL_TIMEOUT_MS = 5000;
const MAX_REQUEST_BYTES = 1024 * 1024;
const MAX_SOCKETS = 8;
const PREFERRED_PORT = 8080;
const PORTS_TRIED = 10;

/** Makes calls from an address of its own, so that an observer sees who calls whom. */
export class Caller {
  private readonly address: string;
  private readonly kept: Agent;
  private readonly single: Agent;

  constructor(address: string) {
    this.address = address;
    this.kept = new Agent({ keepAlive: true, maxSockets: MAX_SOCKETS });
    this.single = new Agent({ keepAlive: false, maxSockets: MAX_SOCKETS });
  }

  /** Rejects when the neighbour cannot be reached, breaks off, or takes too long. */
  call(place: Place, path: string, options: CallOptions = {}): Promise<Answered> {
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          host: place.address,
          port: place.port,
          localAddress: this.address,
          path,
          method: options.method ?? 'GET',
          agent: options.once ? this.single : this.kept,
          timeout: CALL_TIMEOUT_MS,
          headers: {
            host: `${place.name}.shop.internal:${place.port}`,
            ...(options.trace === undefined ? {} : { traceparent: options.trace }),
            ...options.headers,
          },
        },
        (incoming) => {
          collect(incoming).then(
            (body) => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body }),
            reject,
          );
        },
      );
      outgoing.on('error', reject);
      outgoing.on('timeout', () => outgoing.destroy(new Error(`${place.name} did not answer in time`)));
      outgoing.end(options.body);
    });
  }

  close(): void {
    this.kept.destroy();
    this.single.destroy();
  }
}

/** Opens a service on its address; on the next free port where 8080 is taken. */
export async function openService(
  name: string,
  address: string,
  routes: Routes,
): Promise<{ place: Place; server: Server }> {
  const server = createServer({ keepAliveTimeout: 10_000 }, (incoming, response) => {
    answer(incoming, response, routes).catch(() => {
      if (!response.headersSent) sendJson(response, 502, { error: 'upstream failed', service: name });
      else response.destroy();
    });
  });
  for (let tried = 0; ; tried++) {
    try {
      await listen(server, address, tried < PORTS_TRIED ? PREFERRED_PORT + tried : 0);
      return { place: { name, address, port: (server.address() as AddressInfo).port }, server };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || tried >= PORTS_TRIED) throw error;
    }
  }
}

export function sendJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: Record<string, string | string[]> = {},
): void {
  const body = JSON.stringify(value);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    ...headers,
  });
  response.end(body);
}

/** W3C Trace Context; starts a trace where there is none. */
export function nextSpan(parent: string | undefined): string {
  const trace = /^00-([0-9a-f]{32})-/.exec(parent ?? '')?.[1] ?? randomBytes(16).toString('hex');
  return `00-${trace}-${randomBytes(8).toString('hex')}-01`;
}

async function answer(incoming: IncomingMessage, response: ServerResponse, routes: Routes): Promise<void> {
  const body = await collect(incoming);
  const method = incoming.method ?? 'GET';
  const url = new URL(incoming.url ?? '/', 'http://shop.internal');
  const asked = {
    method,
    url,
    headers: incoming.headers,
    body,
    trace: nextSpan(single(incoming.headers['traceparent'])),
  };
  const handler = findRoute(routes, method === 'HEAD' ? 'GET' : method, url);
  if (handler === undefined) sendJson(response, 404, { error: 'not found', path: url.pathname });
  else await handler(asked, response);
}

function findRoute(routes: Routes, method: string, url: URL): Handler | undefined {
  const segments = url.pathname.split('/');
  for (const [route, handler] of Object.entries(routes)) {
    const [routeMethod, routePath = ''] = route.split(' ');
    const wanted = routePath.split('/');
    if (routeMethod !== method || wanted.length !== segments.length) continue;
    if (!wanted.every((part, i) => part.startsWith(':') || part === segments[i])) continue;
    wanted.forEach((part, i) => {
      if (part.startsWith(':')) url.searchParams.set(part.slice(1), segments[i]!);
    });
    return handler;
  }
  return undefined;
}

async function collect(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_REQUEST_BYTES) throw new Error('body too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function listen(server: Server, address: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function single(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
