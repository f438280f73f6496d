/** What flows can be taken away as. */

import { usageError } from '../errors.ts';

export interface Format {
  readonly name: FormatName;
  /** Of a file's name. */
  readonly endings: readonly string[];
  /** Nothing for a terminal. */
  readonly isBinary: boolean;
  /** It can be written while traffic goes on. */
  readonly canFollow: boolean;
}

export const FORMAT_NAMES = [
  'pcapng',
  'pcap',
  'har',
  'ndjson',
  'csv',
  'openapi',
  'html',
  'curl',
  'k6',
] as const;
export type FormatName = (typeof FORMAT_NAMES)[number];

/** Where several endings fit, the longest counts. */
export const FORMATS: Readonly<Record<FormatName, Format>> = {
  pcapng: { name: 'pcapng', endings: ['.pcapng'], isBinary: true, canFollow: true },
  pcap: { name: 'pcap', endings: ['.pcap', '.cap'], isBinary: true, canFollow: true },
  har: { name: 'har', endings: ['.har'], isBinary: false, canFollow: false },
  ndjson: { name: 'ndjson', endings: ['.ndjson', '.jsonl'], isBinary: false, canFollow: true },
  csv: { name: 'csv', endings: ['.csv'], isBinary: false, canFollow: false },
  html: { name: 'html', endings: ['.html', '.htm'], isBinary: false, canFollow: false },
  curl: { name: 'curl', endings: ['.sh'], isBinary: false, canFollow: false },
  k6: { name: 'k6', endings: ['.js'], isBinary: false, canFollow: false },
  openapi: { name: 'openapi', endings: ['.openapi', '.openapi.json'], isBinary: false, canFollow: false },
};

/** By the ending of a file's name. Throws CliError. */
export function formatOf(file: string): Format {
  const fitting = Object.values(FORMATS)
    .flatMap((format) => format.endings.map((ending) => ({ ending, format })))
    .filter(({ ending }) => file.toLowerCase().endsWith(ending))
    .sort((a, b) => b.ending.length - a.ending.length);
  const [first] = fitting;
  if (first !== undefined) return first.format;
  throw usageError(
    `the name ${file} does not say what is to be in it`,
    `Say it with --format (${FORMAT_NAMES.join(', ')}), or by the ending: ${file}.pcapng.`,
  );
}
