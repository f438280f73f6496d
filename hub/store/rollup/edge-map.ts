/** The low half of a key: destination and protocol. */
const HALF = 2 ** 32;

/**
 * By the keys of edges. Several times as fast as one Map: keys have more bits than what the engine takes for a small integer, their halves
 * have not.
 */
export class EdgeMap<Value> {
  readonly #bySource = new Map<number, Map<number, Value>>();

  get(key: number): Value | undefined {
    return this.#bySource.get(Math.floor(key / HALF))?.get(key | 0);
  }

  set(key: number, value: Value): void {
    const source = Math.floor(key / HALF);
    const values = this.#bySource.get(source);
    if (values === undefined) this.#bySource.set(source, new Map([[key | 0, value]]));
    else values.set(key | 0, value);
  }
}
