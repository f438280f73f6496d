import type cytoscape from 'cytoscape';
import type { Point } from '../../../flow/map/layout.ts';
import type { Colours } from './colours.ts';

export interface CallLine {
  id: string;
  from: string;
  to: string;
  /** px at zoom 1. */
  width: number;
  colour: keyof Colours;
  dashed: boolean;
}

/** Which lines are brought out; all others are dimmed. */
export interface LineMarks {
  near: ReadonlySet<string>;
  chosen: string | undefined;
}

/** The lines are drawn anew when the view has stood still for so long; until then the drawing is moved as it is. */
const SETTLED_MS = 90;
/** How near a line the pointer must be, px. */
const REACH = 5;
/** No line is thinner on the screen, px. */
const HAIRLINE = 0.5;
const OPACITY = { plain: 0.55, near: 1, faded: 0.08 };

/**
 * The calls of a large map: straight lines on one canvas behind the nodes. Thousands of edges of their own would each be
 * styled, measured and cached by cytoscape, which takes seconds; these take one loop.
 */
export class CallLines {
  #cy: cytoscape.Core;
  #canvas = document.createElement('canvas');
  #place: (id: string) => Point | undefined;
  #colours: Colours;
  #lines: readonly CallLine[] = [];
  #marks: LineMarks | undefined;
  #drawn = { zoom: 1, x: 0, y: 0 };
  #frame = 0;
  #settle: ReturnType<typeof setTimeout> | undefined;

  constructor(cy: cytoscape.Core, colours: Colours, place: (id: string) => Point | undefined) {
    this.#cy = cy;
    this.#colours = colours;
    this.#place = place;
    Object.assign(this.#canvas.style, { position: 'absolute', inset: '0', transformOrigin: '0 0' });
    cy.container()?.prepend(this.#canvas);
    cy.on('viewport', () => this.#follow());
    cy.on('resize', () => this.redraw());
    cy.on('drag', 'node', () => this.redraw());
  }

  destroy(): void {
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#settle);
    this.#canvas.remove();
  }

  set(lines: readonly CallLine[]): void {
    // Lines of one look together: to change what a canvas draws with costs more than to draw.
    this.#lines = lines.toSorted((a, b) =>
      a.colour < b.colour ? -1 : a.colour > b.colour ? 1 : a.width - b.width,
    );
    this.redraw();
  }

  recolour(colours: Colours): void {
    this.#colours = colours;
    this.redraw();
  }

  mark(marks: LineMarks | undefined): void {
    this.#marks = marks;
    this.redraw();
  }

  /** The line at a place of the map, if there is one. */
  at({ x, y }: Point): string | undefined {
    let nearest = REACH / this.#cy.zoom();
    let found: string | undefined;
    for (const line of this.#lines) {
      const from = this.#place(line.from);
      const to = this.#place(line.to);
      if (from === undefined || to === undefined) continue;
      const away = distance(x, y, from, to) - line.width / 2;
      if (away < nearest) [nearest, found] = [away, line.id];
    }
    return found;
  }

  /** At the next frame, however often it is asked for until then. */
  redraw(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#draw());
  }

  #follow(): void {
    const { x, y } = this.#cy.pan();
    const scale = this.#cy.zoom() / this.#drawn.zoom;
    const [left, top] = [x - this.#drawn.x * scale, y - this.#drawn.y * scale];
    this.#canvas.style.transform = `translate(${left}px,${top}px) scale(${scale})`;
    clearTimeout(this.#settle);
    this.#settle = setTimeout(() => this.redraw(), SETTLED_MS);
  }

  #draw(): void {
    this.#frame = 0;
    clearTimeout(this.#settle);
    const [width, height, zoom, pan] = [this.#cy.width(), this.#cy.height(), this.#cy.zoom(), this.#cy.pan()];
    if (this.#canvas.width !== width) this.#canvas.width = width;
    if (this.#canvas.height !== height) this.#canvas.height = height;
    this.#canvas.style.transform = '';
    this.#drawn = { zoom, ...pan };
    const context = this.#canvas.getContext('2d');
    if (context === null) return;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
    context.setTransform(zoom, 0, 0, zoom, pan.x, pan.y);
    const marks = this.#marks;
    if (marks === undefined) {
      this.#stroke(context, this.#lines, OPACITY.plain);
      return;
    }
    this.#stroke(
      context,
      this.#lines.filter(({ id }) => !marks.near.has(id)),
      OPACITY.faded,
    );
    this.#stroke(
      context,
      this.#lines.filter(({ id }) => marks.near.has(id)),
      OPACITY.near,
    );
  }

  #stroke(context: CanvasRenderingContext2D, lines: readonly CallLine[], opacity: number): void {
    context.globalAlpha = opacity;
    const hairline = HAIRLINE / this.#cy.zoom();
    let [colour, width] = ['', -1];
    for (const line of lines) {
      const from = this.#place(line.from);
      const to = this.#place(line.to);
      if (from === undefined || to === undefined) continue;
      const wanted = line.id === this.#marks?.chosen ? this.#colours.accent : this.#colours[line.colour];
      if (wanted !== colour) {
        colour = wanted;
        context.strokeStyle = wanted;
      }
      if (line.width !== width) {
        width = line.width;
        context.lineWidth = Math.max(hairline, width);
      }
      context.setLineDash(line.dashed ? [8 * hairline, 8 * hairline] : []);
      context.beginPath();
      context.moveTo(from.x, from.y);
      context.lineTo(to.x, to.y);
      context.stroke();
    }
  }
}

/** From a point to the nearest one of a stretch. */
function distance(x: number, y: number, a: Point, b: Point): number {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - a.x) * dx + (y - a.y) * dy) / length));
  return Math.hypot(x - a.x - along * dx, y - a.y - along * dy);
}
