import type { Database } from 'better-sqlite3';
import type { MapLevel } from '../../../flow/api.ts';
import { mergeEncoded } from '../rollup/codec.ts';
import { EdgeMap } from '../rollup/edge-map.ts';
import type { HistoryBuilder } from '../rollup/history-builder.ts';
import type { MapBuilder } from '../rollup/map-builder.ts';
import { nodeAt, type Place } from '../rollup/place.ts';
import type { Stretch } from '../rollup/plan.ts';
import { edgeDst, edgeProtocol, edgeSrc, GRAIN_LEVEL, type Grain, LEVELS } from '../rollup/rollup.ts';
import { cached } from './cached.ts';

/** The roll-ups of one segment, for reading (rollup-writer.ts writes them). */
export class RollupReader {
  readonly #rollups;
  readonly #grains: Record<Grain, GrainStatements>;
  readonly #places: Record<Grain, Map<number, Place>> = { nodes: new Map(), places: new Map() };
  readonly #protocolName: (id: number) => string;

  constructor(db: Database, protocolName: (id: number) => string) {
    this.#protocolName = protocolName;
    this.#rollups = db
      .prepare<[number, number, number]>(
        'SELECT bucket, edges FROM rollups WHERE level = ? AND bucket >= ? AND bucket < ?',
      )
      .raw();
    this.#grains = { nodes: prepareGrain(db, 'nodes'), places: prepareGrain(db, 'places') };
  }

  /** Adds what the roll-ups have of a map. Buckets from `end` on belong to the next segment. */
  addToMap(builder: MapBuilder, end: number): void {
    const grain = grainOf(builder.level);
    const nodes = new Map<number, number>();
    const protocols = new Map<number, number>();
    const rows = new EdgeMap<number>();
    const nodeOf = (id: number) => {
      const node = nodes.get(id) ?? builder.node(nodeAt(builder.level, this.#place(grain, id)));
      nodes.set(id, node);
      return node;
    };
    const protocolOf = (id: number) => cached(protocols, id, () => builder.protocol(this.#protocolName(id)));
    const newRow = (key: number) => {
      const row = builder.row(nodeOf(edgeSrc(key)), nodeOf(edgeDst(key)), protocolOf(edgeProtocol(key)));
      rows.set(key, row);
      return row;
    };
    for (const { bytes } of this.#buckets(grain, builder.plan, end)) {
      mergeEncoded(bytes, builder.totals, (key) => rows.get(key) ?? newRow(key));
    }
    if (nodes.size === 0) return;
    // All at once: a query for each of thousands of places takes longer than to pass over the others.
    for (const [id, ip] of this.#grains[grain].ips.iterate() as Iterable<[number, string]>) {
      const node = nodes.get(id);
      if (node !== undefined) builder.addIp(node, ip);
    }
  }

  /** Likewise for the latencies of some edges. */
  addToHistory(builder: HistoryBuilder, level: MapLevel, end: number): void {
    const grain = grainOf(level);
    const wanted = new Map<number, boolean>();
    const idOf = (id: number) => nodeAt(level, this.#place(grain, id)).id;
    const isWanted = (key: number) =>
      cached(wanted, key, () => builder.wants(idOf(edgeSrc(key)), idOf(edgeDst(key))));
    for (const { middle, bytes } of this.#buckets(grain, builder.plan, end)) {
      const row = builder.rowAt(middle);
      mergeEncoded(bytes, builder.totals, (key) => (isWanted(key) ? row : -1));
    }
  }

  *#buckets(
    grain: Grain,
    stretches: readonly Stretch[],
    end: number,
  ): Generator<{ middle: number; bytes: Uint8Array }> {
    for (const { level, from, to } of stretches) {
      const rows = this.#rollups.iterate(GRAIN_LEVEL[grain] + level, from, Math.min(to, end));
      for (const [bucket, bytes] of rows as Iterable<[number, Uint8Array]>) {
        yield { middle: bucket + LEVELS[level] / 2, bytes };
      }
    }
  }

  #place(grain: Grain, id: number): Place {
    return cached(this.#places[grain], id, () => this.#grains[grain].place.get(id) as Place);
  }
}

type GrainStatements = ReturnType<typeof prepareGrain>;

function prepareGrain(db: Database, grain: Grain) {
  const nodes = grain === 'nodes';
  return {
    place: db.prepare<[number]>(
      nodes
        ? `SELECT key AS id, name, kind, namespace, '' AS service, '' AS pod, '' AS host FROM nodes WHERE id = ?`
        : `SELECT key AS id, name, kind, namespace, service, pod, host
           FROM places JOIN nodes ON nodes.id = places.map_node WHERE places.id = ?`,
    ),
    ips: db.prepare(`SELECT DISTINCT ${nodes ? 'map_node' : 'place'}, ip FROM endpoints`).raw(),
  };
}

/** Workloads and namespaces are nodes of the map, or made of them. */
function grainOf(level: MapLevel): Grain {
  return level === 'workload' || level === 'namespace' ? 'nodes' : 'places';
}
