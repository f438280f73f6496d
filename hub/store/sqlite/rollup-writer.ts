import type { Database, Statement } from 'better-sqlite3';
import { hasFailed } from '../../../flow/failed.ts';
import type { RecordView } from '../../../flow/record.ts';
import { edgeKey } from '../rollup/rollup.ts';
import { GrainWriter } from './grain-writer.ts';
import type { MapEnd } from './names.ts';

/** Edges that wait to be written; when there are more, they are written at once. */
export const MAX_PENDING_EDGES = 20_000;

/**
 * The roll-ups of one segment, twice: by nodes of the map, and by places (pods). Flows are counted in memory and written every few
 * seconds, and before a map is read, in one transaction with the number of the last row counted (`state.rolled`). After a crash
 * the rows beyond that number are counted again, so each flow counts exactly once.
 */
export class RollupWriter {
  readonly #db: Database;
  readonly #nodes: GrainWriter;
  readonly #places: GrainWriter;
  readonly #saveState: Statement<[number]>;
  #row = 0;

  constructor(db: Database) {
    this.#db = db;
    this.#nodes = new GrainWriter(db, 'nodes');
    this.#places = new GrainWriter(db, 'places');
    this.#saveState = db.prepare('UPDATE state SET rolled = ?');
  }

  get dirty(): boolean {
    return this.#nodes.size > 0;
  }
  get full(): boolean {
    return this.#nodes.size + this.#places.size >= MAX_PENDING_EDGES;
  }

  /** Counts the flow in row `row` at `time`, µs. */
  add(row: number, time: number, src: MapEnd, dst: MapEnd, protocol: number, view: RecordView): void {
    const error = hasFailed(view.status, view.hasRequest);
    const bytes = whole(view.requestBytes) + whole(view.responseBytes);
    const lost = whole(view.gapBytes);
    const { elapsed } = view;
    this.#nodes.add(time, edgeKey(src.mapNode, dst.mapNode, protocol), error, bytes, lost, elapsed);
    this.#places.add(time, edgeKey(src.place, dst.place, protocol), error, bytes, lost, elapsed);
    this.#row = row;
  }

  /** Forgets what was counted and not written: its transaction was rolled back. */
  discard(): void {
    this.#nodes.discard();
    this.#places.discard();
  }

  flush(): void {
    if (!this.dirty) return;
    this.#db
      .transaction(() => {
        this.#nodes.write();
        this.#places.write();
        this.#saveState.run(this.#row);
      })
      .immediate();
    this.discard();
  }
}

/** What a hostile worker may send as a size becomes a whole number, 0 where it is none. */
export function whole(value: number): number {
  return value > 0 && value <= Number.MAX_SAFE_INTEGER ? Math.floor(value) : 0;
}
