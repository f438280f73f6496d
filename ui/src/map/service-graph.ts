import cytoscape from 'cytoscape';
import type { MapEdge, MapNode, ServiceMap } from '../../../flow/api.ts';
import { readColours } from './colours.ts';
import { graphStyle, NODE_HEIGHT, NODE_WIDTH, RED_STEPS } from './graph-style.ts';
import { edgeId, edgeLabel, edgeWidth, errorShare, nodeLabel, rangeSeconds } from './labels.ts';
import type { Direction } from './layout.ts';
import type { Drawing } from './map-svg.ts';
import type { Placement } from './placement.ts';

/** More edges than this are drawn plainly and hidden while the map is moved. */
const LARGE = 800;
const FRAME = 'frame\u0001';
/** Of a picture's sides, px: what browsers' canvases take. */
const PICTURE_LIMIT = 8000;
const FRAME_MARGIN = { side: 20, top: 40 };

export type Chosen = { kind: 'node' | 'edge'; id: string };

/** The map on its canvas. It draws what it is given and says what was pressed; it decides no places (Placement does). */
export class ServiceGraph {
  #container: HTMLElement;
  #placement: Placement;
  #onchoose: (chosen: Chosen | undefined) => void;
  #cy: cytoscape.Core;
  #large = false;
  #touched = false;
  /** Whether some elements are brought out and others dimmed. */
  #marked = false;
  #ground = '';
  #map: ServiceMap | undefined;

  constructor(container: HTMLElement, placement: Placement, onchoose: (chosen: Chosen | undefined) => void) {
    this.#container = container;
    this.#placement = placement;
    this.#onchoose = onchoose;
    forgoStyleElement();
    this.#cy = this.#create();
  }

  destroy(): void {
    this.#cy.destroy();
  }

