import { describe, expect, test } from 'vitest';
import type { Flow } from '../../flow/flow.ts';
import { browserFixture, hasBrowser } from './fixture.ts';

// The mock hub says of every connection: the server closed it with FIN, 4 s after its newest flow.
describe.skipIf(!hasBrowser)('all exchanges of a connection', () => {
  const { hub: startHub, open } = browserFixture();

  test('stand in order with the silence between them, and what went wrong is explained', async () => {
    const hub = await startHub({ history: 100 });
    const now = Date.now();
    const exchange = (ms: number, change: Partial<Flow> = {}): string =>
      hub.push(() => ({
        time: new Date(now + ms).toISOString(),
        connection: 'one-17',
        completeness: ['complete'],
        elapsedMs: 20,
        ...change,
      }));
    const first = exchange(-9000);
    exchange(-8000, { response: undefined, elapsedMs: undefined, completeness: ['cut'] } as never);
    const page = await open(`${hub.url}?flow=${first}&tab=connection`);
    const list = page.getByRole('list', { name: 'Exchanges of this connection' });
    await list.waitFor();
    const lines = await list.getByRole('listitem').allInnerTexts();
    expect(lines).toHaveLength(3);
    expect(lines[1]).toContain('idle for 980 ms');
    expect(lines[2]).toContain('server closed it');
    expect(lines[0]).not.toContain('▲');
    const second = list.getByRole('listitem').nth(1);
    expect(await second.innerText()).toContain('it may have been among them');
    await second.getByRole('button').click();
    await expect.poll(() => second.getByRole('button').getAttribute('aria-current')).toBe('true');
    expect(await list.getByRole('listitem').count()).toBe(3);
  });
});
