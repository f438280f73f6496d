/** A service map as text that other programs draw: DOT (Graphviz) and Mermaid. Names are captured text: all is escaped. */

export interface TextNode {
  id: string;
  name: string;
  namespace?: string;
  kind: string;
}

export interface TextEdge {
  from: string;
  to: string;
  /** Lines are parted by line feeds. */
  label: string;
  /** Some of its requests failed. */
  failing: boolean;
}

export interface TextMap {
  nodes: readonly TextNode[];
  edges: readonly TextEdge[];
}

/** Longer names and labels are cut, in UTF-16 units. */
const LONGEST = 200;
/** The red and the grey of both forms, fit for light and dark grounds. */
const FAILING = '#c0392b';

/** The DOT language of Graphviz: a digraph with a cluster for each namespace. */
export function toDot(map: TextMap): string {
  const { groups, edges } = inOrder(map);
  const lines = ['digraph remora {', '  rankdir=LR;', '  node [shape=box, style=rounded];'];
  let cluster = 0;
  for (const [namespace, nodes] of groups) {
    const indent = namespace === '' ? '  ' : '    ';
    if (namespace !== '') lines.push(`  subgraph cluster_${cluster++} {`, `    label=${dotText(namespace)};`);
    for (const { key, name, kind } of nodes) {
      const style = kind === 'address' || kind === 'external' ? ', style="rounded,dashed"' : '';
      lines.push(`${indent}${key} [label=${dotText(name)}${style}];`);
    }
    if (namespace !== '') lines.push('  }');
  }
  for (const { from, to, label, failing } of edges) {
    lines.push(`  ${from} -> ${to} [label=${dotText(label)}${failing ? `, color="${FAILING}"` : ''}];`);
  }
  return `${lines.join('\n')}\n}\n`;
}

/** A Mermaid flowchart with a subgraph for each namespace. */
export function toMermaid(map: TextMap): string {
  const { groups, edges } = inOrder(map);
  const lines = ['flowchart LR'];
  let group = 0;
  for (const [namespace, nodes] of groups) {
    const indent = namespace === '' ? '  ' : '    ';
    if (namespace !== '') lines.push(`  subgraph s${group++}[${mermaidText(namespace)}]`);
    for (const { key, name, kind } of nodes) {
      const text = mermaidText(name);
      lines.push(`${indent}${key}${kind === 'address' || kind === 'external' ? `([${text}])` : `[${text}]`}`);
    }
    if (namespace !== '') lines.push('  end');
  }
  for (const { from, to, label } of edges) lines.push(`  ${from} -->|${mermaidText(label)}| ${to}`);
  const failing = edges.flatMap((edge, at) => (edge.failing ? [at] : []));
  if (failing.length > 0) lines.push(`  linkStyle ${failing.join(',')} stroke:${FAILING}`);
  return `${lines.join('\n')}\n`;
}

interface Ordered {
  /** By namespace; '' is of those that have none. */
  groups: [namespace: string, nodes: (TextNode & { key: string })[]][];
  edges: TextEdge[];
}

/** Sorted, so that the same map is always the same text; with short keys for ids, which may hold anything. */
function inOrder({ nodes, edges }: TextMap): Ordered {
  const keys = new Map<string, string>();
  const groups = new Map<string, (TextNode & { key: string })[]>();
  const sorted = [...nodes].sort(
    (a, b) => compare(a.namespace ?? '', b.namespace ?? '') || compare(a.id, b.id),
  );
  for (const node of sorted) {
    const key = `n${keys.size}`;
    keys.set(node.id, key);
    const group = groups.get(node.namespace ?? '') ?? [];
    group.push({ ...node, key });
    groups.set(node.namespace ?? '', group);
  }
  const known = [...edges]
    .sort((a, b) => compare(a.from, b.from) || compare(a.to, b.to) || compare(a.label, b.label))
    .flatMap((edge) => {
      const [from, to] = [keys.get(edge.from), keys.get(edge.to)];
      return from === undefined || to === undefined ? [] : [{ ...edge, from, to }];
    });
  return { groups: [...groups], edges: known };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A double-quoted string of DOT. */
function dotText(text: string): string {
  const escaped = bounded(text).replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n');
  return `"${escaped}"`;
}

/** A quoted text of Mermaid: what has a meaning there or in HTML stands as its entity code. */
function mermaidText(text: string): string {
  const escaped = bounded(text).replace(/[#%"&<>`;]/g, (char) => `#${char.charCodeAt(0)};`);
  return `"${escaped.replaceAll('\n', '<br/>')}"`;
}

function bounded(text: string): string {
  const cut = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what is taken out
  return cut.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, ' ');
}
