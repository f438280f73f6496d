import { shellQuote } from './shell.ts';

/** What `remora replay` is to do. */
export interface Replay {
  /** Which requests: the id of a flow, or a filter. */
  flow?: string;
  filter?: string;
  /** Addresses: of the hub that has them, and of the server they are sent to. */
  hub: string;
  to: string;
  /** Names of what was redacted in them (missingOf of request.ts). */
  missing: readonly string[];
  /** With the time between them that there was. */
  timing: boolean;
  /** Also to where they went at first. */
  toOriginal: boolean;
}

/**
 * The command line of `remora replay`, for a POSIX shell. Redacted values come from variables of their names: where one is not
 * set the shell says so, and nothing is sent.
 */
export function replayCommand({ flow, filter, hub, to, missing, timing, toOriginal }: Replay): string {
  return [
    `remora replay ${flow === undefined ? `-f ${shellQuote(filter ?? '')}` : shellQuote(flow)}`,
    `--url ${shellQuote(hub)}`,
    `--to ${shellQuote(to)}`,
    ...missing.map((name) => `--set ${name}="\${${name}:?}"`),
    ...(timing ? ['--timing'] : []),
    ...(toOriginal ? ['--yes'] : []),
  ].join(' \\\n  ');
}
