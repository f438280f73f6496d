import { expect, test } from 'vitest';
import { pathTemplate } from './path-template.ts';

test.each([
  ['/', '/'],
  ['', ''],
  ['/api/v1/users', '/api/v1/users'],
  ['/users/17/orders/0f3a9b1c', '/users/{id}/orders/{id}'],
  ['/carts/c676154/items', '/carts/{id}/items'],
  ['/images/210.png', '/images/{id}.png'],
  ['/app.3f9c0b2e11.js', '/app.3f9c0b2e11.js'],
  ['/u/6f1c2a7e-93d1-4c0a-8a53-5b1e2a3c4d5e', '/u/{id}'],
  ['/days/2026-11-21', '/days/{id}'],
  ['/mail/ann@example.org', '/mail/{id}'],
  ['/t/eyJhbGciOiJIUzI1NiJ9x', '/t/{id}'],
  ['/decade/facade', '/decade/facade'],
  ['/oauth2/s3', '/oauth2/s3'],
  ['/a/b/c/d/e/f/g/h/i/j/k/l/m/n', '/a/b/c/d/e/f/g/h/i/j/k/…'],
])('%s is %s', (path, template) => {
  expect(pathTemplate(path)).toBe(template);
});
