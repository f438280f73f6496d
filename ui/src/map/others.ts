import { OTHERS_ID, type ServiceMap } from '../../../flow/api.ts';

/** How many requests of a map are on edges that found no room, and are summed up. */
export function requestsOfOthers(map: ServiceMap): number {
  return map.edges
    .filter(({ from, to }) => from === OTHERS_ID || to === OTHERS_ID)
    .reduce((sum, { count }) => sum + count, 0);
}
