import { Worker } from 'node:worker_threads';
import { expect } from 'vitest';
import { Chance } from './chance.ts';

/**
 * Runs a case again and again, each time with the next seed. By default a fixed number of seeds from 1 on. From
 * the environment: `FUZZ_SECONDS` runs for so long instead, `FUZZ_SEED` is the first seed; a failure says which
 * seed to give to see it at once.
 */
export interface Campaign {
  /** How many cases without `FUZZ_SECONDS`. */
  cases: number;
  run: (chance: Chance) => void | Promise<void>;
}

/** A case of some hundred kilobytes may take so much processor time, ms; and so long may it hang before the process is killed. */
const MAX_CASE_MS = 3000;
const MAX_HANG_MS = 60_000;
/** Resident memory may grow by so much over all cases. */
const MAX_GROWTH = 256 << 20;
/** The first cases fill caches and compile code: growth counts from there. */
const WARM_UP = 20;

export const FUZZ_SECONDS = Number(process.env['FUZZ_SECONDS'] ?? 0);
const FIRST_SEED = Number(process.env['FUZZ_SEED'] ?? 1);

/** For vitest: longer than the campaign is allowed to run. */
export const CAMPAIGN_TIMEOUT_MS = (FUZZ_SECONDS + 120) * 1000;

export async function campaign(name: string, { cases, run }: Campaign): Promise<void> {
  const watchdog = new Watchdog(name);
  const until = performance.now() + FUZZ_SECONDS * 1000;
  const goesOn = (n: number) => (FUZZ_SECONDS > 0 ? performance.now() < until : n < cases);
  let slowest = { seed: 0, ms: 0 };
  let settled = 0;
  let peak = 0;
  let done = 0;
  try {
    for (; goesOn(done); done++) {
      const seed = FIRST_SEED + done;
      watchdog.begin(seed);
      const before = process.cpuUsage();
      try {
        await run(new Chance(seed));
      } catch (cause) {
        throw new Error(`${name} fails with FUZZ_SEED=${seed}: ${(cause as Error).message}`, { cause });
      }
      const { user, system } = process.cpuUsage(before);
      const ms = (user + system) / 1000;
      if (ms > slowest.ms) slowest = { seed, ms };
      const resident = process.memoryUsage.rss();
      if (done === WARM_UP) settled = resident;
      peak = Math.max(peak, resident);
    }
  } finally {
    await watchdog.close();
  }
  const growth = done > WARM_UP ? peak - settled : 0;
  if (FUZZ_SECONDS > 0) {
    const grown = `memory grew by ${(growth / 2 ** 20).toFixed(0)} MiB`;
    console.log(
      `${name}: ${done} cases, slowest ${slowest.ms.toFixed(0)} ms (seed ${slowest.seed}), ${grown}`,
    );
  }
  expect(slowest.ms, `processor time of seed ${slowest.seed}, ms`).toBeLessThan(MAX_CASE_MS);
  expect(growth, 'growth of resident memory').toBeLessThan(MAX_GROWTH);
}

/** A thread that names the seed and kills the process when a case hangs: nothing else could. */
class Watchdog {
  readonly #state = new Float64Array(new SharedArrayBuffer(16));
  readonly #thread: Worker;

  constructor(name: string) {
    this.#state[1] = Date.now();
    this.#thread = new Worker(WATCH, {
      eval: true,
      workerData: { state: this.#state, name, limit: MAX_HANG_MS },
    });
  }

  begin(seed: number): void {
    this.#state[0] = seed;
    this.#state[1] = Date.now();
  }

  async close(): Promise<void> {
    await this.#thread.terminate();
  }
}

const WATCH = `
  const { workerData: { state, name, limit } } = require('node:worker_threads');
  setInterval(() => {
    if (Date.now() - state[1] < limit) return;
    require('node:fs').writeSync(2, name + ' hangs with FUZZ_SEED=' + state[0] + '\\n');
    process.kill(process.pid, 'SIGKILL');
  }, 500);
`;
