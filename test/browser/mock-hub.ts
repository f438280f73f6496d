import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize, resolve } from 'node:path';
import { type WebSocket, WebSocketServer } from 'ws';
import {
  type ApiError,
  type ConnectionPage,
  type ExportProgress,
  type Health,
  type LatencyHistory,
  MAP_LEVELS,
  type MapLevel,
  type PacketEstimate,
  type ServiceMap,
} from '../../flow/api.ts';
import { compileFilter, FilterError } from '../../flow/filter.ts';
import { COMPLETENESS, type Connection, type Flow } from '../../flow/flow.ts';
import { refusedAsFlow } from '../../flow/refused.ts';
import { parseTime } from '../../flow/time.ts';
import { parseInstant } from '../../hub/api/time-range.ts';
import { SummaryBuilder } from '../../hub/store/summary/summary-builder.ts';
import { FRAME_LIMIT, LiveClient } from './live-client.ts';
import { latenciesOf, mapOf } from './mock-map.ts';
import { flowId, rowOf, shopConnection, shopFlow } from './shop.ts';

/**
 * A hub that answers as flow/api.ts says, with the made-up traffic of a shop, and that can be made to fail on
 * command. The page is tested against it; the end-to-end tests run it against the real hub.
 */

const UI = resolve(import.meta.dirname, '../../dist/ui');
const SCAN_LIMIT = 20_000;
/** What a summary counts: enough for every test, and cheap while ten thousand flows a second are made up beside it. */
const SUMMARY_LIMIT = 2000;
const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};
export const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** A map, or one for each range, ms. */
type MapAnswer = ServiceMap | ((from: number, to: number) => ServiceMap);

export interface MockOptions {
  /** Flows a second that arrive. */
  rate?: number;
  /** Flows there are at the start. */
  history?: number;
  /** What the map shows instead of the roll-up of the traffic. */
  map?: MapAnswer;
  health?: Partial<Health>;
  /** Where the built page is, if not beside the sources. */
  ui?: string;
}

/** A flow of the shop by its number, or a flow of a test's own. */
type Stored = { n: number; timeMs: number } | Flow;

export class MockHub {
  map: MapAnswer | undefined;
  health: Partial<Health>;
  readonly #ui: string;
  /** Every API answer is this failure while it is set. */
  failure: { status: number; error: ApiError } | undefined;
  /** How far every export is. */
  /** Names of exports that the page has ended. */
  readonly cancelled: string[] = [];
  exports: ExportProgress = { running: false, flows: 0, since: null, searched: 0, packets: null };
  /** Of packets that workers have. */
  packets: PacketEstimate = { flows: 3, packets: 1234, bytes: 98_765, missing: [] };
  /** Connections that were refused, newest first. */
  refused: Connection[] = [];
  #flows: Stored[] = [];
  #n = 0;
  #server: Server | undefined;
  #port = 0;
  #live = new WebSocketServer({ noServer: true });
  #clients = new Set<LiveClient>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #rate = 0;

  constructor(options: MockOptions) {
    this.map = options.map;
    this.health = options.health ?? {};
    this.#ui = options.ui ?? UI;
    const history = options.history ?? 0;
    const now = Date.now();
    for (let n = 0; n < history; n++) this.#store({ n: this.#n++, timeMs: now - (history - n) * 20 });
  }

