import type { MapLevel, ServiceMap } from '../../flow/api.ts';
import { LIVE_LIMITS } from './limits.ts';

/** The frames of the live map: made once for all subscribers of one window and level, and never two at a time for it. */
export class MapFrames {
  readonly #map: (window: number, level: MapLevel) => Promise<ServiceMap>;
  readonly #frames = new Map<string, { madeAt: number; json: Promise<string> }>();

  /** `map`: the map of the last `window` seconds. */
  constructor(map: (window: number, level: MapLevel) => Promise<ServiceMap>) {
    this.#map = map;
  }

  /** JSON of the LiveFrame. `now` in ms. */
  frame(window: number, level: MapLevel, now: number): Promise<string> {
    for (const [key, { madeAt }] of this.#frames) {
      if (now - madeAt >= LIVE_LIMITS.liveMapMs) this.#frames.delete(key);
    }
    const wanted = `${level} ${window}`;
    const made = this.#frames.get(wanted);
    if (made !== undefined) return made.json;
    const json = this.#map(window, level).then((map) => JSON.stringify({ type: 'map', map }));
    this.#frames.set(wanted, { madeAt: now, json });
    return json;
  }
}
