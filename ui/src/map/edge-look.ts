import type { MapEdge } from '../../../flow/api.ts';
import type { LineTone } from '../../../flow/map/map-svg.ts';
import type { ComparedEdge, EdgeChange } from '../../../flow/map-diff.ts';
import { duration, percent } from '../lib/format.ts';
import { edgeLabel, errorShare } from './labels.ts';

/** What the thickness and the colour of lines say. */
export interface Look {
  thickness: 'rate' | 'bytes' | 'errors';
  colour: 'errors' | 'latency';
}

export interface EdgeLook {
  /** px */
  width: number;
  tone: LineTone;
  /** Percent of its length that is red, one of RED_STEPS; 0: none. */
  red: number;
  dashed: boolean;
  label: string;
}

/** Percent of an edge's length that is red. A gradient cannot be taken from an element's data, so there are steps. */
export const RED_STEPS = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100];

/** By p95, ms: up to the first bound quick, up to the second slow, then very slow. */
export const LATENCY_STEPS: readonly [number, number] = [100, 500];

export const CHANGE_WORDS: Record<EdgeChange, string> = {
  new: 'new',
  gone: 'gone',
  failing: 'more errors',
  slower: 'slower',
  same: 'as before',
};
const CHANGE_TONES: Record<EdgeChange, LineTone> = {
  new: 'ok',
  gone: 'line-strong',
  failing: 'bad',
  slower: 'warn',
  same: 'line-strong',
};

/** `compared` where two ranges are compared: then lines are coloured by what changed. */
export function edgeLook(edge: MapEdge, look: Look, compared?: ComparedEdge): EdgeLook {
  const width = edgeWidth(edge, look.thickness);
  if (compared !== undefined) {
    const { change } = compared;
    return {
      width: change === 'same' ? width : Math.max(2.5, width),
      tone: CHANGE_TONES[change],
      red: 0,
      dashed: change === 'gone',
      label: changeLabel(edge, compared),
    };
  }
  const share = errorShare(edge, edge.count) * 100;
  const red = share === 0 || look.colour !== 'errors' ? 0 : (RED_STEPS.find((step) => share <= step) ?? 100);
  return {
    width,
    tone: look.colour === 'latency' ? latencyTone(edge) : 'accent-line',
    red,
    dashed: false,
    label: edgeLabel(edge),
  };
}

/** px: thicker by the logarithm, so that one busy edge does not make hairlines of all others. */
function edgeWidth(edge: MapEdge, by: Look['thickness']): number {
  const amount = { rate: edge.rate, bytes: edge.bytes / 10_000, errors: edge.errors }[by];
  return Math.round(Math.min(8, 1.4 + Math.log2(1 + amount) * 0.8) * 10) / 10;
}

function latencyTone({ p95 }: MapEdge): LineTone {
  if (p95 === null) return 'line-strong';
  if (p95 <= LATENCY_STEPS[0]) return 'ok';
  return p95 <= LATENCY_STEPS[1] ? 'warn' : 'bad';
}

function changeLabel(edge: MapEdge, { change, before }: ComparedEdge): string {
  if (change === 'gone') return 'gone';
  if (change === 'new') return `new\n${edgeLabel(edge).split('\n')[0]}`;
  if (change === 'failing') {
    const old = before === undefined ? 0 : errorShare(before, before.count);
    return `▲ ${percent(old)} → ${percent(errorShare(edge, edge.count))}`;
  }
  if (change === 'slower') return `p95 ${duration(before?.p95)}\n→ ${duration(edge.p95)}`;
  return '';
}
