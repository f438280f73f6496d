import type cytoscape from 'cytoscape';
import type { LineTone } from '../../../flow/map/map-svg.ts';
import type { Colours } from './colours.ts';
import { RED_STEPS } from './edge-look.ts';

/** Node size without label lines beyond the two it has, px. */
export const NODE_WIDTH = 150;
export const NODE_HEIGHT = 50;

const TONES: readonly LineTone[] = ['ok', 'warn', 'bad', 'line-strong'];

/** How the map is drawn. The lines of a large one are not drawn by it (CallLines). */
export function graphStyle(colours: Colours): cytoscape.StylesheetJson {
  return [
    {
      selector: 'node',
      style: {
        shape: 'round-rectangle',
        width: NODE_WIDTH,
        height: NODE_HEIGHT,
        'background-color': colours.raised,
        'border-width': 1.5,
        'border-color': colours['line-strong'],
        label: 'data(label)',
        color: colours.text,
        'font-family': 'Roboto, Ubuntu, "Helvetica Neue", Arial, sans-serif',
        'font-size': 15,
        'line-height': 1.3,
        'text-wrap': 'wrap',
        'text-valign': 'center',
        'text-halign': 'center',
        'min-zoomed-font-size': 6,
        'z-index-compare': 'manual',
        'z-index': 3,
      },
    },
    { selector: 'node[kind = "external"]', style: { shape: 'cut-rectangle' } },
    { selector: 'node[kind = "address"]', style: { 'border-style': 'dashed' } },
    { selector: 'node[kind = "service"]', style: { shape: 'round-hexagon' } },
    { selector: 'node[kind = "node"]', style: { shape: 'rectangle' } },
    {
      selector: 'node[?failing]',
      style: { 'border-color': colours.bad, 'border-width': 2, 'background-color': colours['bad-soft'] },
    },
    {
      selector: 'node.frame',
      style: {
        width: 'data(width)',
        height: 'data(height)',
        'background-color': colours['line-strong'],
        'background-opacity': 0.16,
        'border-width': 1,
        'border-color': colours['line-strong'],
        'border-opacity': 0.6,
        'border-style': 'solid',
        'text-valign': 'top',
        'text-halign': 'center',
        'text-margin-y': 23,
        'font-size': 15,
        'font-weight': 600,
        color: colours['text-2'],
        events: 'no',
        'z-index': 0,
      },
    },
    {
      selector: 'edge',
      style: {
        width: 'data(width)',
        'line-color': colours['accent-line'],
        'curve-style': 'bezier',
        'target-arrow-shape': 'triangle',
        'target-arrow-color': colours['accent-line'],
        'arrow-scale': 0.9,
        label: 'data(label)',
        'font-size': 12.5,
        'line-height': 1.2,
        'text-wrap': 'wrap',
        color: colours['text-2'],
        'text-background-color': colours.bg,
        'text-background-opacity': 0.8,
        'text-background-padding': '1px',
        'text-background-shape': 'roundrectangle',
        'min-zoomed-font-size': 6,
        'z-index-compare': 'manual',
        'z-index': 1,
      },
    },
    ...TONES.map((tone) => ({
      selector: `edge[tone = "${tone}"]`,
      style: { 'line-color': colours[tone], 'target-arrow-color': colours[tone] },
    })),
    { selector: 'edge[?dashed]', style: { 'line-style': 'dashed' as const } },
    ...RED_STEPS.map((red) => ({
      selector: `edge[red = ${red}]`,
      style: {
        'line-fill': 'linear-gradient' as const,
        'line-gradient-stop-colors': [
          colours['accent-line'],
          colours['accent-line'],
          colours.bad,
          colours.bad,
        ],
        'line-gradient-stop-positions': [0, 100 - red, 100 - red, 100],
        'target-arrow-color': colours.bad,
      },
    })),
    { selector: '.faded', style: { opacity: 0.14 } },
    { selector: 'node.near', style: { 'border-color': colours.accent } },
    { selector: 'edge.near', style: { opacity: 1, 'z-index': 2 } },
    {
      selector: 'node.chosen',
      style: {
        'border-color': colours.accent,
        'border-width': 3,
        'background-color': colours['accent-soft'],
      },
    },
    {
      selector: 'edge.chosen',
      style: { 'line-color': colours.accent, 'line-fill': 'solid', 'target-arrow-color': colours.accent },
    },
  ];
}
