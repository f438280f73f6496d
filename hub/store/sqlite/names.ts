import type { Database } from 'better-sqlite3';
import type { Endpoint } from '../../../flow/flow.ts';
import { nodeOf } from '../rollup/node.ts';
import { MAX_NODES, MAX_PROTOCOLS, OTHERS } from '../rollup/rollup.ts';
import { endpointKey } from './commit-frame.ts';

/** Names kept in memory, of each kind; what is beyond is looked up in the database. */
export const MAX_CACHED_NAMES = 50_000;

/** What the map needs to know of an endpoint. */
export interface MapEnd {
  /** Id of the map's node. */
  mapNode: number;
  /** Id of the place (pod), which that node is made of. */
  place: number;
  /** 1: a node of the cluster and no pod on it. */
  isNode: number;
}

export interface EndpointIds extends MapEnd {
  endpoint: number;
}

const MAP_END = "map_node AS mapNode, place, pod = '' AND node <> '' AS isNode";

/** Small integers of one segment for what its rows share: ends, nodes of the map, workers, protocols. */
export class SegmentNames {
  readonly #endpoints = new Map<string, EndpointIds>();
  readonly #mapEnds = new Map<number, MapEnd>();
  readonly #origins = new Map<string, number>();
  readonly #protocols = new Map<string, number>();
  readonly #db: Database;
  readonly #findEndpoint;
  readonly #addEndpoint;
  readonly #findMapEnd;
  readonly #findNode;
  readonly #addNode;
  readonly #findPlace;
  readonly #addPlace;
  readonly #findOrigin;
  readonly #addOrigin;
  readonly #findProtocol;
  readonly #addProtocol;

  constructor(db: Database) {
    this.#db = db;
    const columns = 'ip, name, namespace, pod, service, workload, node';
    this.#findEndpoint = db.prepare<string[]>(
      `SELECT id AS endpoint, ${MAP_END} FROM endpoints WHERE (${columns}) = (?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#addEndpoint = db.prepare<(string | number)[]>(
      `INSERT INTO endpoints (${columns}, map_node, place) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#findMapEnd = db.prepare<[number]>(`SELECT ${MAP_END} FROM endpoints WHERE id = ?`);
    this.#findNode = db.prepare<[string]>('SELECT id FROM nodes WHERE key = ?').pluck();
    this.#addNode = db.prepare<string[]>(
      'INSERT INTO nodes (key, name, kind, namespace) VALUES (?, ?, ?, ?)',
    );
    this.#findPlace = db
      .prepare<(string | number)[]>(
        'SELECT id FROM places WHERE (map_node, service, pod, host) = (?, ?, ?, ?)',
      )
      .pluck();
    this.#addPlace = db.prepare<(string | number)[]>(
      'INSERT INTO places (map_node, service, pod, host) VALUES (?, ?, ?, ?)',
    );
    this.#findOrigin = db.prepare<string[]>('SELECT id FROM origins WHERE node = ? AND session = ?').pluck();
    this.#addOrigin = db.prepare<string[]>('INSERT INTO origins (node, session) VALUES (?, ?)');
    this.#findProtocol = db.prepare<string[]>('SELECT id FROM protocols WHERE name = ?').pluck();
    this.#addProtocol = db.prepare<string[]>('INSERT INTO protocols (name) VALUES (?)');
  }

  endpoint(end: Endpoint): EndpointIds {
    const key = endpointKey(end);
    const known = this.#endpoints.get(key);
    if (known !== undefined) return known;
    const columns = [
      end.ip,
      end.name,
      end.namespace ?? '',
      end.pod ?? '',
      end.service ?? '',
      end.workload ?? '',
      end.node ?? '',
    ];
    let ids = this.#findEndpoint.get(...columns) as EndpointIds | undefined;
    if (ids === undefined) {
      const mapNode = this.#node(end);
      const place = this.#place(end, mapNode);
      const { lastInsertRowid } = this.#addEndpoint.run(...columns, mapNode, place);
      const isNode = Number(end.pod === undefined && end.node !== undefined);
      ids = { endpoint: Number(lastInsertRowid), mapNode, place, isNode };
    }
    remember(this.#endpoints, key, ids);
    remember(this.#mapEnds, ids.endpoint, ids);
    return ids;
  }

  /** What the map needs of an endpoint, by its id. */
  mapEnd(endpoint: number): MapEnd {
    const known = this.#mapEnds.get(endpoint);
    if (known !== undefined) return known;
    const end = (this.#findMapEnd.get(endpoint) ?? { mapNode: OTHERS, place: OTHERS, isNode: 0 }) as MapEnd;
    remember(this.#mapEnds, endpoint, end);
    return end;
  }

  origin(node: string, session: string): number {
    const key = `${node}\n${session}`;
    let id = this.#origins.get(key);
    if (id === undefined) {
      id = Number(this.#findOrigin.get(node, session) ?? this.#addOrigin.run(node, session).lastInsertRowid);
      remember(this.#origins, key, id);
    }
    return id;
  }

  protocol(name: string): number {
    let id = this.#protocols.get(name);
    if (id === undefined) {
      id = Number(this.#findProtocol.get(name) ?? this.#addProtocol.run(name).lastInsertRowid);
      remember(this.#protocols, name, id);
    }
    return Math.min(id, MAX_PROTOCOLS - 1);
  }

  /** What was remembered may have been rolled back. */
  forget(): void {
    this.#endpoints.clear();
    this.#mapEnds.clear();
    this.#origins.clear();
    this.#protocols.clear();
  }

  #node(end: Endpoint): number {
    const node = nodeOf(end);
    const known = this.#findNode.get(node.id);
    if (known !== undefined) return Number(known);
    if (this.#isFull('nodes')) return OTHERS;
    return Number(this.#addNode.run(node.id, node.name, node.kind, node.namespace).lastInsertRowid);
  }

  #place({ service = '', pod = '', node = '' }: Endpoint, mapNode: number): number {
    const known = this.#findPlace.get(mapNode, service, pod, node);
    if (known !== undefined) return Number(known);
    if (this.#isFull('places')) return OTHERS;
    return Number(this.#addPlace.run(mapNode, service, pod, node).lastInsertRowid);
  }

  #isFull(table: 'nodes' | 'places'): boolean {
    return Number(this.#db.prepare(`SELECT max(id) FROM ${table}`).pluck().get()) >= MAX_NODES - 1;
  }
}

function remember<K, V>(cache: Map<K, V>, key: K, value: V): void {
  if (cache.size >= MAX_CACHED_NAMES) cache.clear();
  cache.set(key, value);
}
