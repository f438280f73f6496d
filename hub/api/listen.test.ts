import { createServer } from 'node:net';
import fastify from 'fastify';
import { afterEach, expect, test, vi } from 'vitest';
import { listen } from './listen.ts';
import type { App } from './type-provider.ts';

const apps: App[] = [];
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
});
function newApp(): App {
  const app = fastify() as unknown as App;
  apps.push(app);
  return app;
}

test('every address is every one that the kernel has', async () => {
  const app = newApp();
  const { port } = await listen(app, '::', 0);
  expect(port).toBeGreaterThan(0);
  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(404);
});

test('a kernel without IPv6 still gives those of IPv4', async () => {
  const app = newApp();
  const real = app.listen.bind(app);
  vi.spyOn(app, 'listen').mockImplementation(async (options) => {
    if ((options as unknown as { host: string }).host === '::')
      throw Object.assign(new Error('no such family'), { code: 'EAFNOSUPPORT' });
    return (real as (options: unknown) => Promise<string>)(options);
  });
  const { address, port } = await listen(app, '::', 0);
  expect(address).toBe('0.0.0.0');
  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(404);
});

test('a port that is taken, and an address that is not ours', async () => {
  const other = createServer();
  await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
  const { port } = other.address() as { port: number };
  await expect(listen(newApp(), '127.0.0.1', port)).rejects.toMatchObject({ code: 'PORT_IN_USE' });
  other.close();
  await expect(listen(newApp(), '203.0.113.1', 0)).rejects.toMatchObject({ code: 'LISTEN_FAILED' });
});
