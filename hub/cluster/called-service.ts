import { dnsName } from '../ingest/namer.ts';
import type { Identity } from './identity.ts';
import type { ServiceIdentity } from './services.ts';

const HTTP_PORT = 80;

/**
 * The service that was called where its address was not seen, because it was translated before the packet was: of `services`, which
 * have the endpoint `ip`, the one that the Host field names (RFC 9110 §7.2), or the only one. None where the Host field has the
 * endpoint's own address.
 */
export function calledService(
  identity: Identity,
  services: readonly ServiceIdentity[],
  ip: string,
  host: string,
): ServiceIdentity | undefined {
  const name = dnsName(host);
  if (name !== undefined) {
    // SERVICE, SERVICE.NAMESPACE… or POD.SERVICE.NAMESPACE…
    const [first, second, third] = name.split('.');
    const named =
      services.find((s) => s.name === first && (second === undefined || s.namespace === second)) ??
      services.find((s) => s.name === second && s.namespace === third);
    if (named !== undefined) return named;
  } else {
    const at = addressOf(host);
    if (at.ip === ip) return undefined;
    const dialled =
      identity.service(at.ip, at.port) ??
      (identity.node(at.ip) === undefined ? undefined : identity.nodePort(at.port));
    if (dialled !== undefined && services.includes(dialled)) return dialled;
  }
  return services.length === 1 ? services[0] : undefined;
}

/** `IP`, `IP:PORT` or `[IPv6]:PORT`. */
function addressOf(host: string): { ip: string; port: number } {
  const [, v6, v4, port] = /^(?:\[(.*)\]|([^:]*))(?::(\d+))?$/.exec(host) ?? [];
  return { ip: v6 ?? v4 ?? '', port: Number(port ?? HTTP_PORT) };
}
