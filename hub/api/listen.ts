import type { AddressInfo } from 'node:net';
import { HubError } from '../errors.ts';
import type { App } from './type-provider.ts';

/**
 * Resolves with the address that can be connected to. `::` is every address of both families, and those of IPv4
 * alone where the kernel knows no IPv6. Rejects with HubError PORT_IN_USE or LISTEN_FAILED.
 */
export async function listen(app: App, host: string, port: number): Promise<AddressInfo> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (host === '::' && code === 'EAFNOSUPPORT') return listen(app, '0.0.0.0', port);
    if (code === 'EADDRINUSE') throw new HubError('PORT_IN_USE', `${host}:${port}`, error);
    throw new HubError('LISTEN_FAILED', `${host}:${port}: ${message}`, error);
  }
  return app.server.address() as AddressInfo;
}
