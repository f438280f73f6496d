import cytoscape from 'cytoscape';
import type { MapEdge, MapNode, ServiceMap } from '../../../flow/api.ts';
import type { Direction, Point } from '../../../flow/map/layout.ts';
import type { Drawing } from '../../../flow/map/map-svg.ts';
import { type Comparison, edgeKey } from '../../../flow/map-diff.ts';
import { type CallLine, CallLines } from './call-lines.ts';
import type { Chosen } from './chosen.ts';
import { readColours } from './colours.ts';
import { type EdgeLook, edgeLook, type Look } from './edge-look.ts';
import { drawFrames } from './frames.ts';
import { graphStyle } from './graph-style.ts';
import { errorShare, nodeLabel } from './labels.ts';
import type { Placement } from './placement.ts';

/** More edges than this are plain lines, drawn by themselves (CallLines). */
const LARGE = 800;

interface Marks {
  nodes: ReadonlySet<string>;
  edges: ReadonlySet<string>;
  chosen: string | undefined;
}

/** The map on its canvas. It draws what it is given and says what was pressed; it decides no places (Placement does). */
export class ServiceGraph {
  #container: HTMLElement;
  #placement: Placement;
  #onchoose: (chosen: Chosen | undefined) => void;
  #cy: cytoscape.Core;
  /** Of a large map, whose edges are not cytoscape's. */
  #lines: CallLines | undefined;
  #touched = false;
  /** What is brought out, while the rest is dimmed. */
  #marks: Marks | undefined;
  #ground = '';
  #map: ServiceMap | undefined;
  #look: (edge: MapEdge) => EdgeLook = (edge) => edgeLook(edge, { thickness: 'rate', colour: 'errors' });

  constructor(container: HTMLElement, placement: Placement, onchoose: (chosen: Chosen | undefined) => void) {
    this.#container = container;
    this.#placement = placement;
    this.#onchoose = onchoose;
    forgoStyleElement();
    this.#cy = this.#create(false);
  }

  destroy(): void {
    this.#lines?.destroy();
    this.#cy.destroy();
  }

