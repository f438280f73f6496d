import fc from 'fast-check';
import { expect, test } from 'vitest';
import { foldTemplates } from './path-fold.ts';

const gets = (...templates: string[]) => templates.map((template) => ({ method: 'GET', template }));
const names = Array.from({ length: 20 }, (_, n) => `thing${String.fromCharCode(97 + n)}`);

test('many names that are used alike are one, and what stands beside them stays', () => {
  const folded = foldTemplates([
    ...gets('/shop', ...names.map((name) => `/shop/${name}`), '/shop/search/all'),
    ...names.map((name) => ({ method: 'PUT', template: `/stock/${name}/count` })),
  ]);
  expect(folded.get('/shop')).toBe('/shop');
  expect(folded.get('/shop/thinga')).toBe('/shop/{id}');
  expect(folded.get('/shop/search/all')).toBe('/shop/search/all');
  expect(folded.get('/stock/thingb/count')).toBe('/stock/{id}/count');
});

test('a few, or such as are used differently, keep their names', () => {
  expect(foldTemplates(gets('/a', '/b', '/c')).get('/b')).toBe('/b');
  const differing = names.map((name, at) => ({ method: 'GET', template: `/${name}/action${at}` }));
  expect(foldTemplates(differing).get('/thinga/action0')).toBe('/thinga/action0');
  const identifiers = gets(...names.map((name) => `/${name}/{id}.png`));
  expect(foldTemplates(identifiers).get('/thinga/{id}.png')).toBe('/{id}/{id}.png');
});

test('the order changes nothing', () => {
  const segment = fc.constantFrom('', 'a', 'b', '{id}', ...names);
  const use = fc.record({
    method: fc.constantFrom('GET', 'POST'),
    template: fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => `/${parts.join('/')}`),
  });
  fc.assert(
    fc.property(fc.array(use, { maxLength: 80 }), (uses) => {
      const forward = foldTemplates(uses);
      expect(new Map([...foldTemplates(uses.toReversed())].sort())).toEqual(new Map([...forward].sort()));
      for (const [template, folded] of forward) {
        expect(folded.split('/').length).toBe(template.split('/').length);
      }
    }),
  );
});
