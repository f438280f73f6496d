import { usageError } from '../errors.ts';

const UNITS: Record<string, number> = { s: 1e6, m: 60e6, h: 3600e6, d: 86_400e6 };

/** A length of time as `--since` takes it, in µs. Throws CliError. */
export function parseSince(text: string): number {
  const [, number, unit] = /^(\d+)([smhd])$/.exec(text) ?? [];
  const us = Number(number) * (UNITS[unit ?? ''] ?? Number.NaN);
  if (!(us > 0))
    throw usageError(`--since: "${text}" is no length of time`, 'It looks like 30s, 15m, 2h or 1d.');
  return us;
}
