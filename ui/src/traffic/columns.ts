/** The columns of the traffic list: how wide, and which go first when there is no room for all. */

export type ColumnId =
  | 'time'
  | 'protocol'
  | 'source'
  | 'destination'
  | 'method'
  | 'path'
  | 'status'
  | 'size'
  | 'elapsed';

export interface Column {
  id: ColumnId;
  label: string;
  width: number;
  /** The lowest goes first; the highest never goes. */
  priority: number;
  align?: 'end';
}

export const COLUMNS: readonly Column[] = [
  { id: 'time', label: 'Time', width: 108, priority: 7 },
  { id: 'protocol', label: 'Protocol', width: 66, priority: 1 },
  { id: 'source', label: 'Source', width: 136, priority: 4 },
  { id: 'destination', label: 'Destination', width: 136, priority: 5 },
  { id: 'method', label: 'Method', width: 72, priority: 8 },
  { id: 'path', label: 'Path', width: 260, priority: 9 },
  { id: 'status', label: 'Status', width: 66, priority: 10 },
  { id: 'size', label: 'Size', width: 68, priority: 2, align: 'end' },
  { id: 'elapsed', label: 'Elapsed', width: 78, priority: 6, align: 'end' },
];

export const MIN_WIDTH = 40;
export const MAX_WIDTH = 800;
/** Narrower than this a row takes two lines and has no columns. */
export const COMPACT_BELOW = 620;

export interface Layout {
  /** What the user made of the widths. */
  widths: Partial<Record<ColumnId, number>>;
  hidden: ColumnId[];
}

/** The time column's width where the day has to be told as well. */
const DATED_WIDTH = 184;

/**
 * The columns that fit `room` px: the hidden ones left out, then the least important until the rest fits.
 * `dated`: times are not all of today.
 */
export function fitting(layout: Layout, room: number, dated = false): Column[] {
  const wanted = COLUMNS.filter((column) => !layout.hidden.includes(column.id)).map((column) => ({
    ...column,
    width: layout.widths[column.id] ?? (dated && column.id === 'time' ? DATED_WIDTH : column.width),
  }));
  let total = wanted.reduce((sum, column) => sum + column.width, 0);
  const gone = new Set<ColumnId>();
  for (const column of [...wanted].sort((a, b) => a.priority - b.priority)) {
    if (total <= room || wanted.length - gone.size <= 1) break;
    gone.add(column.id);
    total -= column.width;
  }
  return wanted.filter((column) => !gone.has(column.id));
}

/** `grid-template-columns`: the path takes what is left, or the last column where there is no path. */
export function template(columns: readonly Column[]): string {
  const stretch = columns.find((column) => column.id === 'path') ?? columns.at(-1);
  return columns
    .map((column) => (column === stretch ? `minmax(${column.width}px, 1fr)` : `${column.width}px`))
    .join(' ');
}

/** Columns as the page's address names them: `none`, or their ids with commas; undefined: it names none. */
export function parseHidden(text: string): ColumnId[] | undefined {
  if (text === '') return undefined;
  const named = text.split(',');
  const hidden = COLUMNS.map(({ id }) => id).filter((id) => named.includes(id));
  return hidden.length === COLUMNS.length ? undefined : hidden;
}

/** A layout as it was stored by this or another version of the page. */
export function parseLayout(text: string | null): Layout {
  const layout: Layout = { widths: {}, hidden: [] };
  let value: unknown;
  try {
    value = JSON.parse(text ?? '');
  } catch {
    return layout;
  }
  if (typeof value !== 'object' || value === null) return layout;
  const { widths, hidden } = value as { widths?: unknown; hidden?: unknown };
  for (const { id } of COLUMNS) {
    const width = (widths as Record<string, unknown> | undefined)?.[id];
    if (typeof width === 'number' && width >= MIN_WIDTH && width <= MAX_WIDTH) layout.widths[id] = width;
    if (Array.isArray(hidden) && hidden.includes(id)) layout.hidden.push(id);
  }
  if (layout.hidden.length === COLUMNS.length) layout.hidden = [];
  return layout;
}