  update(map: ServiceMap): void {
    const first = this.#map === undefined || this.#map.nodes.length === 0;
    this.#map = map;
    const large = map.edges.length > LARGE;
    if (large !== this.#large) {
      this.#large = large;
      this.#cy.destroy();
      this.#cy = this.#create();
    }
    this.#placement.place(map.nodes, map.edges, this.#direction());
    const seconds = rangeSeconds(map);
    let added = false;
    this.#cy.batch(() => {
      added = this.#sync(
        map.nodes.map((node) => this.#node(node, seconds)),
        map.edges.map(edgeElement),
      );
      if (added) this.#frame();
    });
    if (first || (added && !this.#touched)) this.fit();
  }

  /** Colours of the theme that is on now. To style thousands of elements takes long: not done without need. */
  recolour(): void {
    const colours = readColours(this.#container);
    if (colours.bg === this.#ground) return;
    this.#ground = colours.bg;
    this.#cy.style(graphStyle(colours, this.#large));
  }

  /** Lays everything out anew: the only thing that moves nodes that are there. */
  tidy(): void {
    if (this.#map === undefined) return;
    this.#placement.tidy(this.#map.nodes, this.#map.edges, this.#direction());
    this.#cy.batch(() => {
      for (const { id } of this.#map?.nodes ?? []) {
        const place = this.#placement.get(id);
        if (place !== undefined) this.#cy.getElementById(id).position(place);
      }
      this.#frame();
    });
    this.fit();
  }

  fit(): void {
    if (this.#cy.nodes().empty()) return;
    this.#cy.fit(undefined, 28);
    // One lonely node need not fill the window.
    if (this.#cy.zoom() > 1.15) {
      this.#cy.zoom(1.15);
      this.#cy.center();
    }
    this.#touched = false;
  }

  zoom(factor: number): void {
    this.#touched = true;
    const size = { x: this.#cy.width() / 2, y: this.#cy.height() / 2 };
    this.#cy.zoom({ level: this.#cy.zoom() * factor, renderedPosition: size });
  }

  resize(): void {
    this.#cy.resize();
    if (!this.#touched) this.fit();
  }

  /** Brings out one node or edge and what it touches; undefined: all alike again. */
  choose(chosen: Chosen | undefined): void {
    this.#cy.batch(() => {
      this.#unmark();
      if (chosen === undefined) return;
      this.#marked = true;
      const element = this.#cy.elements().filter((one) => one.id() === chosen.id);
      if (element.empty()) return;
      const near =
        chosen.kind === 'node' ? element.closedNeighborhood() : element.union(element.connectedNodes());
      this.#cy.elements().not(near).addClass('faded');
      near.addClass('near');
      element.addClass('chosen');
    });
  }

  /** Moves the view, not the nodes, so that one is in the middle. */
  show(id: string): void {
    const element = this.#cy.getElementById(id);
    if (element.empty()) return;
    this.#touched = true;
    this.#cy.zoom(Math.max(this.#cy.zoom(), 0.8));
    this.#cy.center(element);
  }

  /** Dims all nodes but these; undefined: none. */
  highlight(ids: ReadonlySet<string> | undefined): void {
    this.#cy.batch(() => {
      this.#unmark();
      if (ids === undefined) return;
      this.#marked = true;
      this.#cy.elements().not('.frame').addClass('faded');
      this.#cy
        .nodes()
        .filter((node) => ids.has(node.id()))
        .removeClass('faded')
        .addClass('near');
    });
  }

  /** The whole map as a picture, in the colours that are on. */
  png(): Blob {
    const size = { maxWidth: PICTURE_LIMIT, maxHeight: PICTURE_LIMIT };
    return this.#cy.png({ output: 'blob', full: true, bg: this.#ground, scale: 2, ...size });
  }

  /** What `mapSvg` draws: everything at the place where it is now. */
  drawing(): Drawing {
    return {
      colours: readColours(this.#container),
      boxes: this.#cy.nodes().map((node) => ({
        ...{ id: node.id(), ...node.position(), width: node.width(), height: node.height() },
        ...{ label: String(node.data('label')), isFrame: node.hasClass('frame') },
        failing: node.data('failing') === true,
      })),
      lines: this.#cy.edges().map((edge) => ({
        ...{ from: edge.source().id(), to: edge.target().id(), label: String(edge.data('label')) },
        ...{ width: Number(edge.data('width')), failing: Number(edge.data('red')) > 0 },
      })),
    };
  }

  /** Where the nodes are: for the tests. */
  places(): Record<string, { x: number; y: number }> {
    return Object.fromEntries(
      this.#cy
        .nodes()
        .not('.frame')
        .nodes()
        .map((node) => [node.id(), { ...node.position() }]),
    );
  }

  #unmark(): void {
    if (this.#marked) this.#cy.elements().removeClass('chosen near faded');
    this.#marked = false;
  }

  #direction(): Direction {
    return this.#container.clientWidth < this.#container.clientHeight ? 'down' : 'right';
  }

  #create(): cytoscape.Core {
    const colours = readColours(this.#container);
    this.#ground = colours.bg;
    const cy = cytoscape({
      container: this.#container,
      style: graphStyle(colours, this.#large),
      layout: { name: 'preset' },
      minZoom: 0.03,
      maxZoom: 3,
      selectionType: 'single',
      boxSelectionEnabled: false,
      textureOnViewport: this.#large,
      hideEdgesOnViewport: this.#large,
      ...(this.#large ? { pixelRatio: 1 } : {}),
    });
    cy.on('tap', 'node', (event) => this.#onchoose({ kind: 'node', id: event.target.id() }));
    cy.on('tap', 'edge', (event) => this.#onchoose({ kind: 'edge', id: event.target.id() }));
    cy.on('tap', (event) => {
      if (event.target === cy) this.#onchoose(undefined);
    });
    cy.on('mouseover', 'node, edge', () => this.#container.classList.add('over'));
    cy.on('mouseout', 'node, edge', () => this.#container.classList.remove('over'));
    cy.on('dragpan scrollzoom pinchzoom', () => {
      this.#touched = true;
    });
    cy.on('dragfree', 'node', (event) => {
      this.#touched = true;
      this.#placement.move(event.target.id(), { ...event.target.position() });
      cy.batch(() => this.#frame());
    });
    return cy;
  }

  #node(node: MapNode, seconds: number): cytoscape.ElementDefinition {
    return {
      group: 'nodes',
      data: {
        id: node.id,
        label: nodeLabel(node, seconds),
        kind: node.kind,
        namespace: node.namespace ?? '',
        failing: node.errors > 0 && errorShare(node, node.served) >= 0.01,
      },
      position: { ...(this.#placement.get(node.id) ?? { x: 0, y: 0 }) },
    };
  }

  /** Adds, changes and removes until the canvas holds these; returns whether there are new ones. */
  #sync(nodes: cytoscape.ElementDefinition[], edges: cytoscape.ElementDefinition[]): boolean {
    const wanted = new Set([...nodes, ...edges].map((one) => one.data.id));
    const gone = this.#cy
      .elements()
      .not('.frame')
      .filter((one) => !wanted.has(one.id()));
    gone.remove();
    const fresh: cytoscape.ElementDefinition[] = [];
    for (const one of [...nodes, ...edges]) {
      const there = this.#cy.getElementById(one.data.id ?? '');
      if (there.empty()) fresh.push(one);
      else if (there.data('label') !== one.data['label'] || there.data('red') !== one.data['red'])
        there.data(one.data);
    }
    this.#cy.add(fresh);
    return fresh.some((one) => one.group === 'nodes') || gone.nodes().nonempty();
  }

  /** A frame round the nodes of each namespace. */
  #frame(): void {
    const boxes = new Map<string, { left: number; right: number; top: number; bottom: number }>();
    for (const node of this.#cy.nodes().not('.frame')) {
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
    this.#cy
      .nodes('.frame')
      .filter((frame) => !boxes.has(String(frame.data('label'))))
      .remove();
    for (const [namespace, { left, right, top, bottom }] of boxes) {
      const data = {
        id: FRAME + namespace,
        label: namespace,
        width: right - left + NODE_WIDTH + 2 * FRAME_MARGIN.side,
        height: bottom - top + NODE_HEIGHT + FRAME_MARGIN.top + FRAME_MARGIN.side,
      };
      const position = {
        x: (left + right) / 2,
        y: (top + bottom - FRAME_MARGIN.top + FRAME_MARGIN.side) / 2,
      };
      const there = this.#cy.getElementById(data.id);
      if (there.empty()) this.#cy.add({ group: 'nodes', data, position, classes: 'frame', grabbable: false });
      else there.data(data).position(position);
    }
  }
}

function edgeElement(edge: MapEdge): cytoscape.ElementDefinition {
  const share = errorShare(edge, edge.count) * 100;
  return {
    group: 'edges',
    data: {
      id: edgeId(edge),
      source: edge.from,
      target: edge.to,
      label: edgeLabel(edge),
      width: edgeWidth(edge),
      red: share === 0 ? 0 : (RED_STEPS.find((step) => share <= step) ?? 100),
    },
  };
}

/**
 * Cytoscape writes one rule into a style element, which a strict Content-Security-Policy refuses. It does not where an
 * element of this id is there already; the rule stands in MapCanvas.svelte.
 */
function forgoStyleElement(): void {
  const id = '__________cytoscape_stylesheet';
  if (document.getElementById(id) !== null) return;
  const stand = document.createElement('template');
  stand.id = id;
  document.head.append(stand);
}
