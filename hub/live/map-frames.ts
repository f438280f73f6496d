import type { ServiceMap } from '../../flow/api.ts';
import { LIVE_LIMITS } from './limits.ts';

/** The frames of the live map: made once for all subscribers of one window, and never two at a time for it. */
export class MapFrames {
  readonly #map: (window: number) => Promise<ServiceMap>;
  readonly #frames = new Map<number, { madeAt: number; json: Promise<string> }>();

  /** `map`: the map of the last `window` seconds. */
  constructor(map: (window: number) => Promise<ServiceMap>) {
    this.#map = map;
  }

  /** JSON of the LiveFrame. `now` in ms. */
  frame(window: number, now: number): Promise<string> {
    for (const [key, { madeAt }] of this.#frames) {
      if (now - madeAt >= LIVE_LIMITS.liveMapMs) this.#frames.delete(key);
    }
    const made = this.#frames.get(window);
    if (made !== undefined) return made.json;
    const json = this.#map(window).then((map) => JSON.stringify({ type: 'map', map }));
    this.#frames.set(window, { madeAt: now, json });
    return json;
  }
}
