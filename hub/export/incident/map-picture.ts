import { hasFlowFailed } from '../../../flow/failed.ts';
import type { Flow } from '../../../flow/flow.ts';
import { layout } from '../../../flow/map/layout.ts';
import { type Box, type Line, mapSvg } from '../../../flow/map/map-svg.ts';
import { type NodeIdentity, nodeOf } from '../../store/rollup/node.ts';
import { INCIDENT_LIMITS } from './limits.ts';

/** px */
const NODE = { width: 150, height: 50 };
const FRAME = { side: 20, top: 40 };
/** Of a name on the map. */
const LONGEST = 20;
const COLOURS = {
  ...{ bg: 'var(--bg)', raised: 'var(--raised)', text: 'var(--text)', 'text-2': 'var(--text-2)' },
  ...{ 'line-strong': 'var(--line-strong)', 'accent-line': 'var(--accent-line)' },
  ...{ ok: 'var(--ok)', warn: 'var(--warn)', bad: 'var(--bad)', 'bad-soft': 'var(--bad-soft)' },
};

interface Node extends NodeIdentity {
  count: number;
  errors: number;
}

interface Edge {
  from: string;
  to: string;
  count: number;
  errors: number;
}

/** Who called whom in the flows of a file, as a picture that takes its colours from the page. */
export class MapPicture {
  private readonly nodes = new Map<string, Node>();
  private readonly edges = new Map<string, Edge>();

  add(flow: Flow): void {
    const { src, dst } = flow;
    const [from, to] = [this.node(nodeOf(src)), this.node(nodeOf(dst))];
    const key = `${from.id}\n${to.id}`;
    let edge = this.edges.get(key);
    if (edge === undefined) {
      edge = { from: from.id, to: to.id, count: 0, errors: 0 };
      this.edges.set(key, edge);
    }
    for (const one of from === to ? [edge, to] : [edge, from, to]) one.count++;
    if (hasFlowFailed(flow)) for (const one of [edge, to]) one.errors++;
  }

  /** How many nodes and lines there was no room for. */
  leftOut(): { nodes: number; lines: number } {
    const { nodes, edges } = this.drawn();
    return { nodes: this.nodes.size - nodes.length, lines: this.edges.size - edges.length };
  }

  /** SVG; undefined where there is nothing to draw. */
  svg(): string | undefined {
    const { nodes, edges } = this.drawn();
    if (nodes.length === 0) return undefined;
    const places = layout(nodes, edges);
    const boxes = nodes.map((node): Box => {
      const { x = 0, y = 0 } = places.get(node.id) ?? {};
      const errors = node.errors > 0 ? `  ▲ ${node.errors}` : '';
      const label = `${short(node.name)}\n${node.count}${errors}`;
      return { id: node.id, x, y, ...NODE, label, failing: node.errors > 0, isFrame: false };
    });
    const lines = edges.map(({ from, to, count, errors }): Line => {
      const width = Math.min(6, 1.4 + Math.log2(1 + count) * 0.4);
      return {
        from,
        to,
        // Above the line and below it.
        label: `${count === 1 ? '1 request' : `${count} requests`}\n${errors > 0 ? `▲ ${errors} failed` : ''}`,
        width,
        colour: errors > 0 ? 'bad' : 'accent-line',
        dashed: false,
      };
    });
    return mapSvg({ colours: COLOURS, boxes: [...frames(nodes, boxes), ...boxes], lines });
  }

  private drawn(): { nodes: Node[]; edges: Edge[] } {
    const nodes = [...this.nodes.values()]
      .sort((a, b) => b.count - a.count || (a.id < b.id ? -1 : 1))
      .slice(0, INCIDENT_LIMITS.nodes);
    const ids = new Set(nodes.map(({ id }) => id));
    const edges = [...this.edges.values()]
      .filter(({ from, to }) => ids.has(from) && ids.has(to))
      .sort((a, b) => b.count - a.count || (`${a.from}\n${a.to}` < `${b.from}\n${b.to}` ? -1 : 1))
      .slice(0, INCIDENT_LIMITS.lines);
    return { nodes, edges };
  }

  private node(identity: NodeIdentity): Node {
    let node = this.nodes.get(identity.id);
    if (node === undefined) {
      node = { ...identity, count: 0, errors: 0 };
      this.nodes.set(identity.id, node);
    }
    return node;
  }
}

/** A frame round the nodes of each namespace. */
function frames(nodes: readonly Node[], boxes: readonly Box[]): Box[] {
  const namespaces = [...new Set(nodes.map(({ namespace }) => namespace))]
    .filter((name) => name !== '')
    .sort();
  return namespaces.map((namespace) => {
    const own = boxes.filter((_, at) => nodes[at]?.namespace === namespace);
    const [xs, ys] = [own.map(({ x }) => x), own.map(({ y }) => y)];
    const [left, right] = [
      Math.min(...xs) - NODE.width / 2 - FRAME.side,
      Math.max(...xs) + NODE.width / 2 + FRAME.side,
    ];
    const [top, bottom] = [
      Math.min(...ys) - NODE.height / 2 - FRAME.top,
      Math.max(...ys) + NODE.height / 2 + FRAME.side,
    ];
    return {
      ...{ id: `frame ${namespace}`, label: namespace, failing: false, isFrame: true },
      ...{ x: (left + right) / 2, y: (top + bottom) / 2, width: right - left, height: bottom - top },
    };
  });
}

function short(name: string): string {
  return name.length > LONGEST ? `${name.slice(0, LONGEST - 1)}…` : name;
}
