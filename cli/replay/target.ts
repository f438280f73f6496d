/** Where requests are sent again to, and with what in the place of redacted values. */

import { missingOf, type ReplayRequest } from '../../flow/replay/request.ts';
import { usageError } from '../errors.ts';

/** An address of a server, and perhaps a path that goes before all others. Throws CliError. */
export function parseTarget(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if ((url?.protocol !== 'http:' && url?.protocol !== 'https:') || url.search !== '' || url.hash !== '')
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

/** Whether the target is where one of the requests went at first. */
export function isOriginal(requests: readonly ReplayRequest[], { hostname, port, protocol }: URL): boolean {
  const own = port || (protocol === 'https:' ? '443' : '80');
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  return requests.some(({ flow: { dst, request } }) => {
    const asked = URL.canParse(`http://${request?.host}`) ? new URL(`http://${request?.host}`) : undefined;
    const isAsked = asked?.hostname.replace(/^\[|\]$/g, '') === host && (asked.port || '80') === own;
    const names = [dst.ip, dst.name, dst.service, dst.pod].filter((name) => name !== undefined);
    return isAsked || names.some((name) => host === name || host.startsWith(`${name}.`));
  });
}
