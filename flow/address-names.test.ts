import { expect, test } from 'vitest';
import { addressNames, endpointOf, isAddressName } from './address-names.ts';
import type { Endpoint } from './flow.ts';

const at = { ip: '10.0.0.1', port: 80 };

test.each<[string, Endpoint]>([
  [
    'pod',
    { ...at, name: 'cart', namespace: 'shop', pod: 'cart-7f.x-1', workload: 'cart', node: 'n1.example' },
  ],
  [
    'pod behind a service',
    { ...at, name: 'cart', namespace: 'shop', pod: 'cart-1', workload: 'cart', service: 'carts' },
  ],
  ['service', { ...at, name: 'orders', namespace: 'shop', service: 'orders' }],
  ['node', { ...at, name: 'n1', node: 'n1' }],
  ['outside', { ...at, name: 'api.example.com' }],
])('%s: what is told of an end is read as it was', (_kind, endpoint) => {
  const names = addressNames(endpoint);
  expect(names.every(isAddressName)).toBe(true);
  expect(endpointOf(endpoint.ip, endpoint.port, names)).toEqual(endpoint);
});

test('people read a name with its namespace', () => {
  const pod = { ...at, name: 'cart', namespace: 'shop', pod: 'cart-1', workload: 'cart' };
  expect(addressNames(pod).at(-1)).toBe('cart-1.shop');
});

test('an address that is all that is known, and loopback, have no name', () => {
  expect(addressNames({ ...at, name: at.ip })).toEqual([]);
  expect(addressNames({ ip: '127.0.0.1', port: 80, name: 'shop' })).toEqual([]);
  expect(addressNames({ ip: '::1', port: 80, name: 'localhost:80' })).toEqual([]);
});

test('what is no name is none', () => {
  for (const text of ['', '10.0.0.1', 'a b', 'a\nb', '<b>', '-a', 'a.', 'é', 'x'.repeat(254)])
    expect(isAddressName(text), text).toBe(false);
});
