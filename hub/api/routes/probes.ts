import type { ApiContext } from '../context.ts';
import type { App } from '../type-provider.ts';

const ALIVE = '/healthz';
const READY = '/readyz';

/** Whether this asks only what anybody may know: that the hub lives, and that it can be talked to. */
export function isProbe(url: string): boolean {
  return url === ALIVE || url === READY;
}

/** What Kubernetes asks, without a token and by whatever address. */
export function probeRoutes(app: App, { ready }: ApiContext): void {
  app.get(ALIVE, { schema: { hide: true } }, (_, reply) => reply.type('text/plain').send('ok\n'));
  app.get(READY, { schema: { hide: true } }, (_, reply) =>
    ready()
      ? reply.type('text/plain').send('ready\n')
      : reply.code(503).type('text/plain').send('not ready\n'),
  );
}
