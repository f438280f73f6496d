/** What the command line asks for: which flows, as what, where to. */

import { usageError } from '../errors.ts';
import { parseSince } from '../hub/since.ts';
import { FORMATS, type Format, type FormatName, formatOf } from './formats.ts';

export interface ExportFlags {
  url?: string;
  since?: string;
  from?: string;
  to?: string;
  flow?: string;
  connection?: string;
  format?: FormatName;
  note?: string;
  /** `-` is standard output. */
  write?: string;
  force?: boolean;
  follow?: boolean;
  raw?: boolean;
  yes?: boolean;
  verbose?: boolean;
}

export interface ExportPlan {
  format: Format;
  /** `-` is standard output. */
  file: string;
  replace: boolean;
  /** From now on, until interrupted. */
  follow: boolean;
  /** With the secrets in it. */
  raw: boolean;
  selection: Selection;
  /** Of an incident file. */
  note?: string;
}

export interface Selection {
  filter: string;
  /** As the hub reads them: RFC 3339, `-15m`. */
  from?: string;
  to?: string;
  flow?: string;
  connection?: string;
}

const STDOUT = '-';

/** `toTerminal`: whether standard output is one. Throws CliError. */
export function planExport(flags: ExportFlags, filter: string, toTerminal: boolean): ExportPlan {
  const { flow, connection, raw = false } = flags;
  if (flags.since !== undefined && flags.from !== undefined)
    throw usageError('--since and --from exclude each other');
  if (flow !== undefined && connection !== undefined)
    throw usageError('--flow and --connection exclude each other');
  if (flags.write === undefined && flags.format === undefined) {
    throw usageError(
      'it is not said what to write',
      'Give a file: -w FILE, where FILE ends in .pcapng or .har.',
    );
  }
  const isTimed = flags.since !== undefined || flags.from !== undefined || flags.to !== undefined;
  const file = flags.write ?? STDOUT;
  const format = chooseFormat(flags, file);
  // `remora export -w - | wireshark -k -i -` is to show what happens.
  const isPiped = file === STDOUT && flags.format === undefined && !raw;
  const follow = flags.follow ?? (isPiped && !isTimed && flow === undefined && connection === undefined);
  if (follow && isTimed) throw usageError('--follow begins now: it has no --since, --from or --to');
  if (follow && flow !== undefined)
    throw usageError('--follow is of flows to come, and --flow of one that is there');
  if (follow && !format.canFollow) {
    throw usageError(`--follow has no meaning for ${format.name}`, 'It goes with pcapng, pcap and ndjson.');
  }
  if (raw && !format.isBinary)
    throw usageError('--raw is for packets', 'Write some: -w FILE.pcapng, or FILE.pcap.');
  if (raw && follow) throw usageError('--raw is of what is recorded, and has no meaning with --follow');
  if (flags.yes && !raw) throw usageError('--yes has a meaning only with --raw');
  if (flags.note !== undefined && format.name !== 'html')
    throw usageError('--note is for an incident file', 'Write one: -w FILE.html.');
  if (file === STDOUT && toTerminal && format.isBinary) {
    throw usageError(`${format.name} is nothing for a terminal`, 'Give a file: -w FILE.');
  }
  const selection: Selection = { filter };
  if (flags.since !== undefined && parseSince(flags.since) > 0) selection.from = `-${flags.since}`;
  if (flags.from !== undefined) selection.from = flags.from;
  if (flags.to !== undefined) selection.to = flags.to;
  if (flow !== undefined) selection.flow = flow;
  if (connection !== undefined) selection.connection = connection;
  const { force: replace = false, note } = flags;
  return { format, file, replace, follow, raw, selection, ...(note === undefined ? {} : { note }) };
}

function chooseFormat({ format }: ExportFlags, file: string): Format {
  if (format !== undefined) return FORMATS[format];
  return file === STDOUT ? FORMATS.pcapng : formatOf(file);
}

/** The filter for a selection: one flow or connection is a filter too. */
export function filterOf({ filter, flow, connection }: Selection): string {
  const parts = [
    filter === '' ? '' : `(${filter})`,
    flow === undefined ? '' : `id == ${JSON.stringify(flow)}`,
    connection === undefined ? '' : `connection == ${JSON.stringify(connection)}`,
  ];
  return parts.filter((part) => part !== '').join(' && ');
}

/** The selection of whole flows, as the API takes it. */
export function flowQuery(selection: Selection): URLSearchParams {
  const query = new URLSearchParams();
  const { from, to } = selection;
  for (const [name, value] of Object.entries({ filter: filterOf(selection), from, to }))
    if (value) query.set(name, value);
  return query;
}

/** Where the hub gives it, without a leading slash; `progress`: a name to ask how far it is. Of packets the hub wants to know the connection by its name. */
export function exportPath({ format, follow, raw, selection, note }: ExportPlan, progress?: string): string {
  const query = format.isBinary && !follow ? packetQuery(selection) : flowQuery(selection);
  if (format.isBinary && follow) query.set('follow', 'true');
  if (raw) query.set('raw', 'true');
  if (note !== undefined) query.set('note', note);
  if (progress !== undefined) query.set('progress', progress);
  return `api/v1/flows.${format.name}${query.size === 0 ? '' : `?${query}`}`;
}

function packetQuery(selection: Selection): URLSearchParams {
  const query = new URLSearchParams();
  const { filter, flow, connection, from, to } = selection;
  for (const [name, value] of Object.entries({ filter, flow, connection, from, to }))
    if (value) query.set(name, value);
  return query;
}
