/** CSS colours by what they are for: the design tokens of the page have these names. */
export type MapColours = Record<'bg' | 'raised' | 'text' | 'text-2' | 'bad-soft' | LineTone, string>;

/** What lines are drawn in. */
export type LineTone = 'accent-line' | 'ok' | 'warn' | 'bad' | 'line-strong';

/** What stands where on the map, px. */
export interface Drawing {
  colours: MapColours;
  /** Places are of their middle. */
  boxes: readonly Box[];
  lines: readonly Line[];
}

export interface Box {
  id: string;
  x: number;
  y: number;
  width: number;
  height: number;
  label: string;
  failing: boolean;
  /** Of a namespace: stands behind the others. */
  isFrame: boolean;
}

export interface Line {
  from: string;
  to: string;
  label: string;
  width: number;
  colour: LineTone;
  dashed: boolean;
}

const MARGIN = 30;
const LINE_HEIGHT = 18;
/** How far beside the middle a line runs, so that the one back does not lie on it. */
const ASIDE = 7;

/** The map as a picture that scales: an SVG document with no script, no style sheet and nothing from elsewhere. */
export function mapSvg({ colours, boxes, lines }: Drawing): string {
  const left = Math.min(...boxes.map(({ x, width }) => x - width / 2)) - MARGIN;
  const top = Math.min(...boxes.map(({ y, height }) => y - height / 2)) - MARGIN;
  const width = Math.max(...boxes.map((box) => box.x + box.width / 2)) + MARGIN - left;
  const height = Math.max(...boxes.map((box) => box.y + box.height / 2)) + MARGIN - top;
  const places = new Map(boxes.map((box) => [box.id, box]));
  const drawn = [
    ...boxes.filter(({ isFrame }) => isFrame).map((box) => frame(box, colours)),
    ...lines.map((line) => arrow(line, places, colours)),
    ...boxes.filter(({ isFrame }) => !isFrame).map((box) => node(box, colours)),
  ];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${[left, top, width, height].map(round).join(' ')}" ` +
      `width="${round(width)}" height="${round(height)}" font-family="sans-serif" text-anchor="middle">`,
    rectangle({ x: left + width / 2, y: top + height / 2, width, height }, `fill="${colours.bg}"`),
    ...drawn,
    '</svg>\n',
  ].join('\n');
}

function frame(box: Box, colours: MapColours): string {
  const look = `rx="4" fill="${colours['line-strong']}" fill-opacity="0.16" stroke="${colours['line-strong']}"`;
  const title = text([box.label], box.x, box.y - box.height / 2 + 22, 15, colours['text-2']);
  return `${rectangle(box, look)}${title}`;
}

function node(box: Box, colours: MapColours): string {
  const [fill, stroke] = box.failing
    ? [colours['bad-soft'], colours.bad]
    : [colours.raised, colours['line-strong']];
  const look = `rx="8" fill="${fill}" stroke="${stroke}" stroke-width="1.5"`;
  const words = box.label.split('\n');
  return `${rectangle(box, look)}${text(words, box.x, middle(box.y, words.length), 15, colours.text)}`;
}

function arrow(line: Line, places: ReadonlyMap<string, Box>, colours: MapColours): string {
  const [a, b] = [places.get(line.from), places.get(line.to)];
  if (a === undefined || b === undefined) return '';
  const colour = colours[line.colour];
  const dashes = line.dashed ? ' stroke-dasharray="6 4"' : '';
  const words = line.label.split('\n');
  if (a === b) {
    const y = a.y - a.height / 2;
    const loop = `M${round(a.x - 20)} ${round(y)}c-10 -40 50 -40 40 0`;
    return (
      `<path d="${loop}" fill="none" stroke="${colour}" stroke-width="${line.width}"${dashes}/>` +
      text(words, a.x, y - 34, 12.5, colours['text-2'])
    );
  }
  const length = Math.hypot(b.x - a.x, b.y - a.y) || 1;
  const [ux, uy] = [(b.x - a.x) / length, (b.y - a.y) / length];
  const at = (box: Box, sign: number): [number, number] => {
    const reach = Math.min(box.width / 2 / Math.abs(ux || 1e-9), box.height / 2 / Math.abs(uy || 1e-9));
    return [box.x + sign * ux * reach - uy * ASIDE, box.y + sign * uy * reach + ux * ASIDE];
  };
  const [[x1, y1], [x2, y2]] = [at(a, 1), at(b, -1)];
  const head = 5 + line.width;
  const [bx, by] = [x2 - ux * head * 1.4, y2 - uy * head * 1.4];
  const tip = [
    x2,
    y2,
    bx - uy * head * 0.6,
    by + ux * head * 0.6,
    bx + uy * head * 0.6,
    by - ux * head * 0.6,
  ];
  return (
    `<path d="M${round(x1)} ${round(y1)}L${round(bx)} ${round(by)}" stroke="${colour}" stroke-width="${line.width}"${dashes}/>` +
    `<polygon points="${tip.map(round).join(' ')}" fill="${colour}"/>` +
    text(words, (x1 + x2) / 2, middle((y1 + y2) / 2, words.length), 12.5, colours['text-2'])
  );
}

function rectangle({ x, y, width, height }: Pick<Box, 'x' | 'y' | 'width' | 'height'>, look: string): string {
  const place = `x="${round(x - width / 2)}" y="${round(y - height / 2)}"`;
  return `<rect ${place} width="${round(width)}" height="${round(height)}" ${look}/>`;
}

/** The first base line of so many lines round a middle. */
function middle(y: number, lines: number): number {
  return y + 5 - ((lines - 1) * LINE_HEIGHT) / 2;
}

function text(words: readonly string[], x: number, y: number, size: number, colour: string): string {
  return words
    .map(
      (line, at) =>
        `<text x="${round(x)}" y="${round(y + at * LINE_HEIGHT)}" font-size="${size}" fill="${colour}">${escaped(line)}</text>`,
    )
    .join('');
}

/** Labels hold captured names: made of characters XML has, and none with a meaning in it. */
function escaped(label: string): string {
  return label
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\ufffe\uffff]/gu, '\ufffd')
    .replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

function round(px: number): number {
  return Math.round(px * 10) / 10;
}
