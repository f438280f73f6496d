import { expect, test } from 'vitest';
import type { Connection } from '../../../flow/flow.ts';
import { refusedGroups } from './groups.ts';

const refused = (id: string, src: string, dst: string, port: number, namespace?: string) =>
  ({
    id,
    src: { ip: '10.0.0.1', port: 40_000 + id.length, name: src },
    dst: { ip: '10.0.0.2', port, name: dst, ...(namespace && { namespace }) },
  }) as Connection;

test('who asked whom on which port is one group; the largest first, of equal ones the newest', () => {
  const groups = refusedGroups([
    refused('f', 'front', 'redis', 6379),
    refused('e', 'cart', 'orders', 8080),
    refused('d', 'cart', 'orders', 9090),
    refused('c', 'cart', 'orders', 8080),
    refused('b', 'cart', 'orders', 8080, 'test'),
    refused('a', 'cart', 'orders', 8080),
  ]);
  expect(groups.map(({ connections }) => connections.map(({ id }) => id).join(''))).toEqual([
    'eca',
    'f',
    'd',
    'b',
  ]);
});
