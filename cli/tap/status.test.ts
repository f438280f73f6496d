import { expect, test } from 'vitest';
import type { Health } from '../../flow/api.ts';
import { statusLine } from './status.ts';

function health(...counters: Record<string, number>[]): Health {
  return {
    hub: { flows: 12345, flowsPerSecond: 44.6, storeBytes: 12 * 2 ** 20 },
    workers: counters.map((of) => ({ counters: of })),
  } as Health;
}

test('says how much was seen, and that nothing was lost', () => {
  expect(statusLine(health({}), undefined)).toBe('12,345 flows · 45/s · 0 packets dropped · 12 MiB stored');
});

test('adds up what all workers lost, wherever they lost it', () => {
  const line = statusLine(
    health({ kernelDrops: 1000, interfaceDrops: 200 }, { overloadDrops: 34, spoolDroppedFlows: 5 }),
    undefined,
  );
  expect(line).toContain('1,234 packets dropped · 5 flows dropped');
});

test('says how far a file is read, until it is', () => {
  expect(statusLine(health({}), 0.429)).toContain('42% read');
  expect(statusLine(health({}), 1)).not.toContain('read');
});
