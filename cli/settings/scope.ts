/** Where a setting has a meaning: a flag given elsewhere is a usage error, and the reference says it. */

import type { Output } from './table.ts';

/** Where the traffic comes from. */
export type SourceKind = 'local' | 'files' | 'cluster';

export interface Scope {
  /** Ends "Only ". */
  readonly text: string;
  holds(source: SourceKind, output: Output): boolean;
}

const onCluster = (source: SourceKind) => source === 'cluster';
const withPage = (_: SourceKind, output: Output) => output === 'ui';

export const SCOPES = {
  page: { text: 'with `-o ui`', holds: withPage },
  /** A hub on this machine keeps flows only for its page. */
  disk: {
    text: 'with `-o ui`, not on a cluster',
    holds: (source, output) => withPage(source, output) && !onCluster(source),
  },
  store: {
    text: 'with `-o ui` or on a cluster',
    holds: (source, output) => withPage(source, output) || onCluster(source),
  },
  local: { text: 'with `--local`', holds: (source) => source === 'local' },
  capture: { text: 'with `--local` or on a cluster', holds: (source) => source !== 'files' },
  cluster: { text: 'on a cluster', holds: onCluster },
} as const satisfies Record<string, Scope>;

export type ScopeName = keyof typeof SCOPES;
