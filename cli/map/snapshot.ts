/**
 * A map as a file that can be kept beside the code: sorted lines, and nothing in them that differs from run to run without a
 * reason. One line an endpoint, its parts parted by tabs: from, to, method, path template, share of errors.
 */

import { failsMore, pair } from '../../flow/map-diff.ts';
import { CliError } from '../errors.ts';
import { compare, type Figures, type TrafficMap } from './traffic-map.ts';

export interface SnapshotLine {
  from: string;
  to: string;
  method: string;
  path: string;
  /** `0%`, `<1%`, `7%`. */
  errors: string;
}

const TITLE = '# remora map, version 1';
const LEGEND = '# from\tto\tmethod\tpath\terrors';
export function snapshotLines({ edges }: TrafficMap): SnapshotLine[] {
  return edges.flatMap(({ from, to, endpoints }) =>
    endpoints.map(({ method, path, ...figures }) => ({
      from,
      to,
      method,
      path,
      errors: errorShare(figures),
    })),
  );
}

export function formatSnapshot(map: TrafficMap): string {
  const lines = snapshotLines(map).map(({ from, to, method, path, errors }) =>
    [from, to, method, path, errors].map(escaped).join('\t'),
  );
  return `${[TITLE, LEGEND, ...lines].join('\n')}\n`;
}

/** Throws CliError SNAPSHOT, with the number of the line that is not one. */
export function parseSnapshot(text: string, file: string): SnapshotLine[] {
  const [title, ...lines] = text.split(/\r?\n/);
  if (title !== TITLE) {
    throw new CliError('SNAPSHOT', `${file}: it does not begin with "${TITLE}"`, {
      remedy: 'Make one with `remora map --snapshot FILE`.',
    });
  }
  return lines.flatMap((line, at) => {
    if (line === '' || line.startsWith('#')) return [];
    const parts = line.split('\t').map(unescaped);
    const [from, to, method, path, errors] = parts;
    if (
      parts.length !== 5 ||
      !from ||
      !to ||
      !method ||
      path === undefined ||
      !/^<?\d+%$/.test(errors ?? '')
    ) {
      throw new CliError(
        'SNAPSHOT',
        `${file}:${at + 2}: this is not "from, to, method, path, errors", parted by tabs`,
        {
          remedy: 'Make the file anew with `remora map --snapshot FILE`.',
        },
      );
    }
    return [{ from, to, method, path, errors: errors! }];
  });
}

export interface MapDiff {
  newEdges: { from: string; to: string }[];
  /** On edges that were there before. */
  newEndpoints: SnapshotLine[];
  moreErrors: (SnapshotLine & { before: string })[];
  /** What was there before and is not now: told, but no failure: it may just not have been called. */
  gone: SnapshotLine[];
}

export function diffSnapshots(before: readonly SnapshotLine[], now: readonly SnapshotLine[]): MapDiff {
  const { added, gone, kept } = pair(before, now, keyOf);
  const knownEdges = new Set(before.map(edgeOf));
  const [onKnown, onNew] = [
    added.filter((line) => knownEdges.has(edgeOf(line))),
    added.filter((line) => !knownEdges.has(edgeOf(line))),
  ];
  return {
    newEdges: [...new Map(onNew.map((line) => [edgeOf(line), { from: line.from, to: line.to }])).values()],
    newEndpoints: onKnown,
    moreErrors: kept.flatMap(([old, line]) =>
      failsMore(pointsOf(old.errors), pointsOf(line.errors)) ? [{ ...line, before: old.errors }] : [],
    ),
    gone: gone.sort((a, b) => compare(keyOf(a), keyOf(b))),
  };
}

/** Whether there is something that was not there before. */
export function isNews({ newEdges, newEndpoints, moreErrors }: MapDiff): boolean {
  return newEdges.length + newEndpoints.length + moreErrors.length > 0;
}

/** In whole percent; none is never rounded to some, nor some to none, nor most to all. */
export function errorShare({ requests, errors }: Pick<Figures, 'requests' | 'errors'>): string {
  if (errors === 0) return '0%';
  const share = (errors / requests) * 100;
  if (share < 1) return '<1%';
  return `${share < 100 ? Math.min(99, Math.round(share)) : 100}%`;
}

function pointsOf(share: string): number {
  return share.startsWith('<') ? 0.5 : Number.parseInt(share, 10);
}

function edgeOf({ from, to }: { from: string; to: string }): string {
  return `${from}\t${to}`;
}

function keyOf({ from, to, method, path }: SnapshotLine): string {
  return [from, to, path, method].join('\t');
}

/** Names and paths are captured text: they must not look like another line or part, nor hide anything. */
function escaped(text: string): string {
  return text.replace(/[\\\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|^#/gu, (character) => {
    let codes = '';
    for (let i = 0; i < character.length; i++) {
      codes += `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`;
    }
    return codes;
  });
}

function unescaped(text: string): string {
  return text.replace(/\\u([0-9a-f]{4})/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
}
