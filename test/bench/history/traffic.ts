import type { Endpoint } from '../../../flow/flow.ts';
import { RecordWriter } from '../../../flow/record.ts';
import type { Arrival } from '../../../hub/store/store.ts';
import { randomNumbers } from '../../packets/index.ts';
import { writeExchange } from '../../records.ts';
import { arrivalsOf } from '../arrivals.ts';

/** 2024-01-01T00:00:00Z */
export const START = 1_704_067_200_000_000;
/** Between two flows, µs: 5000 a second. */
export const STEP = 200;

/** What the questions look for. One flow in so many has it. */
export const RARE = {
  host: 'ledger.bank:8080',
  path: '/internal/heap-dump',
  pathEvery: 100_003,
  text: 'out of stock',
  textEvery: 50_021,
  tenant: 'tenant-4711',
  tenantEvery: 5003,
} as const;

const SERVICES = (
  'front cart orders catalogue payments shipping users search stock prices reviews mail sessions adverts offers ' +
  'returns labels images tax audit gateway login profile wishlist recommend fraud invoices customs carriers tracking'
).split(' ');
const NAMESPACES = ['shop', 'shop', 'shop', 'logistics', 'people', 'platform'];
const LEDGER = SERVICES.length;
const PODS = 4;
const NODES = 12;
const PATHS = [
  '/api/v1/items/#',
  '/api/v1/items?page=#',
  '/api/v2/customers/#/orders',
  '/api/v2/orders/#/lines/#',
  '/healthz',
  '/assets/app-#.js',
  '/graphql',
  '/v1/rates?from=EUR&to=USD&at=#',
];
const METHODS = ['GET', 'GET', 'GET', 'GET', 'GET', 'GET', 'POST', 'POST', 'PUT', 'DELETE'];
const WORDS = ['red', 'wool', 'sock', 'left', 'striped', 'warm', 'night', 'holiday', 'classic', 'sport'];

/** Flows of a cluster of some thirty services, in the order of time: the same ones every time. */
export class HistoryTraffic {
  readonly #random = randomNumbers(11);
  readonly #writer = new RecordWriter();
  readonly #bodies = Array.from({ length: 512 }, () => this.#body());
  #count = 0;

  /** The next `count` flows. */
  next(count: number): Arrival[] {
    const writer = this.#writer;
    const ends: [Endpoint, Endpoint][] = [];
    for (let i = 0; i < count; i++) ends.push(this.#write());
    return arrivalsOf(writer.take(), ends);
  }

  #write(): [Endpoint, Endpoint] {
    const n = this.#count++;
    // Most of what is said is between few of them.
    const server = n % 4999 === 0 ? LEDGER : Math.floor(SERVICES.length * this.#random() ** 2);
    const client = Math.floor(SERVICES.length * this.#random() ** 2);
    const src = endpoint(client, this.#below(PODS), 20_000 + (n % 40_000));
    const dst = endpoint(server, this.#below(PODS), 8080);
    const path =
      n % RARE.pathEvery === 0
        ? RARE.path
        : PATHS[this.#below(PATHS.length)]!.replaceAll('#', () => String(this.#below(1e6)));
    const chance = this.#random();
    const status =
      chance < 0.94 ? 200 : chance < 0.96 ? 304 : chance < 0.985 ? 404 : chance < 0.999 ? 503 : 0;
    const tenant = n % RARE.tenantEvery === 0 ? RARE.tenant : `tenant-${this.#below(4000)}`;
    writeExchange(this.#writer, {
      time: START + n * STEP,
      elapsed: Math.round(800 * Math.exp(6 * this.#random() ** 3) * (status >= 500 ? 5 : 1)),
      method: METHODS[this.#below(METHODS.length)]!,
      target: path,
      host: `${dst.service}.${dst.namespace}:8080`,
      userAgent: 'shop-client/2.4 (linux; x64)',
      requestHeaders: `X-Tenant: ${tenant}\r\nAccept-Encoding: gzip\r\ntraceparent: 00-${traceId(n)}-${hex(n)}-01\r\n`,
      src: src.ip,
      dst: dst.ip,
      srcPort: src.port,
      dstPort: dst.port,
      status,
      connection: n >>> 4,
      requestSeq: Math.imul(n, 977),
      responseSeq: Math.imul(n, 1009),
      responseBody:
        n % RARE.textEvery === 0
          ? `{"error":"${RARE.text}"}`
          : this.#bodies[this.#below(this.#bodies.length)]!,
    });
    return [src, dst];
  }

  #body(): string {
    const items = Array.from({ length: 1 + this.#below(8) }, () => ({
      id: this.#below(1e9),
      name: `${WORDS[this.#below(WORDS.length)]} ${WORDS[this.#below(WORDS.length)]}`,
      price: this.#below(10_000) / 100,
    }));
    return JSON.stringify({ items });
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }
}

/** Of the n-th flow: five that follow each other are of one call. */
export function traceId(n: number): string {
  return `4bf92f3577b34da6${hex(Math.floor(n / 5))}`;
}

function hex(n: number): string {
  return n.toString(16).padStart(16, '0');
}

function endpoint(service: number, pod: number, port: number): Endpoint {
  const name = SERVICES[service] ?? 'ledger';
  const namespace = service === LEDGER ? 'bank' : NAMESPACES[service % NAMESPACES.length]!;
  return {
    ip: `10.244.${service}.${pod + 2}`,
    port,
    name,
    namespace,
    pod: `${name}-7d4b9c-${pod}`,
    service: name,
    workload: name,
    node: `node-${(service * PODS + pod) % NODES}`,
  };
}
