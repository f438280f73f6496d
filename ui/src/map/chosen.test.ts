import { expect, test } from 'vitest';
import { edgeKey } from '../../../flow/map-diff.ts';
import { type Chosen, readChosen, writeChosen } from './chosen.ts';

test.each<[Chosen, string]>([
  [{ kind: 'node', id: 'shop/web' }, 'node:shop/web'],
  [{ kind: 'node', id: '2001:db8::1' }, 'node:2001:db8::1'],
  [
    { kind: 'edge', id: edgeKey({ from: 'shop/web', to: 'api.example:443', protocol: 'http' }) },
    'edge:shop/web>api.example:443>http',
  ],
])('%j in an address', (chosen, text) => {
  expect(writeChosen(chosen)).toBe(text);
  expect(readChosen(text)).toEqual(chosen);
});

test('nothing, and what is no choice', () => {
  expect(writeChosen(undefined)).toBe('');
  for (const text of ['', 'node:', 'edge', 'pod:web']) expect(readChosen(text)).toBeUndefined();
});
