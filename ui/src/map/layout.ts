import type { MapEdge, MapNode } from '../../../flow/api.ts';

export interface Point {
  x: number;
  y: number;
}

/** Room for one node and its label, px. */
export const COLUMN_WIDTH = 210;
export const ROW_HEIGHT = 74;
/** Between the blocks of two namespaces, px: room for the frame and its name. */
const BLOCK_GAP = 110;
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
export function layout(nodes: readonly MapNode[], edges: readonly MapEdge[]): Map<string, Point> {
  const graph = graphOf(
    nodes.map((node) => node.id),
    edges.map(({ from, to }) => [from, to] as const),
  );
  const groups = groupsOf(nodes, graph);
  const groupOf = new Map([...groups].flatMap(([group, ids]) => ids.map((id) => [id, group] as const)));
  const blocks = new Map([...groups].map(([group, ids]) => [group, block(subgraph(graph, ids))]));
  const between = edges.flatMap(({ from, to }): (readonly [string, string])[] => {
    const a = groupOf.get(from);
    const b = groupOf.get(to);
    return a === undefined || b === undefined || a === b ? [] : [[a, b]];
  });
  return arrange(blocks, graphOf([...groups.keys()], between));
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

function groupsOf(nodes: readonly MapNode[], graph: Graph): Map<string, string[]> {
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
  const starts = [...graph.ids].sort((a, b) => graph.in.get(a)!.length - graph.in.get(b)!.length || (a < b ? -1 : 1));
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
  const columns: string[][] = [];
  for (const [id, column] of [...columnsOf(graph)].sort(([a], [b]) => (a < b ? -1 : 1))) {
    (columns[column] ??= []).push(id);
  }
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
      const weight = new Map(column.map((id) => [id, mean(sides.get(id)!.map((other) => rank.get(other)!), rank.get(id)!)]));
      column.sort((a, b) => weight.get(a)! - weight.get(b)! || (a < b ? -1 : 1));
      number(column);
    }
  }
  return columns;
}

function mean(values: number[], otherwise: number): number {
  return values.length === 0 ? otherwise : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The nodes of one namespace, from (0, 0). Tall columns are folded, so that the block is about as wide as high. */
function block(graph: Graph): Map<string, Point> {
  const tallest = Math.max(4, Math.ceil(Math.sqrt(graph.ids.length * (COLUMN_WIDTH / ROW_HEIGHT) * 0.7)));
  const columns = orderedColumns(graph).flatMap((column) => {
    const parts = Math.ceil(column.length / tallest);
    const size = Math.ceil(column.length / parts);
    return Array.from({ length: parts }, (_, part) => column.slice(part * size, (part + 1) * size));
  });
  const rows = Math.max(...columns.map((column) => column.length));
  return new Map(
    columns.flatMap((column, x) =>
      column.map((id, at) => {
        const y = (at + (rows - column.length) / 2) * ROW_HEIGHT;
        return [id, { x: x * COLUMN_WIDTH, y }] as const;
      }),
    ),
  );
}

/** Puts the blocks beside and below one another: callers' left, as within a block. */
function arrange(blocks: Map<string, Map<string, Point>>, graph: Graph): Map<string, Point> {
  const sizes = new Map([...blocks].map(([group, points]) => [group, extent(points)]));
  const area = [...sizes.values()].reduce((sum, { x, y }) => sum + (x + BLOCK_GAP) * (y + BLOCK_GAP), 0);
  const tallest = Math.max(Math.sqrt(area * 0.6), ...[...sizes.values()].map(({ y }) => y));
  const places = new Map<string, Point>();
  let left = 0;
  for (const column of foldByHeight(orderedColumns(graph), sizes, tallest)) {
    const height = column.reduce((sum, group) => sum + sizes.get(group)!.y + BLOCK_GAP, -BLOCK_GAP);
    let top = -height / 2;
    for (const group of column) {
      for (const [id, point] of blocks.get(group)!) places.set(id, { x: left + point.x, y: top + point.y });
      top += sizes.get(group)!.y + BLOCK_GAP;
    }
    left += Math.max(...column.map((group) => sizes.get(group)!.x)) + BLOCK_GAP;
  }
  return places;
}

function extent(points: Map<string, Point>): Point {
  const all = [...points.values()];
  return {
    x: Math.max(...all.map((point) => point.x)) + COLUMN_WIDTH,
    y: Math.max(...all.map((point) => point.y)) + ROW_HEIGHT,
  };
}

function foldByHeight(columns: string[][], sizes: Map<string, Point>, tallest: number): string[][] {
  return columns.flatMap((column) => {
    const folded: string[][] = [];
    let height = Number.POSITIVE_INFINITY;
    for (const group of column) {
      const size = sizes.get(group)!.y + BLOCK_GAP;
      if (height + size > tallest) {
        folded.push([]);
        height = 0;
      }
      folded.at(-1)!.push(group);
      height += size;
    }
    return folded;
  });
}
