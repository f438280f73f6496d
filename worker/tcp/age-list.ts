const NONE = -1;
const ABSENT = -2;

/**
 * Small integers in the order of their times: what is oldest is known at once, and every operation is O(1).
 * Links are numbers in arrays, so keeping the list costs no garbage and no write barriers.
 */
export class AgeList {
  /** The key with the oldest time, or -1. */
  oldest = NONE;
  size = 0;
  private newest = NONE;
  private older = new Int32Array(16).fill(ABSENT);
  private newer = new Int32Array(16);
  private times = new Float64Array(16);

  has(key: number): boolean {
    return key < this.older.length && this.older[key] !== ABSENT;
  }

  /** Puts a key at the young end; `now` must not be older than any time in the list. */
  add(key: number, now: number): void {
    if (key >= this.older.length) this.grow(key);
    else if (this.older[key] !== ABSENT) this.remove(key);
    this.older[key] = this.newest;
    this.newer[key] = NONE;
    this.times[key] = now;
    if (this.newest === NONE) this.oldest = key;
    else this.newer[this.newest] = key;
    this.newest = key;
    this.size++;
  }

  /** Makes a key young again if its time is more than `grain` ago: order is exact to `grain`, and most calls cost a comparison. */
  touch(key: number, now: number, grain: number): void {
    if (now - this.times[key]! > grain) this.add(key, now);
  }

  remove(key: number): void {
    if (!this.has(key)) return;
    const older = this.older[key]!;
    const newer = this.newer[key]!;
    if (older === NONE) this.oldest = newer;
    else this.newer[older] = newer;
    if (newer === NONE) this.newest = older;
    else this.older[newer] = older;
    this.older[key] = ABSENT;
    this.size--;
  }

  /** The oldest key if its time is before `limit`, else -1. */
  olderThan(limit: number): number {
    return this.oldest !== NONE && this.times[this.oldest]! < limit ? this.oldest : NONE;
  }

  private grow(key: number): void {
    const length = Math.max(key + 1, this.older.length * 2);
    const older = new Int32Array(length).fill(ABSENT);
    older.set(this.older);
    this.older = older;
    const newer = new Int32Array(length);
    newer.set(this.newer);
    this.newer = newer;
    const times = new Float64Array(length);
    times.set(this.times);
    this.times = times;
  }
}
