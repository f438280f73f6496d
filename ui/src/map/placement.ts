import type { MapEdge, MapNode } from '../../../flow/api.ts';
import { type Direction, layout, type Point, STEPS } from '../../../flow/map/layout.ts';
import type { KeptPlaces } from './kept-places.ts';

/**
 * Where the nodes are. Once a node has a place it keeps it, whatever data comes: new nodes are put on free ground
 * near those they belong to. What was put somewhere by hand is there again on the next visit. Only `reset` moves what is
 * there.
 */
export class Placement {
  #kept: Pick<KeptPlaces, 'read' | 'write' | 'forget'>;
  /** Put there by hand, the last one last. */
  #moved = new Map<string, Point>();
  #places = new Map<string, Point>();
  #taken = new Set<string>();
  #added = 0;
  #direction: Direction = 'right';

  constructor(kept: Pick<KeptPlaces, 'read' | 'write' | 'forget'>) {
    this.#kept = kept;
  }

  /** How many nodes were fitted in since the last whole layout. */
  get added(): number {
    return this.#added;
  }

  get(id: string): Point | undefined {
    return this.#places.get(id);
  }

  /** The user put it there. */
  move(id: string, to: Point): void {
    this.#places.set(id, to);
    this.#taken.add(this.#cell(to));
    this.#moved.delete(id);
    this.#moved.set(id, to);
    this.#kept.write(this.#direction, this.#moved);
  }

  /** Lays everything out anew, and forgets what was put somewhere by hand. */
  reset(nodes: readonly MapNode[], edges: readonly MapEdge[], direction: Direction): void {
    this.#kept.forget();
    this.#layOut(nodes, edges, direction);
  }

  #layOut(nodes: readonly MapNode[], edges: readonly MapEdge[], direction: Direction): void {
    this.#direction = direction;
    this.#moved = this.#kept.read(direction);
    this.#places = layout(nodes, edges, direction);
    for (const { id } of nodes) {
      const place = this.#moved.get(id);
      if (place !== undefined) this.#places.set(id, place);
    }
    this.#taken = new Set([...this.#places.values()].map((place) => this.#cell(place)));
    this.#added = 0;
  }

  /**
   * Gives every node a place; `direction` counts for the first only. Places of nodes that are gone are kept: they may come
   * back. Returns whether there are new ones.
   */
  place(nodes: readonly MapNode[], edges: readonly MapEdge[], direction: Direction): boolean {
    if (this.#places.size === 0) {
      this.#layOut(nodes, edges, direction);
      return nodes.length > 0;
    }
    const fresh = nodes.filter((node) => !this.#places.has(node.id)).sort((a, b) => (a.id < b.id ? -1 : 1));
    for (const node of fresh) {
      const at = this.#moved.get(node.id) ?? this.#freeNear(this.#wish(node, nodes, edges));
      this.#places.set(node.id, at);
      this.#taken.add(this.#cell(at));
      this.#added++;
    }
    return fresh.length > 0;
  }

  /** Among its namespace; else right of its callers or left of those it calls; else below everything. */
  #wish(node: MapNode, nodes: readonly MapNode[], edges: readonly MapEdge[]): Point {
    const placesOf = (ids: string[]): Point[] => ids.flatMap((id) => this.#places.get(id) ?? []);
    const kin = placesOf(
      node.namespace === undefined
        ? []
        : nodes.filter((one) => one.namespace === node.namespace).map((one) => one.id),
    );
    if (kin.length > 0) return centre(kin);
    const callers = placesOf(edges.filter((edge) => edge.to === node.id).map((edge) => edge.from));
    if (callers.length > 0) return this.#further(centre(callers), 1);
    const callees = placesOf(edges.filter((edge) => edge.from === node.id).map((edge) => edge.to));
    if (callees.length > 0) return this.#further(centre(callees), -1);
    const all = [...this.#places.values()];
    return { x: centre(all).x, y: Math.max(...all.map((point) => point.y)) + this.#grid().y };
  }

  #grid(): Point {
    const { along, across } = STEPS[this.#direction];
    return this.#direction === 'right' ? { x: along, y: across } : { x: across, y: along };
  }

  #further({ x, y }: Point, steps: number): Point {
    const by = STEPS[this.#direction].along * steps;
    return this.#direction === 'right' ? { x: x + by, y } : { x, y: y + by };
  }

  #cell({ x, y }: Point): string {
    const grid = this.#grid();
    return `${Math.round(x / grid.x)},${Math.round(y / grid.y)}`;
  }

  /** The free cell nearest to a point, looked for in growing rings. */
  #freeNear(wish: Point): Point {
    const grid = this.#grid();
    const column = Math.round(wish.x / grid.x);
    const row = Math.round(wish.y / grid.y);
    for (let ring = 0; ; ring++) {
      let best: Point | undefined;
      for (let dx = -ring; dx <= ring; dx++) {
        for (let dy = -ring * 2; dy <= ring * 2; dy++) {
          const at = { x: (column + dx) * grid.x, y: (row + dy) * grid.y };
          if (this.#taken.has(this.#cell(at))) continue;
          if (best === undefined || distance(at, wish) < distance(best, wish)) best = at;
        }
      }
      if (best !== undefined) return best;
    }
  }
}

function centre(points: Point[]): Point {
  const sum = points.reduce((a, b) => ({ x: a.x + b.x, y: a.y + b.y }), { x: 0, y: 0 });
  return { x: sum.x / Math.max(1, points.length), y: sum.y / Math.max(1, points.length) };
}

function distance(a: Point, b: Point): number {
  return (a.x - b.x) ** 2 + (a.y - b.y) ** 2;
}
