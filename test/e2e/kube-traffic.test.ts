/** Real packets of pods on a simulated cluster, from worker to terminal. Needs a network namespace of its own. */

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Seen } from './cluster/traffic.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

const mayUnshare = spawnSync('unshare', ['--net', 'true']).status === 0;

test.runIf(mayUnshare)(
  'each request of the tapped pods once, with names at both ends',
  { timeout: 240_000 },
  () => {
    const { stdout, stderr } = spawnSync(
      'unshare',
      ['--net', process.execPath, '--import', 'tsx', 'test/e2e/cluster/traffic-in-namespace.ts'],
      { cwd: root, encoding: 'utf8', timeout: 230_000, maxBuffer: 2 ** 26 },
    );
    expect(stdout, stderr).not.toBe('');
    const seen = JSON.parse(stdout) as Seen;
    expect(seen.status).toBe(130);
    const pings = seen.flows.filter(({ request }) => request?.path === '/ping');
    expect(pings.length).toBeGreaterThanOrEqual(8);
    const asked = pings.map(({ request }) => request?.target);
    expect(new Set(asked).size).toBe(asked.length);
    for (const { src, dst, response } of pings) {
      expect(src).toMatchObject({ name: 'client', namespace: 'shop', workload: 'client' });
      expect(dst).toMatchObject({ namespace: 'shop', workload: 'web' });
      expect(dst.pod).toMatch(/^web-/);
      expect(response?.status).toBe(200);
    }
  },
);