  update(map: ServiceMap, look: Look, changes?: Comparison['changes']): void {
    const first = this.#cy.nodes().empty() && !this.#touched;
    this.#map = map;
    const large = map.edges.length > LARGE;
    if (large !== (this.#lines !== undefined)) {
      this.destroy();
      this.#cy = this.#create(large);
    }
    this.#look = (edge) => edgeLook(edge, look, changes?.get(edgeKey(edge)));
    const grew = this.#placement.place(map.nodes, map.edges, this.#direction());
    let added = false;
    this.#cy.batch(() => {
      added = this.#sync(
        map.nodes.map((node) => this.#node(node, map.seconds)),
        large ? [] : map.edges.map((edge) => edgeElement(edge, this.#look(edge))),
      );
      if (added) drawFrames(this.#cy);
    });
    this.#lines?.set(map.edges.map((edge) => callLine(edge, this.#look(edge))));
    if (first || (grew && !this.#touched)) this.fit();
  }

  /** Colours of the theme that is on now. To style thousands of elements takes long: not done without need. */
  recolour(): void {
    const colours = readColours(this.#container);
    if (colours.bg === this.#ground) return;
    this.#ground = colours.bg;
    this.#cy.style(graphStyle(colours));
    this.#lines?.recolour(colours);
  }

  /** Lays everything out anew: the only thing that moves nodes that are there. */
  reset(): void {
    if (this.#map === undefined) return;
    this.#placement.reset(this.#map.nodes, this.#map.edges, this.#direction());
    this.#cy.batch(() => {
      for (const { id } of this.#map?.nodes ?? []) {
        const place = this.#placement.get(id);
        if (place !== undefined) this.#cy.getElementById(id).position(place);
      }
      drawFrames(this.#cy);
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
    if (chosen === undefined) {
      this.#mark(undefined);
      return;
    }
    const touched = (this.#map?.edges ?? []).filter((edge) =>
      chosen.kind === 'edge' ? edgeKey(edge) === chosen.id : edge.from === chosen.id || edge.to === chosen.id,
    );
    // What is not there, as of a link to another time, dims nothing.
    if (touched.length === 0 && !this.#map?.nodes.some(({ id }) => id === chosen.id)) {
      this.#mark(undefined);
      return;
    }
    this.#mark({
      nodes: new Set([chosen.id, ...touched.flatMap(({ from, to }) => [from, to])]),
      edges: new Set(touched.map(edgeKey)),
      chosen: chosen.id,
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
    this.#mark(ids && { nodes: ids, edges: new Set(), chosen: undefined });
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
      lines: (this.#map?.edges ?? []).map((edge) => {
        const { width, tone, red, dashed, label } = this.#look(edge);
        return {
          ...{ from: edge.from, to: edge.to, width, colour: red > 0 ? 'bad' : tone, dashed },
          label: this.#lines === undefined ? label : '',
        };
      }),
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

  #mark(marks: Marks | undefined): void {
    if (marks === undefined && this.#marks === undefined) return;
    this.#marks = marks;
    this.#lines?.mark(marks && { near: marks.edges, chosen: marks.chosen });
    this.#cy.batch(() => {
      this.#cy.elements().removeClass('chosen near faded');
      if (marks === undefined) return;
      for (const element of this.#cy.elements()) {
        const id = element.id();
        const isNear = marks.nodes.has(id) || marks.edges.has(id);
        if (isNear || !element.hasClass('frame')) element.addClass(isNear ? 'near' : 'faded');
        if (id === marks.chosen) element.addClass('chosen');
      }
    });
  }

  /** Where a node stands now, also while it is dragged. */
  #placeOf(id: string): Point | undefined {
    const node = this.#cy.getElementById(id);
    return node.empty() ? undefined : node.position();
  }

  #direction(): Direction {
    return this.#container.clientWidth < this.#container.clientHeight ? 'down' : 'right';
  }

  #create(large: boolean): cytoscape.Core {
    const colours = readColours(this.#container);
    this.#ground = colours.bg;
    const cy = cytoscape({
      container: this.#container,
      style: graphStyle(colours),
      layout: { name: 'preset' },
      minZoom: 0.03,
      maxZoom: 3,
      selectionType: 'single',
      boxSelectionEnabled: false,
      textureOnViewport: large,
      ...(large ? { pixelRatio: 1 } : {}),
    });
    const lines = large ? new CallLines(cy, colours, (id) => this.#placeOf(id)) : undefined;
    this.#lines = lines;
    cy.on('tap', 'node', (event) => this.#onchoose({ kind: 'node', id: event.target.id() }));
    cy.on('tap', 'edge', (event) => this.#onchoose({ kind: 'edge', id: event.target.id() }));
    cy.on('tap', (event) => {
      if (event.target !== cy) return;
      const line = lines?.at(event.position);
      this.#onchoose(line === undefined ? undefined : { kind: 'edge', id: line });
    });
    cy.on('mouseover', 'node, edge', () => this.#container.classList.add('over'));
    cy.on('mouseout', 'node, edge', () => this.#container.classList.remove('over'));
    cy.on('dragpan scrollzoom pinchzoom', () => {
      this.#touched = true;
    });
    cy.on('dragfree', 'node', (event) => {
      this.#touched = true;
      this.#placement.move(event.target.id(), { ...event.target.position() });
      cy.batch(() => drawFrames(this.#cy));
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
      else if (Object.entries(one.data).some(([name, value]) => there.data(name) !== value))
        there.data(one.data);
    }
    this.#cy.add(fresh);
    return fresh.some((one) => one.group === 'nodes') || gone.nodes().nonempty();
  }
}

function edgeElement(edge: MapEdge, look: EdgeLook): cytoscape.ElementDefinition {
  return { group: 'edges', data: { id: edgeKey(edge), source: edge.from, target: edge.to, ...look } };
}

function callLine(edge: MapEdge, { width, tone, red, dashed }: EdgeLook): CallLine {
  return {
    ...{ id: edgeKey(edge), from: edge.from, to: edge.to, width, dashed },
    colour: red > 0 ? 'bad' : tone,
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
