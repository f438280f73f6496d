import type cytoscape from 'cytoscape';
import { NODE_HEIGHT, NODE_WIDTH } from './graph-style.ts';

const FRAME = 'frame\u0001';
const MARGIN = { side: 20, top: 40 };

/** Draws a frame round the nodes of each namespace, and takes away those of namespaces that are gone. */
export function drawFrames(cy: cytoscape.Core): void {
  const boxes = new Map<string, { left: number; right: number; top: number; bottom: number }>();
  for (const node of cy.nodes().not('.frame')) {
    const namespace = String(node.data('namespace'));
    if (namespace === '') continue;
    const { x, y } = node.position();
    const box = boxes.get(namespace) ?? { left: x, right: x, top: y, bottom: y };
    boxes.set(namespace, {
      left: Math.min(box.left, x),
      right: Math.max(box.right, x),
      top: Math.min(box.top, y),
      bottom: Math.max(box.bottom, y),
    });
  }
  cy.nodes('.frame')
    .filter((frame) => !boxes.has(String(frame.data('label'))))
    .remove();
  for (const [namespace, { left, right, top, bottom }] of boxes) {
    const data = {
      id: FRAME + namespace,
      label: namespace,
      width: right - left + NODE_WIDTH + 2 * MARGIN.side,
      height: bottom - top + NODE_HEIGHT + MARGIN.top + MARGIN.side,
    };
    const position = {
      x: (left + right) / 2,
      y: (top + bottom - MARGIN.top + MARGIN.side) / 2,
    };
    const there = cy.getElementById(data.id);
    if (there.empty()) cy.add({ group: 'nodes', data, position, classes: 'frame', grabbable: false });
    else there.data(data).position(position);
  }
}
