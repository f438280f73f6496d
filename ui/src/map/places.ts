import { Placement } from './placement.ts';

/** Kept while the page is open, so that the map looks the same after a visit to another view. */
export const placement = new Placement();
