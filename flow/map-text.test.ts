import { expect, test } from 'vitest';
import { type TextMap, toDot, toMermaid } from './map-text.ts';

const MAP: TextMap = {
  nodes: [
    { id: 'shop/web', name: 'web', namespace: 'shop', kind: 'workload' },
    { id: 'shop/cart', name: 'cart', namespace: 'shop', kind: 'workload' },
    { id: '192.0.2.7', name: '192.0.2.7', kind: 'address' },
  ],
  edges: [
    { from: 'shop/web', to: 'shop/cart', label: '4/s\n▲ 2%', failing: true },
    { from: '192.0.2.7', to: 'shop/web', label: '5/s', failing: false },
    { from: 'nowhere', to: 'shop/web', label: '', failing: false },
  ],
};

test('DOT', () => {
  expect(toDot(MAP)).toBe(`digraph remora {
  rankdir=LR;
  node [shape=box, style=rounded];
  n0 [label="192.0.2.7", style="rounded,dashed"];
  subgraph cluster_0 {
    label="shop";
    n1 [label="cart"];
    n2 [label="web"];
  }
  n0 -> n2 [label="5/s"];
  n2 -> n1 [label="4/s\\n▲ 2%", color="#c0392b"];
}
`);
});

test('Mermaid', () => {
  expect(toMermaid(MAP)).toBe(`flowchart LR
  n0(["192.0.2.7"])
  subgraph s0["shop"]
    n1["cart"]
    n2["web"]
  end
  n0 -->|"5/s"| n2
  n2 -->|"4/s<br/>▲ 2#37;"| n1
  linkStyle 1 stroke:#c0392b
`);
});

test('the order of what is given does not matter', () => {
  const turned = { nodes: MAP.nodes.toReversed(), edges: MAP.edges.toReversed() };
  expect(toDot(turned)).toBe(toDot(MAP));
  expect(toMermaid(turned)).toBe(toMermaid(MAP));
});

test('a name cannot leave its quotes', () => {
  const name = 'a"]; n9 [label="x\\" <b onclick=x>\r\n`#;&\u0000';
  const map: TextMap = { nodes: [{ id: name, name, kind: 'workload' }], edges: [] };
  const [, , , dot] = toDot(map).split('\n');
  expect(dot).toBe('  n0 [label="a\\"]; n9 [label=\\"x\\\\\\" <b onclick=x> \\n`#;& "];');
  expect(toMermaid(map).split('\n')[1]).toBe(
    '  n0["a#34;]#59; n9 [label=#34;x\\#34; #60;b onclick=x#62; <br/>#96;#35;#59;#38; "]',
  );
  const directive = { nodes: [{ id: 'x', name: '%%{init: {}}%%', kind: 'workload' }], edges: [] };
  expect(toMermaid(directive)).toContain('n0["#37;#37;{init: {}}#37;#37;"]');
  const long = { nodes: [{ id: 'x', name: 'x'.repeat(1e6), kind: 'workload' }], edges: [] };
  expect(toDot(long).length).toBeLessThan(1000);
});
