import type { MapEdge, MapNode } from '../../../flow/api.ts';
import { duration, percent, rate, short } from '../lib/format.ts';
import { visible } from '../lib/text.ts';

/** Longest name on the map; the panel has the whole one. */
const NAME_LIMIT = 19;

/** Share of 0 to 1; 0 where nothing was served. */
export function errorShare({ errors }: { errors: number }, of: number): number {
  return of > 0 ? Math.min(1, errors / of) : 0;
}

/** Errors are told in words too: the colour is not the only sign. */
export function nodeLabel(node: MapNode, seconds: number): string {
  const count = node.served > 0 ? node.served : node.sent;
  const parts = [pace(count, count / Math.max(1, seconds))];
  if (node.errors > 0) parts.push(`▲ ${percent(errorShare(node, node.served))}`);
  return `${visible(node.name, NAME_LIMIT)}\n${parts.join('  ')}`;
}

/** Over a long range, as of a capture file, a rate says nothing: then the number does. */
function pace(count: number, perSecond: number): string {
  return count > 0 && perSecond < 0.01 ? `${short(count)} in all` : rate(perSecond);
}

/** Short lines, that they fit between two nodes. */
export function edgeLabel(edge: MapEdge): string {
  const lines = [pace(edge.count, edge.rate)];
  if (edge.errors > 0) lines[0] += `  ▲ ${percent(errorShare(edge, edge.count))}`;
  if (edge.p95 !== null) lines.push(`p95 ${duration(edge.p95)}`);
  return lines.join('\n');
}

/** Of the bytes that went over an edge, the share that was captured; 1 where nothing is known to be missing. */
export function coverage({ bytes, lostBytes }: Pick<MapEdge, 'bytes' | 'lostBytes'>): number {
  return lostBytes === 0 ? 1 : Math.max(0, 1 - lostBytes / Math.max(bytes, lostBytes));
}

/** A share that is not all never reads as all. */
export function coverageText(edge: Pick<MapEdge, 'bytes' | 'lostBytes'>): string {
  const share = coverage(edge);
  if (share === 1) return '100%';
  return share > 0.999 ? '>99.9%' : `${Math.floor(share * 1000) / 10}%`;
}

export const KIND_WORDS: Record<MapNode['kind'], string> = {
  workload: 'Workload',
  service: 'Service',
  pod: 'Pod',
  namespace: 'Namespace',
  node: 'Node of the cluster',
  external: 'Outside the cluster',
  address: 'Address without a name',
};
