import type { MapEdge, MapNode } from '../api.ts';

export interface Point {
  x: number;
  y: number;
}

/** Which way requests go: to the right where the window is wide, down where it is high. */
export type Direction = 'right' | 'down';

/** From one node to the next, px: `along` the way of requests (room for what an edge says) and `across` it. */
export const STEPS: Record<Direction, { along: number; across: number }> = {
  right: { along: 246, across: 92 },
  down: { along: 138, across: 176 },
};
/** Between the blocks of two namespaces, px: room for the frames and the name. */
const BLOCK_GAP = { along: 58, across: 64 };
/** How much wider than high a block should be. */
const ASPECT: Record<Direction, number> = { right: 1.6, down: 0.8 };
/** Rounds of ordering within columns; more change little. */
const ROUNDS = 6;

/** Nodes without a namespace: those that only call stand left of the cluster, the others right of it. */
const CALLERS = '\u0000callers';
const OUTSIDE = '\u0000outside';

interface Graph {
  ids: string[];
  out: Map<string, string[]>;
  in: Map<string, string[]>;
}

/**
 * Places for all nodes: callers left, callees right, the nodes of a namespace together. The same nodes and edges give
 * the same places, in whatever order they come.
 */
export function layout(
  nodes: readonly Pick<MapNode, 'id' | 'namespace'>[],
  edges: readonly Pick<MapEdge, 'from' | 'to'>[],
  direction: Direction = 'right',
): Map<string, Point> {
  const graph = graphOf(
    nodes.map((node) => node.id),
    edges.map(({ from, to }) => [from, to] as const),
  );
  const groups = groupsOf(nodes, graph);
  const groupOf = new Map([...groups].flatMap(([group, ids]) => ids.map((id) => [id, group] as const)));
  const blocks = new Map(
    [...groups].map(([group, ids]) => [
      group,
      block(withLanes(subgraph(graph, ids), leaving(graph, ids)), direction),
    ]),
  );
  const between = edges.flatMap(({ from, to }): (readonly [string, string])[] => {
    const a = groupOf.get(from);
    const b = groupOf.get(to);
    return a === undefined || b === undefined || a === b ? [] : [[a, b]];
  });
  const places = arrange(blocks, graphOf([...groups.keys()], between), direction);
  return new Map(
    [...places].map(([id, { along, across }]) => [
      id,
      direction === 'right' ? { x: along, y: across } : { x: across, y: along },
    ]),
  );
}

function graphOf(ids: string[], edges: readonly (readonly [string, string])[]): Graph {
  const sorted = [...new Set(ids)].sort();
  const out = new Map(sorted.map((id) => [id, [] as string[]]));
  const into = new Map(sorted.map((id) => [id, [] as string[]]));
  const pairs = new Set(edges.filter(([from, to]) => from !== to).map(([from, to]) => `${from}\u0001${to}`));
  for (const pair of [...pairs].sort()) {
    const [from, to] = pair.split('\u0001') as [string, string];
    if (!out.has(from) || !out.has(to)) continue;
    out.get(from)!.push(to);
    into.get(to)!.push(from);
  }
  return { ids: sorted, out, in: into };
}

function subgraph(graph: Graph, ids: string[]): Graph {
  const within = new Set(ids);
  return graphOf(
    ids,
    ids.flatMap((id) => graph.out.get(id)!.flatMap((to) => (within.has(to) ? [[id, to] as const] : []))),
  );
}

/** Nodes of a group that call others outside it. */
function leaving(graph: Graph, ids: string[]): Set<string> {
  const within = new Set(ids);
  return new Set(ids.filter((id) => graph.out.get(id)!.some((to) => !within.has(to))));
}

/** Larger graphs have no ground to keep free. */
const LANES_LIMIT = 60;
const LANE = '\uffff';

/**
 * The graph with a lane through every column that a long edge crosses, or an edge that leaves the graph: lanes take
 * places as nodes do, so that lines run beside nodes and not beneath them.
 */
function withLanes(graph: Graph, exits: ReadonlySet<string>): Graph {
  if (graph.ids.length > LANES_LIMIT) return graph;
  const columns = columnsOf(graph);
  const last = Math.max(...columns.values());
  const ids = new Set(graph.ids);
  const edges: [string, string][] = [];
  for (const id of graph.ids) {
    const start = columns.get(id)!;
    let reached = start;
    const laneTo = (column: number): string => {
      for (; reached < column; reached++) {
        const lane = `${LANE}${id}\u0002${reached + 1}`;
        ids.add(lane);
        edges.push([reached === start ? id : `${LANE}${id}\u0002${reached}`, lane]);
      }
      return column === start ? id : `${LANE}${id}\u0002${column}`;
    };
    for (const to of graph.out.get(id)!.toSorted((a, b) => columns.get(a)! - columns.get(b)!)) {
      edges.push([laneTo(Math.max(start, columns.get(to)! - 1)), to]);
    }
    if (exits.has(id)) laneTo(last);
  }
  return graphOf([...ids], edges);
}

function groupsOf(nodes: readonly Pick<MapNode, 'id' | 'namespace'>[], graph: Graph): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  const namespaced = nodes.some((node) => node.namespace !== undefined);
  for (const node of nodes) {
    const calls = graph.in.get(node.id)!.length === 0;
    const group = node.namespace ?? (namespaced && calls ? CALLERS : OUTSIDE);
    groups.set(group, [...(groups.get(group) ?? []), node.id]);
  }
  return groups;
}

/**
 * The column of each node: one more than its callers'. Calls that close a circle are left out of the count;
 * which ones these are depends on the order of ids alone.
 */
