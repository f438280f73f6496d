import type { WorkerHealth } from '../../flow/api.ts';

export type Counters = Readonly<Record<string, number>>;

/** Samples are taken this often and kept this long, ms: what "in the last minute" means. */
export const SAMPLE_MS = 5000;
export const WINDOW_MS = 60_000;
/** Sessions remembered at once; a hub that has more workers tells no rates of the ones beyond. */
const MAX_SESSIONS = 20_000;

interface Sample {
  at: number;
  counters: Counters;
}

interface Track {
  since: number;
  samples: Sample[];
}

/** The counters of the hub and of each worker session over the last minute. All times in ms of one steady clock. */
export class CounterHistory {
  readonly #tracks = new Map<string, Track>();

  /** `hub` are the hub's own counters. Forgets the sessions that are not among `workers` any more. */
  sample(now: number, hub: Counters, workers: readonly WorkerHealth[]): void {
    const current = new Set(['', ...workers.map(({ session }) => session)]);
    for (const key of this.#tracks.keys()) if (!current.has(key)) this.#tracks.delete(key);
    this.#add('', now, hub);
    for (const { session, counters } of workers) this.#add(session, now, counters);
  }

  /** By how much each counter has grown in the last minute (or since it is known). Session '' is the hub. */
  growth(session: string, counters: Counters): Record<string, number> {
    const first = this.#tracks.get(session)?.samples[0]?.counters ?? counters;
    return Object.fromEntries(
      Object.entries(counters).map(([name, value]) => [name, Math.max(0, value - (first[name] ?? 0))]),
    );
  }

  /** How much time `growth` is about, ms. */
  span(session: string, now: number): number {
    return now - (this.#tracks.get(session)?.samples[0]?.at ?? now);
  }

  /** For how long the session has been known, ms. */
  age(session: string, now: number): number {
    return now - (this.#tracks.get(session)?.since ?? now);
  }

  #add(session: string, now: number, counters: Counters): void {
    let track = this.#tracks.get(session);
    if (track === undefined) {
      if (this.#tracks.size >= MAX_SESSIONS) return;
      track = { since: now, samples: [] };
      this.#tracks.set(session, track);
    }
    track.samples.push({ at: now, counters: { ...counters } });
    while (track.samples.length > 1 && now - track.samples[0].at > WINDOW_MS) track.samples.shift();
  }
}
