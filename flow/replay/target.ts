/** Where requests are sent again to. */

import type { Flow } from '../flow.ts';

/** The address of a server, perhaps with a path that goes before all others; undefined where it is none. */
export function targetUrl(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if ((url?.protocol !== 'http:' && url?.protocol !== 'https:') || url.search !== '' || url.hash !== '')
    return undefined;
  return url;
}

/** Whether the target is where one of the requests went at first. */
export function isOriginal(flows: readonly Flow[], { hostname, port, protocol }: URL): boolean {
  const own = port || (protocol === 'https:' ? '443' : '80');
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  return flows.some(({ dst, request }) => {
    const asked = URL.canParse(`http://${request?.host}`) ? new URL(`http://${request?.host}`) : undefined;
    const isAsked = asked?.hostname.replace(/^\[|\]$/g, '') === host && (asked.port || '80') === own;
    const names = [dst.ip, dst.name, dst.service, dst.pod].filter((name) => name !== undefined);
    return isAsked || names.some((name) => host === name || host.startsWith(`${name}.`));
  });
}
