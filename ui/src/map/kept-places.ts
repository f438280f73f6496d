import type { MapLevel } from '../../../flow/api.ts';
import type { Direction, Point } from '../../../flow/map/layout.ts';

/** Of one level and direction; those that were moved first are forgotten. */
export const MOST_KEPT = 1000;

const DIRECTIONS: readonly Direction[] = ['right', 'down'];

/** Where the nodes of one level of the map were put by hand: kept on this machine, for a wide window and for a narrow one. */
export class KeptPlaces {
  #level: MapLevel;
  #storage: Storage;

  constructor(level: MapLevel, storage = localStorage) {
    this.#level = level;
    this.#storage = storage;
  }

  read(direction: Direction): Map<string, Point> {
    return new Map(parse(this.#storage.getItem(this.#key(direction))));
  }

  /** In the order in which they were moved. */
  write(direction: Direction, places: ReadonlyMap<string, Point>): void {
    const entries = [...places]
      .slice(-MOST_KEPT)
      .map(([id, { x, y }]) => [id, Math.round(x), Math.round(y)] as const);
    this.#storage.setItem(this.#key(direction), JSON.stringify(entries));
  }

  forget(): void {
    for (const direction of DIRECTIONS) this.#storage.removeItem(this.#key(direction));
  }

  #key(direction: Direction): string {
    return `remora.map.places.${this.#level}.${direction}`;
  }
}

/** What is no list of places is none. */
function parse(text: string | null): [string, Point][] {
  let value: unknown;
  try {
    value = JSON.parse(text ?? '[]');
  } catch {
    return [];
  }
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry: unknown): [string, Point][] => {
    const [id, x, y] = Array.isArray(entry) ? (entry as unknown[]) : [];
    if (typeof id !== 'string' || !isPlace(x) || !isPlace(y)) return [];
    return [[id, { x, y }]];
  });
}

function isPlace(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