export function columnsOf(graph: Graph): Map<string, number> {
  const done: string[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const back = new Set<string>();
  // Depth first without recursion: a chain of calls may be as long as the map is large.
  const starts = [...graph.ids].sort(
    (a, b) => graph.in.get(a)!.length - graph.in.get(b)!.length || (a < b ? -1 : 1),
  );
  for (const start of starts) {
    if (state.has(start)) continue;
    const path: { id: string; next: number }[] = [{ id: start, next: 0 }];
    state.set(start, 'open');
    while (path.length > 0) {
      const top = path.at(-1)!;
      const to = graph.out.get(top.id)![top.next++];
      if (to === undefined) {
        state.set(top.id, 'done');
        done.push(top.id);
        path.pop();
      } else if (state.get(to) === 'open') back.add(`${top.id}\u0001${to}`);
      else if (!state.has(to)) {
        state.set(to, 'open');
        path.push({ id: to, next: 0 });
      }
    }
  }
  const columns = new Map<string, number>();
  for (const id of done.reverse()) {
    const callers = graph.in.get(id)!.filter((from) => !back.has(`${from}\u0001${id}`));
    columns.set(id, Math.max(0, ...callers.map((from) => (columns.get(from) ?? 0) + 1)));
  }
  return columns;
}

/** Columns of a graph in order, each sorted so that neighbours stand at like heights (barycentre method). */
function orderedColumns(graph: Graph): string[][] {
  const depths = columnsOf(graph);
  const columns = Array.from({ length: Math.max(-1, ...depths.values()) + 1 }, (): string[] => []);
  for (const id of graph.ids) columns[depths.get(id)!]!.push(id);
  const rank = new Map<string, number>();
  const number = (column: string[]): void => {
    column.forEach((id, at) => {
      rank.set(id, at / Math.max(1, column.length - 1));
    });
  };
  columns.forEach(number);
  for (let round = 0; round < ROUNDS; round++) {
    const sides = round % 2 === 0 ? graph.in : graph.out;
    for (const column of round % 2 === 0 ? columns : [...columns].reverse()) {
      const weight = new Map(
        column.map((id) => [
          id,
          mean(
            sides.get(id)!.map((other) => rank.get(other)!),
            rank.get(id)!,
          ),
        ]),
      );
      column.sort((a, b) => weight.get(a)! - weight.get(b)! || (a < b ? -1 : 1));
      number(column);
    }
  }
  return columns;
}

function mean(values: number[], otherwise: number): number {
  return values.length === 0 ? otherwise : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Until the very end places are told along and across the way of requests, whichever way that is. */
interface Place {
  along: number;
  across: number;
}

/** The nodes of one namespace, from (0, 0). Long columns are folded, so that the block has the shape of the window. */
function block(graph: Graph, direction: Direction): Map<string, Place> {
  const step = STEPS[direction];
  const ratio = direction === 'right' ? 1 / ASPECT[direction] : ASPECT[direction];
  const longest = Math.max(4, Math.ceil(Math.sqrt(graph.ids.length * (step.along / step.across) * ratio)));
  const columns = orderedColumns(graph).flatMap((column) => {
    const parts = Math.ceil(column.length / longest);
    const size = Math.ceil(column.length / parts);
    return Array.from({ length: parts }, (_, part) => column.slice(part * size, (part + 1) * size));
  });
  const rows = Math.max(...columns.map((column) => column.length));
  return new Map(
    columns.flatMap((column, depth) =>
      column.flatMap((id, at) => {
        const across = (at + (rows - column.length) / 2) * step.across;
        return id.startsWith(LANE) ? [] : [[id, { along: depth * step.along, across }] as const];
      }),
    ),
  );
}

/** Puts the blocks beside and below one another, callers first, as within a block. */
function arrange(
  blocks: Map<string, Map<string, Place>>,
  graph: Graph,
  direction: Direction,
): Map<string, Place> {
  const sizes = new Map([...blocks].map(([group, places]) => [group, extent(places, direction)]));
  const area = [...sizes.values()].reduce((sum, { along, across }) => sum + along * across, 0);
  const ratio = direction === 'right' ? 1 / ASPECT[direction] : ASPECT[direction];
  const longest = Math.max(Math.sqrt(area * ratio), ...[...sizes.values()].map(({ across }) => across));
  const places = new Map<string, Place>();
  let along = 0;
  for (const column of foldByLength(orderedColumns(graph), sizes, longest)) {
    let across = -column.reduce((sum, group) => sum + sizes.get(group)!.across, 0) / 2;
    for (const group of column) {
      for (const [id, place] of blocks.get(group)!) {
        places.set(id, { along: along + place.along, across: across + place.across });
      }
      across += sizes.get(group)!.across;
    }
    along += Math.max(...column.map((group) => sizes.get(group)!.along));
  }
  return places;
}

/** What a block takes up, with the gap to the next. */
function extent(places: Map<string, Place>, direction: Direction): Place {
  const all = [...places.values()];
  const step = STEPS[direction];
  return {
    along: Math.max(...all.map((place) => place.along)) + step.along + BLOCK_GAP.along,
    across: Math.max(...all.map((place) => place.across)) + step.across + BLOCK_GAP.across,
  };
}

function foldByLength(columns: string[][], sizes: Map<string, Place>, longest: number): string[][] {
  return columns.flatMap((column) => {
    const folded: string[][] = [];
    let length = Number.POSITIVE_INFINITY;
    for (const group of column) {
      const size = sizes.get(group)!.across;
      if (length + size > longest) {
        folded.push([]);
        length = 0;
      }
      folded.at(-1)!.push(group);
      length += size;
    }
    return folded;
  });
}
