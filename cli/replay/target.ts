/** Where requests are sent again to, and with what in the place of redacted values. */

import { missingOf, type ReplayRequest } from '../../flow/replay/request.ts';
import { targetUrl } from '../../flow/replay/target.ts';
import { usageError } from '../errors.ts';

/** An address of a server, and perhaps a path that goes before all others. Throws CliError. */
export function parseTarget(text: string): URL {
  const url = targetUrl(text);
  if (url === undefined)
    throw usageError(`--to: "${text}" is no address of a server`, 'It looks like http://localhost:8080.');
  return url;
}

/** `NAME=VALUE`, with or without the REDACTED_ before the name. Throws CliError. */
export function parseValues(texts: readonly string[]): Map<string, string> {
  return new Map(
    texts.map((text) => {
      const [, name, value] = /^([A-Za-z0-9_]+)=(.*)$/s.exec(text) ?? [];
      if (name === undefined || value === undefined)
        throw usageError(`--set: "${text}" is not NAME=VALUE`, 'As in --set REDACTED_TOKEN=abc.');
      const upper = name.toUpperCase();
      return [upper.startsWith('REDACTED_') ? upper : `REDACTED_${upper}`, value];
    }),
  );
}

/** Throws CliError where redacted values have been given none: what is sent would not be what was recorded. */
export function requireValues(requests: readonly ReplayRequest[], values: ReadonlyMap<string, string>): void {
  const missing = [...new Set(requests.flatMap(missingOf))].filter((name) => !values.has(name));
  if (missing.length === 0) return;
  throw usageError(
    `these values were redacted: ${missing.join(', ')}`,
    `Give each one: ${missing.map((name) => `--set '${name}=...'`).join(' ')}`,
  );
}
