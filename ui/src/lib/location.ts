/** What of the page's state stands in its address, so that a reload or a link shows the same. */
export interface PageState {
  view: View;
  /** CEL. */
  filter: string;
  /** Id of the flow that is open; empty: none. */
  flow: string;
  /** Ids of flows that are selected, with commas. */
  selected: string;
  /** Id of the flow that others are compared with; empty: none. */
  compare: string;
  /** Tab of the detail pane. */
  tab: string;
  /** RFC 3339, or back from now (`-15m`). Without `to` what comes is shown live. */
  from: string;
  to: string;
  /** `yes`: what comes waits. */
  paused: string;
  /** Columns that are not shown; empty: as they were last on this machine. */
  hidden: string;
  /** Range of the map, where `from` and `to` are empty. */
  range: string;
  /** What the nodes of the map are (MapLevel); empty: workloads. */
  level: string;
  /** What the map is compared with (map/ranges.ts); empty: nothing. */
  against: string;
  /** What lines of the map say (map/edge-look.ts); empty: as by default. */
  thickness: string;
  colour: string;
  /** What is left out of the map (map/noise.ts), parted by commas. */
  hide: string;
  /** What is looked for on the map (map/find.ts). */
  find: string;
  /** `only` or `hidden`: what is done with what was found; empty: it is highlighted. */
  found: string;
  /** `table`: the map is not drawn. */
  as: string;
  /** The step of the map's replay, RFC 3339; empty: no replay. */
  at: string;
  /** What the map's panel is about (map/chosen.ts); empty: there is none. */
  chosen: string;
  /** `shown`: the statistics of the selection. */
  statistics: string;
  /** `list`, or the id of one: the refused connections of the selection. */
  refused: string;
}

export const VIEWS = ['traffic', 'map', 'health'] as const;
export type View = (typeof VIEWS)[number];

export const DEFAULT_STATE: PageState = {
  view: 'traffic',
  filter: '',
  flow: '',
  selected: '',
  compare: '',
  tab: '',
  from: '',
  to: '',
  paused: '',
  hidden: '',
  range: '',
  level: '',
  against: '',
  thickness: '',
  colour: '',
  hide: '',
  find: '',
  found: '',
  as: '',
  at: '',
  chosen: '',
  statistics: '',
  refused: '',
};

/** A filter longer than this does not fit in an address that every proxy takes. */
const VALUE_LIMIT = 4_000;

export function readState(search: string): PageState {
  const params = new URLSearchParams(search);
  const text = (name: string): string => (params.get(name) ?? '').slice(0, VALUE_LIMIT);
  const view = params.get('view');
  return {
    view: VIEWS.find((known) => known === view) ?? DEFAULT_STATE.view,
    filter: text('filter'),
    flow: text('flow'),
    selected: text('selected'),
    compare: text('compare'),
    tab: text('tab'),
    from: text('from'),
    to: text('to'),
    paused: text('paused'),
    hidden: text('hidden'),
    range: text('range'),
    level: text('level'),
    against: text('against'),
    thickness: text('thickness'),
    colour: text('colour'),
    hide: text('hide'),
    find: text('find'),
    found: text('found'),
    as: text('as'),
    at: text('at'),
    chosen: text('chosen'),
    statistics: text('statistics'),
    refused: text('refused'),
  };
}

/** The query of an address, with its `?`; empty where all is as by default. Unknown parameters (a token!) are left out. */
export function writeState(state: PageState): string {
  const params = new URLSearchParams();
  for (const name of Object.keys(DEFAULT_STATE) as (keyof PageState)[]) {
    if (state[name] !== DEFAULT_STATE[name] && state[name].length <= VALUE_LIMIT)
      params.set(name, state[name]);
  }
  const query = params.toString();
  return query === '' ? '' : `?${query}`;
}