  static async start(options: MockOptions = {}): Promise<MockHub> {
    const hub = new MockHub(options);
    await hub.listen();
    hub.setRate(options.rate ?? 0);
    return hub;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/`;
  }

  /** Listens on the port it had before, where it had one. */
  async listen(): Promise<void> {
    const server = createServer((request, response) => void this.#answer(request, response));
    server.on('upgrade', (request, socket, head) => {
      if (this.failure !== undefined) {
        socket.end(`HTTP/1.1 ${this.failure.status} Refused\r\nConnection: close\r\n\r\n`);
        return;
      }
      this.#live.handleUpgrade(request, socket, head, (ws) => this.#join(ws));
    });
    await new Promise<void>((done) => server.listen(this.#port, '127.0.0.1', done));
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** As if it had been killed: connections end, the port is closed. Its flows stay. */
  async hangUp(): Promise<void> {
    for (const client of this.#clients) client.end();
    this.#server?.closeAllConnections();
    await new Promise<void>((done) => this.#server?.close(() => done()) ?? done());
  }

  async stop(): Promise<void> {
    this.setRate(0);
    await this.hangUp();
  }

  setRate(perSecond: number): void {
    clearInterval(this.#timer);
    this.#rate = perSecond;
    if (perSecond === 0) return;
    let owed = 0;
    this.#timer = setInterval(() => {
      owed += perSecond / 20;
      const count = Math.floor(owed);
      owed -= count;
      const now = Date.now();
      const fresh = Array.from({ length: count }, (_, k) => ({
        n: this.#n++,
        timeMs: now + (k * 50) / count,
      }));
      this.#deliver(fresh);
    }, 50);
  }

  /** A flow of the test's own, a shop flow with changes; returns its id. */
  push(change: (flow: Flow) => Partial<Flow> = () => ({})): string {
    const n = this.#n++;
    const base = shopFlow(n, Date.now());
    const flow = { ...base, ...change(base), id: flowId(n, Date.now()) };
    this.#deliver([flow]);
    return flow.id;
  }

  #store(flow: Stored): void {
    this.#flows.push(flow);
    if (this.#flows.length > 150_000) this.#flows.splice(0, 20_000);
  }

  #deliver(fresh: Stored[]): void {
    for (const one of fresh) this.#store(one);
    const flows = fresh.map(whole);
    for (const client of this.#clients) client.offer(flows);
  }

  #join(socket: WebSocket): void {
    const client = new LiveClient(socket, (windowS, level) =>
      this.#mapAnswer(Date.now() - windowS * 1000, Date.now(), level),
    );
    this.#clients.add(client);
    socket.on('close', () => {
      client.end();
      this.#clients.delete(client);
    });
  }

  #mapAnswer(from: number, to: number, level: MapLevel): ServiceMap {
    const answer = typeof this.map === 'function' ? this.map(from, to) : this.map;
    if (answer !== undefined) return { ...answer, level };
    const within = this.#flows.slice(-SCAN_LIMIT).map(whole);
    return mapOf(
      within.filter((flow) => Date.parse(flow.time) >= from && Date.parse(flow.time) < to),
      from,
      to,
      level,
    );
  }

  #latencies(query: URLSearchParams, from: number, to: number): LatencyHistory {
    const level = MAP_LEVELS.find((one) => one === query.get('level')) ?? 'workload';
    const [src, dst] = [query.get('src'), query.get('dst')];
    const within = this.#flows.slice(-SCAN_LIMIT).map(whole);
    return latenciesOf(
      within.filter((flow) => Date.parse(flow.time) >= from && Date.parse(flow.time) < to),
      from,
      to,
      level,
      { src, dst },
    );
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    if (!url.pathname.startsWith('/api/')) return serveFile(this.#ui, url.pathname, response);
    if (this.failure !== undefined) return send(response, this.failure.status, this.failure.error);
    const [kind, id] = url.pathname.replace('/api/v1/', '').split('/');
    const time = (name: string, otherwise: number): number =>
      url.searchParams.has(name)
        ? parseInstant(url.searchParams.get(name)!, Date.now() * 1000) / 1000
        : otherwise;
    try {
      if (kind === 'flows' && id === undefined) send(response, 200, this.#page(url.searchParams, time));
      else if (kind === 'flows.pcapng') send(response, 200, this.packets);
      else if (kind === 'exports' && request.method === 'DELETE') {
        this.exports = { ...this.exports, running: false };
        this.cancelled.push(id!);
        response.writeHead(204).end();
      } else if (kind === 'exports') send(response, 200, this.exports);
      else if (kind === 'flows') found(response, this.#find(decodeURIComponent(id!)));
      else if (kind === 'connections' && id === undefined)
        send(response, 200, this.#refusedPage(url.searchParams, time));
      else if (kind === 'connections') {
        found(
          response,
          this.refused.find((one) => one.id === id) ??
            shopConnection(
              id!,
              this.#flows
                .slice(-500)
                .map(whole)
                .findLast((one) => one.connection === id),
            ),
        );
      } else if (kind === 'summary')
        send(response, 200, this.#summary(url.searchParams.get('filter') ?? '', time));
      else if (kind === 'map' && id === 'latencies')
        send(response, 200, this.#latencies(url.searchParams, time('from', 0), time('to', Date.now())));
      else if (kind === 'map') {
        const level = MAP_LEVELS.find((one) => one === url.searchParams.get('level')) ?? 'workload';
        send(response, 200, this.#mapAnswer(time('from', 0), time('to', Date.now()), level));
      } else if (kind === 'health') send(response, 200, this.#healthAnswer());
      else found(response, undefined);
    } catch (error) {
      if (!(error instanceof FilterError)) throw error;
      const { code, message, start, end } = error;
      send(response, 400, { code, message, position: { start, end } });
    }
  }

  #page(query: URLSearchParams, time: (name: string, otherwise: number) => number): unknown {
    const filter = compileFilter(query.get('filter') ?? '');
    const before = query.get('before');
    const limit = Number(query.get('limit') ?? 100);
    const from = time('from', 0);
    const to = time('to', Number.POSITIVE_INFINITY);
    const flows: Flow[] = [];
    let scanned = 0;
    let at = this.#flows.length - 1;
    for (; at >= 0 && flows.length < limit && scanned < SCAN_LIMIT; at--) {
      const flow = whole(this.#flows[at]!);
      if (before !== null && flow.id >= before) continue;
      scanned++;
      const when = Date.parse(flow.time);
      if (when >= from && when < to && filter.matches(flow)) flows.push(flow);
    }
    return {
      flows: flows.map(rowOf),
      next: at >= 0 ? whole(this.#flows[at + 1]!).id : null,
      scanned,
      partial: flows.length < limit && at >= 0,
      since: at >= 0 ? whole(this.#flows[at + 1]!).time : null,
    };
  }

  #refusedPage(query: URLSearchParams, time: (name: string, otherwise: number) => number): ConnectionPage {
    const filter = compileFilter(query.get('filter') ?? '');
    const [from, to] = [time('from', 0), time('to', Number.POSITIVE_INFINITY)];
    const limit = Number(query.get('limit') ?? 100);
    const connections = this.refused.filter((one) => {
      const start = Date.parse(one.start);
      return start >= from && start < to && filter.matches(refusedAsFlow(one));
    });
    return { connections: connections.slice(0, limit), more: connections.length > limit };
  }

  #summary(source: string, time: (name: string, otherwise: number) => number): unknown {
    const filter = compileFilter(source);
    const to = time('to', Date.now()) * 1000;
    const oldest = this.#flows[0];
    const from = time('from', oldest === undefined ? to / 1000 - 1 : Date.parse(whole(oldest).time)) * 1000;
    const builder = new SummaryBuilder(from, to);
    for (const flow of this.#flows.slice(-SUMMARY_LIMIT).map(whole)) {
      const us = parseTime(flow.time);
      if (us < from || us >= to || !filter.matches(flow)) continue;
      const { src, dst, node, request, response, elapsedMs } = flow;
      builder.add({
        ...{ time: us, src, dst, node, protocol: flow.protocol.name, host: request?.host ?? '' },
        ...{ method: request?.method ?? '', path: request?.path ?? '', status: response?.status ?? 0 },
        completeness: COMPLETENESS.reduce(
          (bits, one, bit) => (flow.completeness.includes(one) ? bits | (1 << bit) : bits),
          0,
        ),
        elapsed: elapsedMs === undefined ? null : elapsedMs * 1000,
      });
    }
    return builder.build({ scanned: this.#flows.length, since: from });
  }

  #find(id: string): Flow | undefined {
    for (let at = this.#flows.length - 1; at >= 0; at--) {
      const one = this.#flows[at]!;
      if (('n' in one ? flowId(one.n, one.timeMs) : one.id) === id) return whole(one);
    }
    return undefined;
  }

  #healthAnswer(): Health {
    return {
      status: 'ok',
      messages: [{ level: 'info', text: 'Capturing on 2 nodes, nothing was dropped in the last minute.' }],
      summary: 'All 2 workers are fine.',
      version: '0.1.0',
      startedAt: new Date(Date.now() - 3_720_000).toISOString(),
      mode: 'cluster',
      hub: {
        flows: this.#flows.length,
        flowsPerSecond: this.#rate,
        oldest: this.#flows[0] === undefined ? null : whole(this.#flows[0]).time,
        newest: this.#flows.length === 0 ? null : whole(this.#flows.at(-1)!).time,
        storeBytes: this.#flows.length * 770,
        storageLimit: 2_147_483_648,
        bytesPerHour: 91_400_000,
        keepsHours: 23.5,
        subscribers: this.#clients.size,
        counters: { mergedFlows: 1204, duplicateBatches: 2, slowSubscribers: 0, skippedLiveFlows: 0 },
        limits: { storageBytes: 2_147_483_648, subscriberQueue: FRAME_LIMIT, searchBudgetMs: 200 },
      },
      workers: ['node-a', 'node-b'].map((node, at) => ({
        node,
        session: `5f3a91c${at}`,
        version: '0.1.0',
        state: 'connected' as const,
        sources: ['any'],
        lastSeen: new Date().toISOString(),
        cores: 0.12 + at * 0.07,
        clockOffsetMs: 3 - at * 140,
        packetsPerSecond: 10_482 + at * 921,
        flowsPerSecond: this.#rate / 2,
        counters: {
          rssBytes: 84_201_472 + at * 1_048_576,
          packets: 48_201_992,
          bytes: 31_882_104_882,
          kernelDrops: 0,
          lostBytes: 1448,
          conflicts: 0,
        },
        limits: { streamBufferBytes: 1_048_576, totalBufferBytes: 134_217_728, connections: 131_072 },
      })),
      ...this.health,
    };
  }
}

function whole(one: Stored): Flow {
  return 'n' in one ? shopFlow(one.n, one.timeMs) : one;
}

function found(response: ServerResponse, value: unknown): void {
  if (value !== undefined) send(response, 200, value);
  else send(response, 404, { code: 'NOT_FOUND', message: 'There is no such thing here.' });
}

function send(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(value));
}

async function serveFile(ui: string, path: string, response: ServerResponse): Promise<void> {
  const file = join(ui, normalize(path === '/' ? '/index.html' : path));
  const bytes = await readFile(file).catch(() => undefined);
  if (bytes === undefined) return found(response, undefined);
  response.writeHead(200, {
    'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
    'content-security-policy': CSP,
    'x-content-type-options': 'nosniff',
  });
  response.end(bytes);
}
