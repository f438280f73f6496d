import type { MapLevel } from '../../../flow/api.ts';
import { KeptPlaces } from './kept-places.ts';
import { Placement } from './placement.ts';

/** Kept while the page is open, so that the map looks the same after a visit to another view or level. */
const placements = new Map<MapLevel, Placement>();

export function placementOf(level: MapLevel): Placement {
  let placement = placements.get(level);
  if (placement === undefined) {
    placement = new Placement(new KeptPlaces(level));
    placements.set(level, placement);
  }
  return placement;
}
