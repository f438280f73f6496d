/**
 * How soon the map of a large cluster is there: a thousand workloads with two pods each, five thousand pairs that talk, over more than three
 * hours; of several ranges, at each level. The last range is the least favourable: just too short for longer buckets.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MapLevel } from '../../flow/api.ts';
import type { Endpoint } from '../../flow/flow.ts';
import { RecordWriter } from '../../flow/record.ts';
import { SqliteStore } from '../../hub/store/sqlite/sqlite-store.ts';
import type { Arrival } from '../../hub/store/store.ts';
import { randomNumbers } from '../packets/index.ts';
import { writeExchange } from '../records.ts';
import { arrivalsOf } from './arrivals.ts';

export interface MapResult {
  flows: number;
  maps: {
    level: MapLevel;
    minutes: number;
    nodes: number;
    edges: number;
    /** The first time since the store was opened, and the median of those that followed. */
    firstMs: number;
    ms: number;
  }[];
}

const START = 1_704_067_200_000_000;
const MINUTE = 60_000_000;
const MINUTES = 200;
const RANGES = [5, 30, 60, 199];
const LEVELS: readonly MapLevel[] = ['workload', 'service', 'pod', 'namespace', 'node'];
const WORKLOADS = 1000;
const PODS = 2;
const CALLS = 5000;
const NAMESPACES = 25;
const NODES = 50;
const COMMIT = 2000;
const REPEATED = 5;

export async function benchMap(flows: number): Promise<MapResult> {
  const dir = mkdtempSync(join(tmpdir(), 'remora-bench-'));
  const open = () =>
    SqliteStore.open({ dir, storageLimit: 8 * 2 ** 30 }, (warning) => console.error(warning));
  try {
    const filling = await open();
    for (const arrivals of traffic(flows)) await filling.commit({ arrivals, sessions: [] });
    await filling.close();
    const store = await open();
    const maps: MapResult['maps'] = [];
    for (const minutes of RANGES) for (const level of LEVELS) maps.push(await time(store, level, minutes));
    await store.close();
    return { flows, maps };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function time(store: SqliteStore, level: MapLevel, minutes: number) {
  const to = START + MINUTES * MINUTE;
  const times: number[] = [];
  let nodes = 0;
  let edges = 0;
  for (let n = 0; n <= REPEATED; n++) {
    const begin = performance.now();
    const map = await store.map({ from: to - minutes * MINUTE, to, level });
    times.push(performance.now() - begin);
    nodes = map.nodes.length;
    edges = map.edges.length;
  }
  const [firstMs, ...rest] = times;
  rest.sort((a, b) => a - b);
  return { level, minutes, nodes, edges, firstMs, ms: rest[Math.floor(rest.length / 2)] };
}

/** Flows in the order of time, in batches as they are committed. */
function* traffic(flows: number): Generator<Arrival[]> {
  const random = randomNumbers(23);
  const below = (limit: number): number => Math.floor(random() * limit);
  const calls = Array.from({ length: CALLS }, (_, n) => [n % WORKLOADS, below(WORKLOADS)] as const);
  const writer = new RecordWriter();
  for (let begin = 0; begin < flows; begin += COMMIT) {
    const ends: [Endpoint, Endpoint][] = [];
    for (let n = begin; n < Math.min(flows, begin + COMMIT); n++) {
      // Some pairs talk a hundred times as much as others.
      const [client, server] = calls[Math.floor(CALLS * random() ** 2)]!;
      const src = endpoint(client, below(PODS), 20_000 + (n % 40_000));
      const dst = endpoint(server, below(PODS), 8080);
      writeExchange(writer, {
        time: START + Math.floor((n / flows) * MINUTES * MINUTE),
        elapsed: Math.round(800 * Math.exp(6 * random() ** 3)),
        src: src.ip,
        dst: dst.ip,
        srcPort: src.port,
        dstPort: dst.port,
        status: random() < 0.02 ? 503 : 200,
        connection: n,
        responseBody: '{}',
      });
      ends.push([src, dst]);
    }
    yield arrivalsOf(writer.take(), ends);
  }
}

function endpoint(workload: number, pod: number, port: number): Endpoint {
  const name = `service-${workload}`;
  return {
    ip: `10.${64 + (workload >> 8)}.${workload & 255}.${pod + 2}`,
    port,
    name,
    namespace: `team-${workload % NAMESPACES}`,
    pod: `${name}-7d4b9c-${pod}`,
    service: name,
    workload: name,
    node: `node-${(workload * PODS + pod) % NODES}`,
  };
}
