import type { Health } from '../flow/api.ts';
import type { Store } from './store/store.ts';

/**
 * What "now" means to those who look at flows, µs since the epoch. For capture files it is the time of
 * their newest flow: "the last 15 minutes" of a file from last year are the last it has.
 */
export type Clock = () => Promise<number>;

export function createClock(mode: Health['mode'], store: Store): Clock {
  if (mode !== 'file') return async () => Date.now() * 1000;
  // Ranges do not include their end: the newest flow shall be in.
  return async () => ((await store.stats()).newest ?? Date.now() * 1000) + 1;
}
