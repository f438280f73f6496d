import { setImmediate as nextTurn } from 'node:timers/promises';

/** Packets are waiting meanwhile: long work stops for them after so much, ms. */
const TURN_MS = 5;

/** Cuts long work into turns, between which packets are read. */
export class Turns {
  #begun = performance.now();

  /** Whether it is time to await `next`. */
  get isOver(): boolean {
    return performance.now() - this.#begun > TURN_MS;
  }

  async next(): Promise<void> {
    await nextTurn();
    this.#begun = performance.now();
  }
}
