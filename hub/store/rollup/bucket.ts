import { EdgeMap } from './edge-map.ts';
import { edgeDst, edgeKey, edgeProtocol, MAX_EDGES, OTHERS } from './rollup.ts';
import { Totals } from './totals.ts';

/** The edges of one stretch of time. */
export class Bucket {
  readonly totals = new Totals();
  /** By row. */
  readonly keys: number[] = [];
  readonly #rows = new EdgeMap<number>();

  /** Edges. */
  get size(): number {
    return this.keys.length;
  }

  /** The row of an edge, made if need be. In a full bucket, that of the edge from `others` instead. */
  row(key: number): number {
    const row = this.#rows.get(key);
    if (row !== undefined) return row;
    if (this.size < MAX_EDGES) return this.#push(key);
    const fromOthers = edgeKey(OTHERS, edgeDst(key), edgeProtocol(key));
    const known = this.#rows.get(fromOthers);
    if (known !== undefined) return known;
    if (this.size < 2 * MAX_EDGES) return this.#push(fromOthers);
    const amongOthers = edgeKey(OTHERS, OTHERS, 0);
    return this.#rows.get(amongOthers) ?? this.#push(amongOthers);
  }

  /** Counts a flow. `elapsed` in µs, NaN where it is not known. */
  add(key: number, error: boolean, bytes: number, lostBytes: number, elapsed: number): void {
    this.totals.add(this.row(key), error, bytes, lostBytes, elapsed);
  }

  merge(other: Bucket): void {
    for (const [row, key] of other.keys.entries()) this.totals.merge(this.row(key), other.totals, row);
  }

  #push(key: number): number {
    const row = this.totals.push();
    this.keys.push(key);
    this.#rows.set(key, row);
    return row;
  }
}
