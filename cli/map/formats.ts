/** A map, or what is new in one, as text for people and for programs. */

import { type TextMap, toDot, toMermaid } from '../../flow/map-text.ts';
import { table } from '../output/table.ts';
import type { Colors } from '../output/terminal.ts';
import { count, milliseconds } from '../output/units.ts';
import { visibleLine } from '../output/visible.ts';
import { errorShare, type MapDiff, type SnapshotLine } from './snapshot.ts';
import type { TrafficMap } from './traffic-map.ts';

export type MapFormat = 'table' | 'json' | 'dot' | 'mermaid';

export function formatMap(map: TrafficMap, format: MapFormat, colors: Colors): string {
  if (format === 'json') return `${JSON.stringify(map, null, 2)}\n`;
  if (format === 'dot') return toDot(textMap(map));
  if (format === 'mermaid') return toMermaid(textMap(map));
  const rows = map.edges.map(({ from, to, requests, errors, p50, p95, endpoints }) => [
    ...[from, to, count(requests), errorShare({ requests, errors }), time(p50), time(p95)],
    count(endpoints.length),
  ]);
  return `${table(['FROM', 'TO', 'REQUESTS', 'ERRORS', 'P50', 'P95', 'ENDPOINTS'], rows, colors)}\n`;
}

function textMap({ nodes, edges }: TrafficMap): TextMap {
  return {
    nodes,
    edges: edges.map(({ from, to, requests, errors, p95 }) => {
      const lines = [requests === 1 ? '1 request' : `${count(requests)} requests`];
      if (errors > 0) lines.push(`${errorShare({ requests, errors })} errors`);
      if (p95 !== null) lines.push(`p95 ${milliseconds(p95)}`);
      return { from, to, label: lines.join('\n'), failing: errors > 0 };
    }),
  };
}

function time(ms: number | null): string {
  return ms === null ? '-' : milliseconds(ms);
}

/** In sections, the news first; `nothing new` where there is none. */
export function formatDiff(diff: MapDiff, colors: Colors): string {
  const sections = [
    section('New edges', diff.newEdges.map(edge), colors.yellow),
    section('New endpoints', diff.newEndpoints.map(endpoint), colors.yellow),
    section(
      'More errors',
      diff.moreErrors.map((line) => `${endpoint(line)}  ${line.before} → ${line.errors}`),
      colors.red,
    ),
    section('Not seen this time', diff.gone.map(endpoint), colors.dim),
  ];
  const text = sections.filter((part) => part !== '').join('\n');
  return text === '' ? 'Nothing new, and nothing gone.\n' : text;
}

function section(title: string, lines: readonly string[], color: (text: string) => string): string {
  if (lines.length === 0) return '';
  return `${title}:\n${lines.map((line) => `  ${color(visibleLine(line))}\n`).join('')}`;
}

function edge({ from, to }: { from: string; to: string }): string {
  return `${from} → ${to}`;
}

function endpoint(line: SnapshotLine): string {
  return `${edge(line)}  ${line.method} ${line.path}`;
}
