import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CAPTURE_KINDS } from './captures.ts';

export interface BenchOptions {
  json: boolean;
  quick: boolean;
  /** The parts to run. */
  parts: readonly string[];
  /** How often each program reads each capture. */
  rounds: number;
  /** Where the captures are kept. */
  captures: string;
  liveSeconds: number;
  /** Of the part history. */
  flows: number;
}

export const PARTS: readonly string[] = [
  ...CAPTURE_KINDS.map(({ name }) => name),
  'record',
  'live',
  'ingest',
  'history',
  'map',
  'page',
  'identity',
];

export const USAGE = `npm run bench -- [--only PART]... [--quick] [--rounds N] [--captures DIR] [--live-seconds N]
              [--flows N] [--json]
Parts: ${PARTS.join(', ')}`;

/** Reads the command line. Throws an Error that says what is wrong with it. */
export function readOptions(args: string[]): BenchOptions {
  const { values } = parseArgs({
    args,
    options: {
      json: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true },
      rounds: { type: 'string' },
      captures: { type: 'string', default: join(tmpdir(), 'remora-bench-captures') },
      'live-seconds': { type: 'string' },
      flows: { type: 'string' },
    },
  });
  const { json, quick, captures, only = PARTS } = values;
  const unknown = only.find((name) => !PARTS.includes(name));
  if (unknown !== undefined) throw new Error(`--only ${unknown}: there is no such part`);
  return {
    json,
    quick,
    captures,
    parts: PARTS.filter((name) => only.includes(name)),
    rounds: readCount('rounds', values.rounds, quick ? 1 : 3),
    liveSeconds: readCount('live-seconds', values['live-seconds'], quick ? 5 : 30),
    flows: readCount('flows', values.flows, quick ? 100_000 : 1_000_000),
  };
}

function readCount(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`--${name} ${text} is not a number above 0`);
  return Number(text);
}
