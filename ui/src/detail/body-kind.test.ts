import { expect, test } from 'vitest';
import { imageType, viewsOf } from './body-kind.ts';

test.each([
  [{ mime: 'application/json; charset=utf-8', text: '{}' }, ['json', 'values', 'text']],
  [{ mime: 'application/problem+json', text: '' }, ['json', 'values', 'text']],
  [{ mime: '', text: '  [1, 2' }, ['json', 'values', 'text']],
  [{ mime: 'Text/HTML', text: '<p>' }, ['html', 'text']],
  [{ mime: 'image/svg+xml', text: '<svg onload=alert(1)>' }, ['xml', 'text']],
  [{ mime: 'application/x-www-form-urlencoded', text: 'a=b' }, ['fields', 'text']],
  [{ mime: 'image/png', base64: '' }, ['image', 'hex']],
  [{ mime: 'application/pdf', base64: '' }, ['hex']],
  [{ mime: 'text/plain', text: 'hello' }, ['text']],
  [{ mime: 'x', withheld: 'binary' as const }, []],
])('%j is seen as %j', (body, views) => expect(viewsOf(body)).toEqual(views));

test('markup and documents are never taken for images', () => {
  expect(
    ['image/svg+xml', 'text/html', 'application/pdf', 'image/png;x', 'IMAGE/PNG'].map(imageType),
  ).toEqual([undefined, undefined, undefined, 'image/png', 'image/png']);
});
